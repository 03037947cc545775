"""What the console has, in the order in which people look for it."""

import re
from typing import NamedTuple

from linkops.console.texts import n_
from linkops.events.actor import Role


class Place(NamedTuple):
    """An entry of the navigation.

    Attributes:
        path: below ``/console``; pages whose paths begin with it belong to it.
        role: least role, for any product, of who sees it.
        of_all: whether it takes that role for all products.
    """

    label: str
    icon: str
    path: str
    role: Role = Role.VIEWER
    of_all: bool = False


class Section(NamedTuple):
    """Entries that belong together, under a heading; the first has none."""

    label: str
    places: tuple[Place, ...]


# Alarms stand between updates and configuration, remote access behind configuration, once they exist.
SECTIONS = (
    Section("", (Place(n_("Overview"), "space_dashboard", "/"),)),
    Section(
        n_("Devices"),
        (
            Place(n_("Products"), "category", "/products"),
            Place(n_("Devices"), "memory", "/devices"),
            Place(n_("Groups"), "workspaces", "/groups"),
        ),
    ),
    Section(
        n_("Updates"),
        (
            Place(n_("Packages"), "inventory_2", "/packages"),
            Place(n_("Rollouts"), "rocket_launch", "/jobs"),
            Place(n_("Data analysis"), "insights", "/statistics"),
        ),
    ),
    Section(n_("Configuration"), (Place(n_("Remote configuration"), "tune", "/configuration"),)),
    Section(
        n_("Administration"),
        (
            Place(n_("Users"), "group", "/users", Role.ADMIN, of_all=True),
            Place(n_("API tokens"), "key", "/tokens"),
            Place(n_("Webhooks"), "webhook", "/webhooks", Role.ADMIN),
            Place(n_("Audit trail"), "history", "/trail", Role.ADMIN),
            Place(n_("Server"), "dns", "/server", Role.ADMIN, of_all=True),
        ),
    ),
)


_PAGE_OF_A_DEVICE = re.compile(r"/products/[^/]+/devices/")


def is_at(place: Place, path: str) -> bool:
    """Return whether a page, by its path below ``/console``, belongs to a place."""
    if place.path == "/":
        return path in {"", "/"}
    if _PAGE_OF_A_DEVICE.match(path):  # below the page of its product
        return place.path == "/devices"
    return path == place.path or path.startswith(f"{place.path}/")
