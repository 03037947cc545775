"""Packages: create, edit, sign, delete, list, download."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit
from linkops.errors import Conflict, Forbidden, Invalid
from linkops.events.actor import Actor, Role
from linkops.links import Opens, read_token
from linkops.ota import names
from linkops.ota.access import require_package
from linkops.ota.diffs import queueing
from linkops.ota.diffs.model import NewDiff
from linkops.ota.model import Download, Package, PackageKind, PackageStatus
from linkops.ota.packages import creating, store
from linkops.ota.packages.creating import NewPackage
from linkops.ota.paging import Order, edge_of, page_by_age
from linkops.ota.signing.model import Signatures
from linkops.ota.signing.signer import PackageSigner, require_current
from linkops.ota.uploads import store as uploads
from linkops.ota.uploads.service import owner, usable_since
from linkops.secretbox import SecretBox
from linkops.settings import Settings


class PackageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which packages; None leaves a field open.

    Attributes:
        containing: what stands somewhere in the name, or in module and version with a blank between them, in capital
            letters or not.
        one_file: True: only those of a single file.
    """

    product_key: str | None = None
    module: str | None = None
    version: str | None = None
    name_prefix: str | None = None
    kind: PackageKind | None = None
    status: PackageStatus | None = None
    containing: str | None = None
    one_file: bool | None = None


class Made(NamedTuple):
    """A package that was made, and the number of the differential one that is being made of it (None: none is)."""

    package: Package
    diff_id: int | None


class Packages:
    """The packages of the products that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(self, db: Database, clock: Clock, settings: Settings, box: SecretBox, link_key: bytes) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._signer = PackageSigner(db, box)
        self._link_key = link_key

    async def create(self, actor: Actor, new: NewPackage) -> Package:
        """Make a package of uploaded files, signed if its product signs, and return it; see `create_with_diff`."""
        return (await self.create_with_diff(actor, new)).package

    async def create_with_diff(self, actor: Actor, new: NewPackage) -> Made:
        """Make a package of uploaded files and queue the differential one that ``new.diff_from`` asks for.

        Raises:
            Invalid: a field.
            NotFound: the product, the module, an upload, or the package of ``diff_from``.
            Conflict: the name or the version is taken, there are too many packages, or no diff can be made.
        """
        creating.check(new)
        if new.diff_from is not None:
            queueing.require_tool()
        wanted = await self._db.read(creating.to_sign, actor, new, owner(actor), self._since())

        async def create(signatures: Signatures) -> Made:
            try:
                return await self._db.write(self._create, actor, new, signatures)
            except Duplicate:
                # Another process was faster; its package is visible now and named in the refusal.
                return await self._db.write(self._create, actor, new, signatures)

        return await self._signer.signed(wanted.product_id, wanted.sha256s, create)

    def _create(self, tx: Tx, actor: Actor, new: NewPackage, signatures: Signatures) -> Made:
        now, most = self._clock.now(), self._settings.max_packages
        package = creating.to_add(tx, actor, new)
        files = creating.own_uploads(tx, new, owner(actor), self._since())
        made = creating.add(tx, actor, package, files, signatures, most=most, now=now)
        if new.diff_from is None:
            return Made(made, None)
        asked = NewDiff(from_package_id=new.diff_from, to_package_id=made.id, compression=new.compression,
                        needs_verification=new.needs_verification)  # fmt: skip
        return Made(made, queueing.queue(tx, actor, asked, now).id)

    def _since(self) -> int:
        return usable_since(self._clock.now(), self._settings)

    async def get(self, actor: Actor, package_id: int) -> Package:
        """Return a package."""
        return await self._db.read(require_package, actor, Role.VIEWER, package_id)

    async def page(
        self,
        actor: Actor,
        wanted: PackageFilter,
        *,
        order: Order = Order.NEWEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Package]:
        """Return the packages that ``wanted`` describes, ``limit`` at a time.

        Raises:
            Invalid: limit or cursor.
        """
        check_limit(limit)
        edge = edge_of(order, cursor)

        def read(tx: Tx) -> Page[Package]:
            question = _question(tx, actor, wanted)
            some = store.newest if order is Order.NEWEST else store.oldest
            rows = some(tx, question, edge, limit + 1)
            return page_by_age(order, limit, rows, store.count(tx, question, MAX_TOTAL + 1))

        return await self._db.read(read)

    async def edit(
        self,
        actor: Actor,
        package_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        custom_info: str | None = None,
        required_versions: Sequence[str] | None = None,
    ) -> Package:
        """Change what is given; devices that are offered the package from then on get the new text.

        Raises:
            Invalid: a field.
            Conflict: the name is taken.
        """
        if name is not None:
            names.package_name(name)
        names.description(description or "")
        names.custom_info(custom_info or "")
        changes = {"name": name, "description": description, "custom_info": custom_info}
        given: dict[str, Any] = {field: text for field, text in changes.items() if text is not None}
        if required_versions is not None:
            given["required_versions"] = list(required_versions)
        try:
            return await self._db.write(self._edit, actor, package_id, given)
        except Duplicate:
            raise Conflict("package.name_taken", name=name) from None

    def _edit(self, tx: Tx, actor: Actor, package_id: int, given: dict[str, Any]) -> Package:
        now = self._clock.now()
        before = require_package(tx, actor, Role.OPERATOR, package_id)
        after = msgspec.structs.replace(before, **given, updated_at=now)
        names.required_versions(after.required_versions, after.version)
        if after.required_versions and after.kind is PackageKind.DIFF:
            raise Invalid("package.required_versions_not_allowed", field="required_versions")
        store.edit(tx, after, now)
        creating.audit(tx, actor, "package.edit", after, now, **given)
        return after

    async def sign(self, actor: Actor, package_id: int) -> Package:
        """Sign a package again, with the key that its product has now.

        Raises:
            Conflict: packages of the product are not signed.
        """
        package = await self._db.read(require_package, actor, Role.OPERATOR, package_id)

        async def sign(signatures: Signatures) -> Package:
            return await self._db.write(self._sign, actor, package_id, signatures)

        return await self._signer.signed(package.product_id, [file.sha256 for file in package.files], sign)

    def _sign(self, tx: Tx, actor: Actor, package_id: int, signatures: Signatures) -> Package:
        now = self._clock.now()
        package = require_package(tx, actor, Role.OPERATOR, package_id)
        if signatures.key_id is None:
            raise Conflict("signing.is_off", product_key=package.product_key)
        require_current(tx, package.product_id, signatures)
        store.sign(tx, package_id, [(file.id, *signatures.of(file.sha256)) for file in package.files], now)
        creating.audit(tx, actor, "package.sign", package, now, fingerprint=signatures.fingerprint)
        return require_package(tx, actor, Role.OPERATOR, package_id)

    async def delete(self, actor: Actor, package_id: int) -> None:
        """Delete a package and its files; ended jobs keep what they say about it.

        Raises:
            Conflict: a job that has not ended offers it.
        """
        await self._db.write(self._delete, actor, package_id)

    def _delete(self, tx: Tx, actor: Actor, package_id: int) -> None:
        store.lock(tx, package_id)
        package = require_package(tx, actor, Role.OPERATOR, package_id)
        if store.in_use(tx, package_id):
            raise Conflict("package.in_use", package_id=package_id)
        uploads.abandon(tx, store.delete(tx, package_id))
        creating.audit(tx, actor, "package.delete", package, self._clock.now())

    async def open_download(self, token: str) -> Download:
        """Return what a device may read by the token of its download link.

        Raises:
            Forbidden: the token is not ours, its time is over, or the device is disabled or the file gone.
        """
        link = read_token(self._link_key, token, self._clock.now())
        if link.opens is not Opens.PACKAGE_FILE:
            raise Forbidden("link.invalid")
        download = await self._db.read(store.download, link.device_id, link.item_id)
        if download is None:
            raise Forbidden("link.invalid")
        return download


def _question(tx: Tx, actor: Actor, wanted: PackageFilter) -> store.Question:
    products = actor.visible_products()
    if wanted.product_key is not None:
        products = [require_product(tx, actor, Role.VIEWER, wanted.product_key).id]
    return store.Question(
        products,
        wanted.module,
        wanted.version,
        wanted.name_prefix,
        wanted.kind,
        wanted.status,
        wanted.containing,
        one_file=bool(wanted.one_file),
    )
