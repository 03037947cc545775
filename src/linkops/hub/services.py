"""The services that the hub calls."""

from dataclasses import dataclass

from linkops.devices.files.uploads.service import Uploads
from linkops.devices.incoming import Incoming
from linkops.devices.logs.uplinks import LogUplinks
from linkops.devices.presence.service import Presence
from linkops.devices.registration.service import Registrations
from linkops.devices.tags.service import Tags
from linkops.devices.topics.service import Topics
from linkops.devices.topology.uplinks.service import TopologyUplinks
from linkops.hub.calls import Worker
from linkops.ota.blocks.service import Blocks
from linkops.ota.uplinks.service import Uplinks
from linkops.remote_config.pulls.service import ConfigUplinks


@dataclass(frozen=True, slots=True)
class HubServices:
    """What messages and connections are handed to.

    Attributes:
        greeters: each takes the id of a device whose connection takes downlinks from now on.
    """

    presence: Presence
    uplinks: Uplinks
    blocks: Blocks
    config: ConfigUplinks
    files: Uploads
    logs: LogUplinks
    gateways: TopologyUplinks
    registrations: Registrations
    tags: Tags
    topics: Topics
    incoming: Incoming
    greeters: tuple[Worker, ...]
