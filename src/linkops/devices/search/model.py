"""What can be asked of the list of devices."""

from enum import StrEnum

import msgspec

from linkops.devices.conditions.model import Condition, ConditionField
from linkops.devices.model import Device


class Order(StrEnum):
    """By what a list is sorted; devices with no such time come last."""

    NAME = "name"
    NEWEST = "newest"
    OLDEST = "oldest"
    LAST_SEEN = "last_seen"


class DeviceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices; None: whatever.

    Attributes:
        product_key: of one product; needed with `module`.
        name_prefix: of the device name.
        tag_value: of the tag ``tag_key``; None: any value.
        version: reported for ``module``; None: any, as long as one was.
        group_id: in this group or one below it.
    """

    product_key: str | None = None
    name_prefix: str = ""
    online: bool | None = None
    enabled: bool | None = None
    activated: bool | None = None
    tag_key: str | None = None
    tag_value: str | None = None
    module: str | None = None
    version: str | None = None
    group_id: int | None = None

    def conditions(self) -> list[Condition]:
        """Return what must hold for a device, apart from its product and its group."""
        switches = {
            ConditionField.ONLINE: self.online,
            ConditionField.ENABLED: self.enabled,
            ConditionField.ACTIVATED: self.activated,
        }
        wanted = [Condition(field=field, holds=holds) for field, holds in switches.items() if holds is not None]
        if self.name_prefix:
            wanted.append(Condition(field=ConditionField.NAME_PREFIX, prefix=self.name_prefix))
        if self.tag_key is not None:
            wanted.append(Condition(field=ConditionField.TAG, key=self.tag_key, value=self.tag_value))
        if self.module is not None:
            versions = None if self.version is None else (self.version,)
            wanted.append(Condition(field=ConditionField.VERSION, module=self.module, versions=versions))
        return wanted


class DeviceRow(msgspec.Struct, frozen=True):
    """A device as lists show it."""

    device: Device
    tags: dict[str, str]
