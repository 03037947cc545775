"""Every kind of event: what applications may ask to hear of (docs/subscriptions.md#kinds)."""

DEVICE_ONLINE = "device.online"
DEVICE_OFFLINE = "device.offline"
GATEWAY_TOPOLOGY = "gateway.topology_changed"
GATEWAY_FOUND = "gateway.devices_found"
OTA_PROGRESS = "ota.progress"
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
    "ota.task_ended",
    "ota.version_changed",
    OTA_PROGRESS,
    "ota.job_changed",
    CONFIG_SAVED,
    CONFIG_SWITCHED,
    CONFIG_PUSHED,
    CONFIG_RESULT,
)
ONLY_WHEN_WANTED = frozenset({OTA_PROGRESS, CONFIG_RESULT})
"""So frequent that they are recorded only while somebody asks for them by name."""
USUAL = tuple(kind for kind in KINDS if kind not in ONLY_WHEN_WANTED)
"""What somebody hears who names no kinds."""
