"""What doors for people call: REST and the console use the same services."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from linkops.accounts.logins import Logins
from linkops.accounts.repeats.service import Repeats
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.service import Tokens
from linkops.accounts.trail.service import Trail
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.service import Groups
from linkops.devices.imports.service import Imports
from linkops.devices.messages import MessageLog
from linkops.devices.outgoing import Outgoing
from linkops.devices.products.service import Products
from linkops.devices.search.service import DeviceSearch
from linkops.devices.service import Devices
from linkops.ota.service import Ota
from linkops.remote_config.service import RemoteConfig
from linkops.subscriptions.service import Subscriptions

Check = Callable[[], Awaitable[bool]]
"""Answers whether a part of the server works."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that these doors call.

    Attributes:
        checks: by name, what must work for the server to be ready: the database, the hub, the disk.
    """

    accounts: Accounts
    logins: Logins
    tokens: Tokens
    trail: Trail
    repeats: Repeats
    products: Products
    devices: Devices
    search: DeviceSearch
    imports: Imports
    groups: Groups
    members: Members
    member_imports: MemberImports
    messages: MessageLog
    outgoing: Outgoing
    ota: Ota
    remote_config: RemoteConfig
    subscriptions: Subscriptions
    checks: Mapping[str, Check]
