"""Where things have their pages. Names go into addresses only as these functions put them there."""

from urllib.parse import quote, urlencode

from linkops.devices.model import DeviceKey

_PREFIX = "/console"


def product_place(product_key: str, tab: str = "") -> str:
    """Return the address of a product's page, or of a tab of it."""
    return f"{_PREFIX}/products/{quote(product_key, safe='')}" + (f"?tab={tab}" if tab else "")


def device_place(key: DeviceKey) -> str:
    """Return the address of a device's page."""
    return f"{product_place(key.product_key)}/devices/{quote(key.device_name, safe='')}"


def group_place(group_id: int, tab: str = "") -> str:
    """Return the address of a group's page, or of a tab of it."""
    return f"{_PREFIX}/groups/{group_id}" + (f"?tab={tab}" if tab else "")


def list_place(name: str, **filters: str | int) -> str:
    """Return the address of a list, filtered; what is empty is left out."""
    query = urlencode({key: value for key, value in filters.items() if value != ""})
    return f"{_PREFIX}/{name}" + (f"?{query}" if query else "")
