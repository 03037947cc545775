"""Queueing a differential package: of which two packages one can be made, and the part of the unit that queues it."""

import re
from importlib.util import find_spec

from linkops.db import Tx
from linkops.errors import Conflict, Invalid, TooLarge, TooMany, Unavailable
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import names
from linkops.ota.access import require_package
from linkops.ota.diffs import store
from linkops.ota.diffs.model import MAX_WAITING, Compression, Diff, NewDiff
from linkops.ota.model import Package, PackageKind
from linkops.ota.packages import store as packages

_MAX_NAME_CHARS = 40


def require_tool() -> None:
    """Do nothing if this installation can make differential packages.

    Raises:
        Unavailable: the extra ``diffs`` is not installed.
    """
    if find_spec("detools") is None:
        raise Unavailable("diff.tool_missing")


def queue(tx: Tx, actor: Actor, new: NewDiff, now: int) -> Diff:
    """Queue a differential package and return it.

    Raises:
        NotFound: a package.
        Invalid: the name.
        Conflict: the packages do not go together, or there is such a package, or will be.
        TooLarge: an image.
        TooMany: `MAX_WAITING` are waiting.
    """
    before = require_package(tx, actor, Role.OPERATOR, new.from_package_id)
    after = require_package(tx, actor, Role.OPERATOR, new.to_package_id)
    check(before, after, new.compression)
    name = names.package_name(new.name or default_name(before, after))
    _check_free(tx, name, before, after)
    row = store.DiffToAdd(
        after.product_id, after.module, before.id, after.id, before.version, after.version, name, new.compression,
        int(new.needs_verification), after.size_bytes, actor.account_id, actor.name,
    )  # fmt: skip
    diff = store.by_id(tx, store.add(tx, row, now))
    assert diff is not None  # noqa: S101 - this unit added it
    asked = {"from": before.name, "to": after.name, "compression": diff.compression}
    record_audit(tx, actor, now, "diff.create", f"diff:{diff.id}", product_id=diff.product_id, **asked)
    return diff


def check(before: Package, after: Package, compression: Compression) -> None:
    """Do nothing if a differential package can bring devices from ``before`` to ``after``.

    Raises:
        Invalid: it is the same package twice.
        Conflict: they are not of one module, or one is not whole or has several files.
        TooLarge: an image is too large for this compression.
    """
    if before.id == after.id:
        raise Invalid("diff.same_package", field="from_package_id")
    if (before.product_id, before.module) != (after.product_id, after.module):
        raise Conflict("diff.other_module", from_package_id=before.id, to_package_id=after.id)
    for package in (before, after):
        if package.kind is not PackageKind.FULL or len(package.files) != 1:
            raise Conflict("diff.not_one_whole_file", package_id=package.id)
        if package.size_bytes > compression.max_image_bytes:
            raise TooLarge("diff.image_too_large", package_id=package.id, max_bytes=compression.max_image_bytes)


def _check_free(tx: Tx, name: str, before: Package, after: Package) -> None:
    if packages.version_taken(tx, after.product_id, after.module, PackageKind.DIFF, before.version, after.version):
        raise Conflict("package.version_taken", module=after.module, version=after.version)
    if packages.name_taken(tx, name):
        raise Conflict("package.name_taken", name=name)
    if store.same_waiting(tx, name, before.id, after.id):
        raise Conflict("diff.waiting_already", name=name)
    if store.waiting(tx) >= MAX_WAITING:
        raise TooMany("diff.too_many_waiting", most=MAX_WAITING)


def default_name(before: Package, after: Package) -> str:
    """Return a package name that tells both versions, as far as names are long enough."""
    ending = "-from-" + re.sub(r"[^A-Za-z0-9_()-]+", "-", before.version)
    return after.name[: max(1, _MAX_NAME_CHARS - len(ending))] + ending[: _MAX_NAME_CHARS - 1]
