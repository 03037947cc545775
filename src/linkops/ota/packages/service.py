"""Packages: create, edit, delete, list, download."""

import msgspec

from linkops.clock import Clock
from linkops.db import Database, Duplicate, Tx
from linkops.devices.access import require_product
from linkops.devices.paging import MAX_TOTAL, Page, check_limit
from linkops.errors import Conflict, Forbidden, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import links, names
from linkops.ota.access import require_package
from linkops.ota.model import DEFAULT_MODULE, Download, Package, SignMethod
from linkops.ota.modules.service import require_module
from linkops.ota.packages import store
from linkops.ota.paging import Order, edge_of, page_by_age
from linkops.ota.uploads import store as uploads
from linkops.ota.uploads.service import owner, usable_since
from linkops.settings import Settings


class NewPackage(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; the attributes are those of `linkops.ota.model.Package`.

    Attributes:
        upload_id: of a file that the same account uploaded.
    """

    product_key: str
    name: str
    version: str
    upload_id: str
    module: str = DEFAULT_MODULE
    sign_method: SignMethod = SignMethod.SHA256
    description: str = ""
    custom_info: str = ""


class PackageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which packages; None leaves a field open."""

    product_key: str | None = None
    module: str | None = None
    version: str | None = None
    name_prefix: str | None = None


class Packages:
    """The packages of the products that an actor may see; what it may not see is `NotFound`.

    Looking takes a viewer of the product, everything else an operator.
    """

    def __init__(self, db: Database, clock: Clock, settings: Settings, link_key: bytes) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._link_key = link_key

    async def create(self, actor: Actor, new: NewPackage) -> Package:
        """Make a package of an uploaded file.

        Raises:
            Invalid: a field.
            NotFound: the product, the module or the upload.
            Conflict: the name is taken, or the module has a package of this version.
        """
        names.package_name(new.name)
        names.package_version(new.version)
        names.description(new.description)
        names.custom_info(new.custom_info)
        try:
            return await self._db.write(self._create, actor, new)
        except Duplicate:
            # Another process was faster; its package is visible now and named in the refusal.
            return await self._db.write(self._create, actor, new)

    def _create(self, tx: Tx, actor: Actor, new: NewPackage) -> Package:
        now = self._clock.now()
        to_add = _to_add(tx, actor, new)
        upload = uploads.own(tx, new.upload_id, owner(actor), usable_since(now, self._settings))
        if upload is None:
            raise NotFound("upload.not_found", upload_id=new.upload_id)
        package_id = store.add(tx, to_add, upload.id, now)
        uploads.delete(tx, upload.id)
        package = require_package(tx, actor, Role.OPERATOR, package_id)
        _audit(tx, actor, "package.create", package, now, file_name=upload.file_name, sha256=upload.sha256)
        return package

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
        given = {field: text for field, text in changes.items() if text is not None}
        try:
            return await self._db.write(self._edit, actor, package_id, given)
        except Duplicate:
            raise Conflict("package.name_taken", name=name) from None

    def _edit(self, tx: Tx, actor: Actor, package_id: int, given: dict[str, str]) -> Package:
        now = self._clock.now()
        before = require_package(tx, actor, Role.OPERATOR, package_id)
        after = msgspec.structs.replace(before, **given, updated_at=now)
        store.edit(tx, package_id, after.name, after.description, after.custom_info, now)
        _audit(tx, actor, "package.edit", after, now, **given)
        return after

    async def delete(self, actor: Actor, package_id: int) -> None:
        """Delete a package and its file; ended jobs keep what they say about it.

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
        _audit(tx, actor, "package.delete", package, self._clock.now())

    async def open_download(self, token: str) -> Download:
        """Return what a device may read by the token of its download link.

        Raises:
            Forbidden: the token is not ours, its time is over, or the device is disabled or the file gone.
        """
        link = links.read_token(self._link_key, token, self._clock.now())
        download = await self._db.read(store.download, link.device_id, link.file_id)
        if download is None:
            raise Forbidden("link.invalid")
        return download


def _to_add(tx: Tx, actor: Actor, new: NewPackage) -> store.PackageToAdd:
    product = require_product(tx, actor, Role.OPERATOR, new.product_key)
    module = new.module if new.module == DEFAULT_MODULE else require_module(tx, product, new.module).name
    if store.name_taken(tx, new.name):
        raise Conflict("package.name_taken", name=new.name)
    if store.version_taken(tx, product.id, module, new.version):
        raise Conflict("package.version_taken", module=module, version=new.version)
    return store.PackageToAdd(
        product.id, module, new.name, new.version, new.sign_method, new.description, new.custom_info, actor.name
    )


def _question(tx: Tx, actor: Actor, wanted: PackageFilter) -> store.Question:
    products = actor.visible_products()
    if wanted.product_key is not None:
        products = [require_product(tx, actor, Role.VIEWER, wanted.product_key).id]
    return store.Question(products, wanted.module, wanted.version, wanted.name_prefix)


def _audit(tx: Tx, actor: Actor, action: str, package: Package, now: int, **details: str) -> None:
    described = {"module": package.module, "version": package.version, "name": package.name, **details}
    record_audit(tx, actor, now, action, f"package:{package.id}", product_id=package.product_id, **described)
