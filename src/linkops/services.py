"""What doors for people call: REST and the console use the same services."""

from collections.abc import Mapping
from dataclasses import dataclass

from linkops.accounts.first_run import FirstRun
from linkops.accounts.logins import Logins
from linkops.accounts.repeats.service import Repeats
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.service import Tokens
from linkops.accounts.trail.service import Trail
from linkops.devices.bootstrap.service import BootstrapNotices
from linkops.devices.broadcasts import Broadcasts
from linkops.devices.certificates.service import X509
from linkops.devices.files.service import DeviceFiles
from linkops.devices.groups.members.imports import MemberImports
from linkops.devices.groups.members.service import Members
from linkops.devices.groups.service import Groups
from linkops.devices.imports.service import Imports
from linkops.devices.logs.service import Logs
from linkops.devices.messages import MessageLog
from linkops.devices.outgoing import Outgoing
from linkops.devices.products.service import Products
from linkops.devices.questions import Questions
from linkops.devices.registration.service import Registrations
from linkops.devices.search.service import DeviceSearch
from linkops.devices.service import Devices
from linkops.devices.tags.service import Tags
from linkops.devices.topics.service import Topics
from linkops.devices.topology.joining.service import Joining
from linkops.devices.topology.service import Topology
from linkops.devices.totals.service import DeviceTotals
from linkops.ota.service import Ota
from linkops.remote_config.delivery import ConfigDelivery
from linkops.remote_config.service import RemoteConfig
from linkops.subscriptions.service import Subscriptions
from linkops.upkeep.backups import Backups
from linkops.upkeep.service import Check, Upkeep


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that these doors call.

    Attributes:
        checks: by name, what must work for the server to be ready: the database, the hub, the disk.
    """

    accounts: Accounts
    first_run: FirstRun
    logins: Logins
    tokens: Tokens
    trail: Trail
    repeats: Repeats
    products: Products
    registrations: Registrations
    bootstrap_notices: BootstrapNotices
    devices: Devices
    search: DeviceSearch
    totals: DeviceTotals
    imports: Imports
    groups: Groups
    members: Members
    member_imports: MemberImports
    x509: X509
    messages: MessageLog
    outgoing: Outgoing
    device_files: DeviceFiles
    logs: Logs
    topology: Topology
    joining: Joining
    broadcasts: Broadcasts
    questions: Questions
    tags: Tags
    topics: Topics
    ota: Ota
    config_delivery: ConfigDelivery
    remote_config: RemoteConfig
    subscriptions: Subscriptions
    upkeep: Upkeep
    backups: Backups
    checks: Mapping[str, Check]
