"""What packages are called by."""

from collections.abc import Mapping
from typing import Any

from linkops.console.texts import _, n_
from linkops.ota.diffs.model import Compression, DiffStatus, Stage
from linkops.ota.model import JobKind, Package, PackageKind, PackageStatus, Selection, SignMethod

KINDS = {PackageKind.FULL: n_("Whole"), PackageKind.DIFF: n_("Differential")}
STATUSES = {
    PackageStatus.NOT_REQUIRED: n_("Not required"),
    PackageStatus.UNVERIFIED: n_("Not verified"),
    PackageStatus.VERIFYING: n_("Verifying"),
    PackageStatus.VERIFIED: n_("Verified"),
    PackageStatus.FAILED: n_("Failed"),
}
JOB_KINDS = {JobKind.UPGRADE: n_("Rollout"), JobKind.VERIFY: n_("Verification")}
SELECTIONS = {Selection.STATIC: n_("Static"), Selection.DYNAMIC: n_("Dynamic")}
SIGN_METHODS = {SignMethod.SHA256: "SHA-256", SignMethod.MD5: "MD5"}
COMPRESSIONS = {
    Compression.HEATSHRINK: n_("heatshrink: quick to make, images up to 128 MB"),
    Compression.CRLE: n_("CRLE: hardly any memory on the device, images up to 32 MB"),
}
STAGES = {
    Stage.NONE: n_("Waits for its turn"),
    Stage.FETCHING: n_("Fetching both images"),
    Stage.COMPARING: n_("Comparing them"),
    Stage.PROVING: n_("Proving the result"),
    Stage.STORING: n_("Storing it"),
}
DIFF_STATES = {
    DiffStatus.QUEUED: "QUEUED",
    DiffStatus.RUNNING: "IN_PROGRESS",
    DiffStatus.SUCCEEDED: "SUCCEEDED",
    DiffStatus.FAILED: "FAILED",
    DiffStatus.CANCELED: "CANCELED",
}


def versions_of(package: Package) -> str:
    """Return which version it brings, and of a differential one from which."""
    return f"{package.source_version} → {package.version}" if package.source_version else package.version


def package_path(package_id: int) -> str:
    """Return the address of a package's page."""
    return f"/console/packages/{package_id}"


def named_any(words: Mapping[Any, str], label: str) -> dict[str, str]:
    """Return options in the viewer's language, before which stands one that leaves it open."""
    return {"": label} | {str(key): _(word) for key, word in words.items()}
