"""SQL of packages and their files."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from linkops.db import Row, Tx
from linkops.ota.model import Download, Package, PackageFile, PackageStatus, SignMethod

_PACKAGE = """
SELECT k.id, k.product_id, p.product_key, k.module, k.name, k.version, k.sign_method, k.description, k.custom_info,
    k.created_by, k.created_at, k.updated_at
FROM ota_package k JOIN product p ON p.id = k.product_id
"""
_BY_ID = _PACKAGE + "WHERE k.id = :package_id"
_LOCK = "SELECT id FROM ota_package WHERE id = :package_id{for_update}"
_WANTED = """
WHERE (:all_products = 1 OR k.product_id IN (SELECT r.id FROM {products: id bigint} r))
    AND (CAST(:module AS TEXT) IS NULL OR k.module = :module)
    AND (CAST(:version AS TEXT) IS NULL OR k.version = :version)
    AND (CAST(:name_from AS TEXT) IS NULL OR (k.name >= :name_from AND k.name < :name_below))
"""
_NEWEST = _PACKAGE + _WANTED + "AND k.id < :edge ORDER BY k.id DESC LIMIT :most"
_OLDEST = _PACKAGE + _WANTED + "AND k.id > :edge ORDER BY k.id LIMIT :most"
_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM ota_package k {_WANTED} LIMIT :most) n"  # noqa: S608 - our own text
_FILES = """
SELECT package_id, id, file_name, size_bytes, md5, sha256 FROM ota_file
WHERE package_id IN (SELECT r.id FROM {packages: id bigint} r) ORDER BY package_id, position
"""
_ADD = """
INSERT INTO ota_package (product_id, module, name, kind, version, sign_method, status, description, custom_info,
    created_by, created_at, updated_at)
VALUES (:product_id, :module, :name, 'full', :version, :sign_method, 'not_required', :description, :custom_info,
    :created_by, :now, :now)
RETURNING id
"""
_ADD_FILE = """
INSERT INTO ota_file (package_id, position, file_name, blob_key, size_bytes, md5, sha256)
SELECT :package_id, 0, u.file_name, u.blob_key, u.size_bytes, u.md5, u.sha256 FROM upload u WHERE u.id = :upload_id
"""
_NAME_TAKEN = "SELECT 1 FROM ota_package WHERE name = :name"
_VERSION_TAKEN = """
SELECT 1 FROM ota_package WHERE product_id = :product_id AND module = :module AND kind = 'full' AND version = :version
"""
_EDIT = """
UPDATE ota_package SET name = :name, description = :description, custom_info = :custom_info, updated_at = :now
WHERE id = :package_id
"""
_SET_STATUS = "UPDATE ota_package SET status = :status, updated_at = :now WHERE id = :package_id"
_IN_USE = "SELECT 1 FROM ota_job WHERE package_id = :package_id AND ended_at IS NULL LIMIT 1"
_MODULE_IN_USE = "SELECT 1 FROM ota_package WHERE product_id = :product_id AND module = :module LIMIT 1"
_BLOBS = "SELECT blob_key FROM ota_file WHERE package_id = :package_id"
_DELETE = "DELETE FROM ota_package WHERE id = :package_id"
_DOWNLOAD = """
SELECT d.id, f.blob_key, f.file_name, f.size_bytes, f.md5, f.sha256
FROM ota_file f JOIN ota_package k ON k.id = f.package_id
JOIN device d ON d.id = :device_id AND d.product_id = k.product_id AND d.enabled = 1
WHERE f.id = :file_id
"""


class PackageToAdd(NamedTuple):
    """The columns of a package to be."""

    product_id: int
    module: str
    name: str
    version: str
    sign_method: SignMethod
    description: str
    custom_info: str
    created_by: str


class Question(NamedTuple):
    """Which packages; ``products`` None means all, other fields None are open."""

    products: Sequence[int] | None
    module: str | None
    version: str | None
    name_prefix: str | None


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


def version_taken(tx: Tx, product_id: int, module: str, version: str) -> bool:
    """Return whether there is a package of this version of the module."""
    return tx.scalar(_VERSION_TAKEN, product_id=product_id, module=module, version=version) is not None


def add(tx: Tx, package: PackageToAdd, upload_id: str, now: int) -> int:
    """Insert a package with the file of an upload and return its id."""
    package_id = int(tx.scalar(_ADD, **package._asdict(), now=now))
    tx.run(_ADD_FILE, package_id=package_id, upload_id=upload_id)
    return package_id


def edit(tx: Tx, package_id: int, name: str, description: str, custom_info: str, now: int) -> None:
    """Replace what may change."""
    tx.run(_EDIT, package_id=package_id, name=name, description=description, custom_info=custom_info, now=now)


def set_status(tx: Tx, package_id: int, status: PackageStatus, now: int) -> None:
    """Store what came of a verification."""
    tx.run(_SET_STATUS, package_id=package_id, status=status, now=now)


def in_use(tx: Tx, package_id: int) -> bool:
    """Return whether a job that has not ended offers it."""
    return tx.scalar(_IN_USE, package_id=package_id) is not None


def module_in_use(tx: Tx, product_id: int, module: str) -> bool:
    """Return whether a module has packages."""
    return tx.scalar(_MODULE_IN_USE, product_id=product_id, module=module) is not None


def delete(tx: Tx, package_id: int) -> list[str]:
    """Delete a package and return the keys of its files, which are not deleted."""
    keys = [key for (key,) in tx.all(_BLOBS, package_id=package_id)]
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
        "name_from": prefix,
        "name_below": None if prefix is None else prefix + "\U0010ffff",
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
        version=row[5],
        sign_method=SignMethod(row[6]),
        description=row[7],
        custom_info=row[8],
        created_by=row[9],
        created_at=row[10],
        updated_at=row[11],
        files=files,
    )
