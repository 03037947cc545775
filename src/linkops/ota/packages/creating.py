"""Creating a package: what may be asked for, and the part of the unit that adds it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Tx
from linkops.devices.access import require_product
from linkops.errors import Conflict, Invalid, NotFound
from linkops.events.actor import Actor, Role
from linkops.events.store import record_audit
from linkops.ota import names
from linkops.ota.diffs.model import Compression
from linkops.ota.model import DEFAULT_MODULE, Package, PackageKind, PackageStatus, SignMethod, Upload
from linkops.ota.modules.service import require_module
from linkops.ota.packages import store
from linkops.ota.signing.model import Signatures
from linkops.ota.signing.signer import require_current
from linkops.ota.uploads import store as uploads


class NewFile(msgspec.Struct, frozen=True):
    """A file of a package to be.

    Attributes:
        upload_id: of a file that the same account uploaded.
        file_name: what devices are told; '': the name of the upload.
    """

    upload_id: str
    file_name: str = ""


class NewPackage(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; the attributes are those of `linkops.ota.model.Package`.

    Attributes:
        files: 1 to 20, in the order in which devices are told of them.
        needs_verification: it may go to many devices only after a job that verifies it.
        diff_from: also make a differential package that brings devices from this whole package to the new one.
        compression: of that one.
    """

    product_key: str
    name: str
    version: str
    files: tuple[NewFile, ...]
    module: str = DEFAULT_MODULE
    kind: PackageKind = PackageKind.FULL
    source_version: str = ""
    sign_method: SignMethod = SignMethod.SHA256
    needs_verification: bool = False
    required_versions: tuple[str, ...] = ()
    description: str = ""
    custom_info: str = ""
    diff_from: int | None = None
    compression: Compression = Compression.HEATSHRINK


def check(new: NewPackage) -> None:
    """Do nothing if a package may look like this.

    Raises:
        Invalid: when it may not.
    """
    names.package_name(new.name)
    names.package_version(new.version)
    names.description(new.description)
    names.custom_info(new.custom_info)
    names.required_versions(new.required_versions, new.version)
    _check_kind(new)
    if not 1 <= len(new.files) <= names.MAX_FILES:
        raise Invalid("package.files_count_invalid", field="files", most=names.MAX_FILES)
    if len({file.upload_id for file in new.files}) < len(new.files):
        raise Invalid("package.file_repeated", field="files")


def _check_kind(new: NewPackage) -> None:
    if new.kind is PackageKind.FULL:
        if new.source_version:
            raise Invalid("package.source_version_not_allowed", field="source_version")
        return
    names.reported_version(new.source_version, "source_version")
    if new.source_version == new.version:
        raise Invalid("package.source_is_target", field="source_version", version=new.version)
    # Its source version says already who may be offered it, and by what it can be made.
    if new.required_versions:
        raise Invalid("package.required_versions_not_allowed", field="required_versions")
    if new.diff_from is not None:
        raise Invalid("package.diff_from_not_allowed", field="diff_from")


class ToSign(NamedTuple):
    """What is signed before the package is added."""

    product_id: int
    sha256s: list[str]


def to_sign(tx: Tx, actor: Actor, new: NewPackage, account_id: int, since: int) -> ToSign:
    """Return the digests of the files, for whoever may make packages of the product."""
    product = require_product(tx, actor, Role.OPERATOR, new.product_key)
    found = uploads.own(tx, [file.upload_id for file in new.files], account_id, since)
    return ToSign(product.id, [upload.sha256 for upload in found.values()])


def own_uploads(tx: Tx, new: NewPackage, account_id: int, since: int) -> list[Upload]:
    """Return the uploads that the files are made of, under their names to be.

    Raises:
        NotFound: one of them is not this account's, or gone.
        Invalid: the names do not go together.
    """
    found = uploads.own(tx, [file.upload_id for file in new.files], account_id, since)
    for file in new.files:
        if file.upload_id not in found:
            raise NotFound("upload.not_found", upload_id=file.upload_id)
    wanted = names.file_names([file.file_name or found[file.upload_id].file_name for file in new.files])
    return [
        msgspec.structs.replace(found[file.upload_id], file_name=name)
        for file, name in zip(new.files, wanted, strict=True)
    ]


def to_add(tx: Tx, actor: Actor, new: NewPackage) -> store.PackageToAdd:
    """Return the columns of a package.

    Raises:
        NotFound: the product or the module.
    """
    product = require_product(tx, actor, Role.OPERATOR, new.product_key)
    module = new.module if new.module == DEFAULT_MODULE else require_module(tx, product, new.module).name
    status = PackageStatus.UNVERIFIED if new.needs_verification else PackageStatus.NOT_REQUIRED
    return store.PackageToAdd(
        product.id,
        module,
        new.name,
        new.kind,
        new.source_version,
        new.version,
        new.sign_method,
        status,
        list(new.required_versions),
        new.description,
        new.custom_info,
        actor.name,
    )


def add(
    tx: Tx,
    actor: Actor,
    package: store.PackageToAdd,
    files: Sequence[Upload],
    signatures: Signatures,
    *,
    most: int,
    now: int,
) -> Package:
    """Add a package made of uploads, which are used up, and return it.

    Raises:
        Conflict: name or version is taken, or the server has ``most`` packages.
        KeyChanged: the signatures are of a key that signs no more.
    """
    require_free(tx, package.product_id, package.module, package.kind, package.source_version, package.version)
    require_free_name(tx, package.name)
    if store.count_all(tx) >= most:
        raise Conflict("package.too_many", most=most)
    require_current(tx, package.product_id, signatures)
    rows = [
        store.FileToAdd(position, file.id, file.file_name, *signatures.of(file.sha256))
        for position, file in enumerate(files)
    ]
    package_id = store.add(tx, package, rows, now)
    uploads.delete(tx, [file.id for file in files])
    added = store.by_id(tx, package_id)
    assert added is not None  # noqa: S101 - this unit added it
    audit(tx, actor, "package.create", added, now, files=[file.file_name for file in added.files],
          sha256=[file.sha256 for file in added.files])  # fmt: skip
    return added


def require_free(tx: Tx, product_id: int, module: str, kind: PackageKind, source_version: str, version: str) -> None:
    """Do nothing if there is no package that brings the module from there to ``version``.

    Raises:
        Conflict: otherwise.
    """
    if store.version_taken(tx, product_id, module, kind, source_version, version):
        raise Conflict("package.version_taken", module=module, version=version)


def require_free_name(tx: Tx, name: str) -> None:
    """Do nothing if no package has this name.

    Raises:
        Conflict: otherwise.
    """
    if store.name_taken(tx, name):
        raise Conflict("package.name_taken", name=name)


def audit(tx: Tx, actor: Actor, action: str, package: Package, now: int, **details: object) -> None:
    """Record what somebody did with a package."""
    described = {"module": package.module, "version": package.version, "name": package.name, **details}
    record_audit(tx, actor, now, action, f"package:{package.id}", product_id=package.product_id, **described)
