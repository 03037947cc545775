"""SQL of packages and their files."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from linkops.db import Row, Tx
from linkops.db.patterns import containing, contains
from linkops.ota.model import Download, Package, PackageFile, PackageKind, PackageStatus, SignMethod

_PACKAGE = """
SELECT k.id, k.product_id, p.product_key, k.module, k.name, k.kind, k.source_version, k.version, k.sign_method,
    k.status, k.required_versions, k.description, k.custom_info, k.patch_format, k.whole_size_bytes, k.whole_sha256,
    k.created_by, k.created_at, k.updated_at
FROM ota_package k JOIN product p ON p.id = k.product_id
"""
_BY_ID = _PACKAGE + "WHERE k.id = :package_id"
_LOCK = "SELECT id FROM ota_package WHERE id = :package_id{for_update}"
_WANTED = f"""
WHERE (:all_products = 1 OR k.product_id IN (SELECT r.id FROM {{products: id bigint}} r))
    AND (CAST(:module AS TEXT) IS NULL OR k.module = :module)
    AND (CAST(:version AS TEXT) IS NULL OR k.version = :version)
    AND (CAST(:kind AS TEXT) IS NULL OR k.kind = :kind)
    AND (CAST(:status AS TEXT) IS NULL OR k.status = :status)
    AND (CAST(:name_from AS TEXT) IS NULL OR (k.name >= :name_from AND k.name < :name_below))
    AND (CAST(:pattern AS TEXT) IS NULL OR {contains("k.name", "pattern")}
        OR {contains("k.module || ' ' || k.version", "pattern")})
    AND (:one_file = 0 OR (SELECT count(*) FROM ota_file f WHERE f.package_id = k.id) = 1)
"""  # noqa: S608 - our own text
_NEWEST = _PACKAGE + _WANTED + "AND k.id < :edge ORDER BY k.id DESC LIMIT :most"
_OLDEST = _PACKAGE + _WANTED + "AND k.id > :edge ORDER BY k.id LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM ota_package k {_WANTED} LIMIT :most) n"  # noqa: S608 - our own text
_FILES = """
SELECT package_id, id, file_name, size_bytes, md5, sha256, digestsign, signed_by FROM ota_file
WHERE package_id IN (SELECT r.id FROM {packages: id bigint} r) ORDER BY package_id, position
"""
_ADD = """
INSERT INTO ota_package (product_id, module, name, kind, source_version, version, sign_method, status,
    required_versions, description, custom_info, patch_format, whole_size_bytes, whole_sha256, created_by, created_at,
    updated_at)
VALUES (:product_id, :module, :name, :kind, :source_version, :version, :sign_method, :status,
    :required_versions, :description, :custom_info, :patch_format, :whole_size_bytes, :whole_sha256, :created_by, :now,
    :now)
RETURNING id
"""
_ADD_FILES = """
INSERT INTO ota_file (package_id, position, file_name, blob_key, size_bytes, md5, sha256, digestsign, signed_by)
SELECT :package_id, r.position, r.file_name, u.blob_key, u.size_bytes, u.md5, u.sha256, r.digestsign, r.signed_by
FROM {files: position integer, upload_id text, file_name text, digestsign text, signed_by text} r
JOIN upload u ON u.id = r.upload_id
"""
_COUNT_ALL = "SELECT count(*) FROM ota_package"
_NAME_TAKEN = "SELECT 1 FROM ota_package WHERE name = :name"
_VERSION_TAKEN = """
SELECT 1 FROM ota_package WHERE product_id = :product_id AND module = :module AND kind = :kind
    AND source_version = :source_version AND version = :version
"""
_EDIT = """
UPDATE ota_package SET name = :name, description = :description, custom_info = :custom_info,
    required_versions = :required_versions, updated_at = :now
WHERE id = :package_id
"""
_SET_STATUS = "UPDATE ota_package SET status = :status, updated_at = :now WHERE id = :package_id"
_SIGN = """
UPDATE ota_file SET digestsign = r.digestsign, signed_by = r.signed_by
FROM {files: id bigint, digestsign text, signed_by text} r WHERE ota_file.id = r.id
"""
_TOUCH = "UPDATE ota_package SET updated_at = :now WHERE id = :package_id"
_IN_USE = "SELECT 1 FROM ota_job WHERE package_id = :package_id AND ended_at IS NULL LIMIT 1"
_MODULE_IN_USE = "SELECT 1 FROM ota_package WHERE product_id = :product_id AND module = :module LIMIT 1"
_BLOBS = "SELECT blob_key FROM ota_file WHERE package_id = :package_id ORDER BY position"
_DELETE = "DELETE FROM ota_package WHERE id = :package_id"
_DOWNLOAD = """
SELECT d.id, f.blob_key, f.file_name, f.size_bytes, f.md5, f.sha256
FROM ota_file f JOIN ota_package k ON k.id = f.package_id
JOIN device d ON d.id = :device_id AND d.product_id = k.product_id AND d.enabled = 1
WHERE f.id = :file_id
"""


_encode = msgspec.json.Encoder().encode
_decode_versions = msgspec.json.Decoder(list[str]).decode


class PackageToAdd(NamedTuple):
    """The columns of a package to be; see `linkops.ota.model.Package`."""

    product_id: int
    module: str
    name: str
    kind: PackageKind
    source_version: str
    version: str
    sign_method: SignMethod
    status: PackageStatus
    required_versions: list[str]
    description: str
    custom_info: str
    created_by: str
    patch_format: str = ""
    whole_size_bytes: int | None = None
    whole_sha256: str = ""


class FileToAdd(NamedTuple):
    """A file of a package to be, made of an upload."""

    position: int
    upload_id: str
    file_name: str
    digestsign: str
    signed_by: str


class Question(NamedTuple):
    """Which packages; ``products`` None means all, other fields None are open; `PackageFilter` says what they mean."""

    products: Sequence[int] | None
    module: str | None
    version: str | None
    name_prefix: str | None
    kind: PackageKind | None
    status: PackageStatus | None
    containing: str | None = None
    one_file: bool = False


def by_id(tx: Tx, package_id: int) -> Package | None:
    """Return a package."""
    return next(iter(_with_files(tx, tx.all(_BY_ID, package_id=package_id))), None)


def lock(tx: Tx, package_id: int) -> None:
    """Keep others from deleting a package, or making a job for it, until the unit ends."""
    tx.one(_LOCK, package_id=package_id)


def newest(tx: Tx, question: Question, below: int, most: int) -> list[Package]:
    """Return up to ``most`` packages with an id below ``below``, newest first."""
    return _with_files(tx, tx.all(_NEWEST, edge=below, most=most, **_params(question)))


def oldest(tx: Tx, question: Question, above: int, most: int) -> list[Package]:
    """Return up to ``most`` packages with an id above ``above``, oldest first."""
    return _with_files(tx, tx.all(_OLDEST, edge=above, most=most, **_params(question)))


def count(tx: Tx, question: Question, most: int) -> int:
    """Return how many packages there are, counting to ``most``."""
    return int(tx.scalar(_COUNT, most=most, **_params(question)))


def name_taken(tx: Tx, name: str) -> bool:
    """Return whether a package has this name."""
    return tx.scalar(_NAME_TAKEN, name=name) is not None


def version_taken(tx: Tx, product_id: int, module: str, kind: PackageKind, source_version: str, version: str) -> bool:
    """Return whether there is a package of this kind that brings the module from there to this version."""
    found = tx.scalar(
        _VERSION_TAKEN, product_id=product_id, module=module, kind=kind, source_version=source_version, version=version
    )
    return found is not None


def count_all(tx: Tx) -> int:
    """Return how many packages the server keeps."""
    return int(tx.scalar(_COUNT_ALL))


def add(tx: Tx, package: PackageToAdd, files: Sequence[FileToAdd], now: int) -> int:
    """Insert a package with the files of uploads and return its id."""
    columns = package._asdict() | {"required_versions": _encode(package.required_versions).decode()}
    package_id = int(tx.scalar(_ADD, **columns, now=now))
    tx.run(_ADD_FILES, package_id=package_id, files=files)
    return package_id


def edit(tx: Tx, package: Package, now: int) -> None:
    """Replace what may change."""
    tx.run(
        _EDIT,
        package_id=package.id,
        name=package.name,
        description=package.description,
        custom_info=package.custom_info,
        required_versions=_encode(package.required_versions).decode(),
        now=now,
    )


def set_status(tx: Tx, package_id: int, status: PackageStatus, now: int) -> None:
    """Record how the verification of a package stands."""
    tx.run(_SET_STATUS, package_id=package_id, status=status, now=now)


def sign(tx: Tx, package_id: int, signatures: Sequence[tuple[int, str, str]], now: int) -> None:
    """Replace the signatures of files, given as (id of the file, signature, fingerprint of the key)."""
    tx.run(_SIGN, files=signatures)
    tx.run(_TOUCH, package_id=package_id, now=now)


def blob_keys(tx: Tx, package_id: int) -> list[str]:
    """Return where the files of a package are stored, in order."""
    return [key for (key,) in tx.all(_BLOBS, package_id=package_id)]


def in_use(tx: Tx, package_id: int) -> bool:
    """Return whether a job that has not ended offers it."""
    return tx.scalar(_IN_USE, package_id=package_id) is not None


def module_in_use(tx: Tx, product_id: int, module: str) -> bool:
    """Return whether a module has packages."""
    return tx.scalar(_MODULE_IN_USE, product_id=product_id, module=module) is not None


def delete(tx: Tx, package_id: int) -> list[str]:
    """Delete a package and return the keys of its files, which are not deleted."""
    keys = blob_keys(tx, package_id)
    tx.run(_DELETE, package_id=package_id)
    return keys


def download(tx: Tx, device_id: int, file_id: int) -> Download | None:
    """Return a file, if it is for this device and the device is enabled."""
    row = tx.one(_DOWNLOAD, device_id=device_id, file_id=file_id)
    return None if row is None else Download(*row)


def _params(question: Question) -> dict[str, object]:
    prefix = question.name_prefix or None
    return {
        "all_products": int(question.products is None),
        "products": [(product_id,) for product_id in question.products or ()],
        "module": question.module,
        "version": question.version,
        "kind": question.kind,
        "status": question.status,
        "name_from": prefix,
        "name_below": None if prefix is None else prefix + "\U0010ffff",
        "pattern": containing(question.containing) if question.containing else None,
        "one_file": int(question.one_file),
    }


def _with_files(tx: Tx, rows: Iterable[Row]) -> list[Package]:
    rows = list(rows)
    files: dict[int, list[PackageFile]] = {row[0]: [] for row in rows}
    for package_id, *file in tx.all(_FILES, packages=[(package_id,) for package_id in files]):
        files[package_id].append(PackageFile(*file))
    return [_package(row, files[row[0]]) for row in rows]


def _package(row: Row, files: list[PackageFile]) -> Package:
    return Package(
        id=row[0],
        product_id=row[1],
        product_key=row[2],
        module=row[3],
        name=row[4],
        kind=PackageKind(row[5]),
        source_version=row[6],
        version=row[7],
        sign_method=SignMethod(row[8]),
        status=PackageStatus(row[9]),
        required_versions=_decode_versions(row[10]),
        description=row[11],
        custom_info=row[12],
        patch_format=row[13],
        whole_size_bytes=row[14],
        whole_sha256=row[15],
        created_by=row[16],
        created_at=row[17],
        updated_at=row[18],
        files=files,
    )
