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


def job_place(job_id: int) -> str:
    """Return the address of a rollout's page."""
    return f"{_PREFIX}/jobs/{job_id}"


def configuration_place(product_key: str, tab: str = "") -> str:
    """Return the address of the page of a product's configuration, or of a tab of it."""
    return f"{_PREFIX}/configuration/{quote(product_key, safe='')}" + (f"?tab={tab}" if tab else "")


def group_document_place(product_key: str, group_id: int) -> str:
    """Return the address of a group's document of a product's configuration, whether there is one yet or not."""
    return f"{configuration_place(product_key)}/groups/{group_id}"


def device_document_place(key: DeviceKey) -> str:
    """Return the address of a device's own document, whether there is one yet or not."""
    return f"{configuration_place(key.product_key)}/devices/{quote(key.device_name, safe='')}"


def given_place(key: DeviceKey) -> str:
    """Return the address of what configuration a device is given."""
    return f"{device_document_place(key)}/given"


def list_place(name: str, **filters: object) -> str:
    """Return the address of a list, filtered; what is empty is left out."""
    return with_filters(f"{_PREFIX}/{name}", **filters)


def with_filters(path: str, **filters: object) -> str:
    """Return an address with what is asked of the page; what is empty is left out."""
    query = urlencode({name: value for name, value in filters.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path
