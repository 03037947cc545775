"""Where devices, products and rollouts have their pages."""

from urllib.parse import quote, urlencode

from linkops.devices.model import DeviceKey


def device_path(key: DeviceKey) -> str:
    """Return the address of a device's page."""
    return f"{product_path(key.product_key)}/devices/{quote(key.device_name, safe='')}"


def product_path(product_key: str) -> str:
    """Return the address of a product's page."""
    return f"/console/products/{quote(product_key, safe='')}"


def job_path(job_id: int) -> str:
    """Return the address of a rollout's page."""
    return f"/console/jobs/{job_id}"


def asking(path: str, **asked: object) -> str:
    """Return an address with what is asked of the page; what is empty is left out."""
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path
