"""Every kind of event: what applications may ask to hear of (docs/subscriptions.md#kinds)."""

from linkops.events.actor import Role

DEVICE_ONLINE = "device.online"
DEVICE_OFFLINE = "device.offline"
GATEWAY_TOPOLOGY = "gateway.topology_changed"
GATEWAY_FOUND = "gateway.devices_found"
DEVICE_MESSAGE = "device.message"
OTA_PROGRESS = "ota.progress"
VERSION_CHANGED = "ota.version_changed"
CONFIG_SAVED = "config.saved"
CONFIG_SWITCHED = "config.switched"
CONFIG_PUSHED = "config.pushed"
CONFIG_RESULT = "config.result"
FILE_UPLOADED = "device.file_uploaded"

KINDS = (
    DEVICE_ONLINE,
    DEVICE_OFFLINE,
    "device.registered",
    "device.enabled",
    "device.disabled",
    "device.deleted",
    FILE_UPLOADED,
    GATEWAY_TOPOLOGY,
    GATEWAY_FOUND,
    DEVICE_MESSAGE,
    "device.certificate_expiring",
    "device.certificate_revoked",
    "ota.task_ended",
    VERSION_CHANGED,
    OTA_PROGRESS,
    "ota.job_changed",
    CONFIG_SAVED,
    CONFIG_SWITCHED,
    CONFIG_PUSHED,
    CONFIG_RESULT,
)
ONLY_WHEN_WANTED = frozenset({CONFIG_RESULT, DEVICE_MESSAGE, OTA_PROGRESS})
"""So frequent that they are recorded only while somebody asks for them by name."""
USUAL = tuple(kind for kind in KINDS if kind not in ONLY_WHEN_WANTED)
"""What somebody hears who names no kinds."""
FOR_OPERATORS = frozenset({DEVICE_MESSAGE})
"""What devices say may be private: it takes an operator of the product, as the live message log does."""


def reader_of(kind: str) -> Role:
    """Return which role for its product somebody needs to read events of a kind."""
    return Role.OPERATOR if kind in FOR_OPERATORS else Role.VIEWER
