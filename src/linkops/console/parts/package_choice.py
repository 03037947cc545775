"""Choosing a package by a part of its name, or of module and version: what is typed is looked for on the server."""

from collections.abc import Callable

import msgspec

from linkops.console.parts.choices import SHOWN, Find
from linkops.console.view import view
from linkops.ota.model import Package
from linkops.ota.packages.service import PackageFilter


def finding_packages(wanted: Callable[[], PackageFilter | None]) -> Find:
    """Return what finds packages of those ``wanted`` at that time, the newest first; None: there is none."""
    seen = view()

    async def find(text: str) -> dict[int, str]:
        asked = wanted()
        if asked is None:
            return {}
        found = await seen.services.ota.packages.page(
            await seen.act(), msgspec.structs.replace(asked, containing=text), limit=SHOWN
        )
        return {package.id: title_of(package) for package in found.items}

    return find


def title_of(package: Package) -> str:
    """Return what a package is called in a choice."""
    return f"{package.name} \N{MIDDLE DOT} {package.module} {package.version}"
