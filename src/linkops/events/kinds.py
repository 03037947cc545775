"""Every kind of event: what applications may ask to hear of (docs/subscriptions.md#kinds)."""

DEVICE_ONLINE = "device.online"
DEVICE_OFFLINE = "device.offline"
OTA_PROGRESS = "ota.progress"
CONFIG_SAVED = "config.saved"
CONFIG_SWITCHED = "config.switched"

KINDS = (
    DEVICE_ONLINE,
    DEVICE_OFFLINE,
    "device.enabled",
    "device.disabled",
    "device.deleted",
    "ota.task_ended",
    "ota.version_changed",
    OTA_PROGRESS,
    "ota.job_changed",
    CONFIG_SAVED,
    CONFIG_SWITCHED,
)
ONLY_WHEN_WANTED = frozenset({OTA_PROGRESS})
"""So frequent that they are recorded only while somebody asks for them by name."""
USUAL = tuple(kind for kind in KINDS if kind not in ONLY_WHEN_WANTED)
"""What somebody hears who names no kinds."""
