"""What devices read about an update, and what applications hear of it (docs/protocol/ota.md#push).

The bodies of events are spelled as applications read them (docs/subscriptions.md#payloads); who the device is and when
it was are added when an event is delivered.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from linkops.alink.firmware import Firmware, FirmwareFile
from linkops.events.kinds import OTA_PROGRESS, VERSION_CHANGED
from linkops.events.store import Event
from linkops.ota.model import DEFAULT_MODULE, SignMethod
from linkops.ota.rollout import TaskState
from linkops.ota.uplinks.reports import ReportedVersion

CUSTOM_INFO_KEY = "_package_udi"
PATCH_FORMAT_KEY = "_package_patch_format"
RESULT_SHA256_KEY = "_package_patch_result_sha256"
"""Keys in ``extData`` that are ours; tags of a job begin with no underscore."""

_NO_TAGS: Mapping[str, str] = MappingProxyType({})
# Spelled as device SDKs compare it.
_METHODS = {SignMethod.MD5: "Md5", SignMethod.SHA256: "SHA256"}


class OfferedFile(msgspec.Struct, frozen=True, gc=False):
    """One file of an offer; ``digestsign`` is '' when the product's devices get no signatures."""

    id: int
    file_name: str
    size_bytes: int
    md5: str
    sha256: str
    digestsign: str = ""

    def sign(self, method: SignMethod) -> str:
        """Return the digest that devices compare."""
        return self.md5 if method is SignMethod.MD5 else self.sha256


class Offer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is the same for every device that a job offers its package to.

    Attributes:
        diff: whether the file is a patch.
        patch_format: of a diff that LinkOps made; else ''.
        result_sha256: of the image that such a diff yields; else ''.
        files: 1 to 20.
        tags: of the job.
        over_mqtt: whether devices read the file by blocks of their task, as the reference has it for one file only.
    """

    job_id: int
    module: str
    version: str
    diff: bool = False
    sign_method: SignMethod
    custom_info: str = ""
    patch_format: str = ""
    result_sha256: str = ""
    files: tuple[OfferedFile, ...]
    tags: Mapping[str, str] = _NO_TAGS
    over_mqtt: bool = False


UrlOf = Callable[[int], str]
"""Returns the download URL of a file, by its id."""


def firmware(offer: Offer, task_id: int, url_of: UrlOf) -> Firmware:
    """Return the payload of a push, or of the answer to a pull, for one device's task."""
    if len(offer.files) > 1:
        return _of_several(offer, url_of)
    return _of_one(offer, url_of, task_id if offer.over_mqtt else None)


def _of_one(offer: Offer, url_of: UrlOf, stream_id: int | None) -> Firmware:
    file, over_mqtt = offer.files[0], stream_id is not None
    # The C SDK verifies nothing else that it fetched over MQTT (docs/protocol/ota.md#push).
    method = SignMethod.MD5 if over_mqtt else offer.sign_method
    return Firmware(
        size=file.size_bytes,
        version=offer.version,
        is_diff=1 if offer.diff else msgspec.UNSET,
        url=msgspec.UNSET if over_mqtt else url_of(file.id),
        d_protocol="mqtt" if over_mqtt else msgspec.UNSET,
        stream_id=msgspec.UNSET if stream_id is None else stream_id,
        stream_file_id=1 if over_mqtt else msgspec.UNSET,
        md5=file.md5,
        sign=file.sign(method),
        sign_method=_METHODS[method],
        digestsign=file.digestsign or msgspec.UNSET,
        module=_module(offer),
        ext_data=_ext_data(offer),
    )


def _of_several(offer: Offer, url_of: UrlOf) -> Firmware:
    return Firmware(
        version=offer.version,
        is_diff=1 if offer.diff else msgspec.UNSET,
        sign_method=_METHODS[offer.sign_method],
        module=_module(offer),
        files=[_file(file, offer.sign_method, url_of) for file in offer.files],
        ext_data=_ext_data(offer),
    )


def _file(file: OfferedFile, method: SignMethod, url_of: UrlOf) -> FirmwareFile:
    return FirmwareFile(
        file_size=file.size_bytes,
        file_name=file.file_name,
        file_url=url_of(file.id),
        file_md5=file.md5,
        file_sign=file.sign(method),
        digestsign=file.digestsign or msgspec.UNSET,
    )


def _module(offer: Offer) -> str | msgspec.UnsetType:
    return msgspec.UNSET if offer.module == DEFAULT_MODULE else offer.module


def _ext_data(offer: Offer) -> dict[str, str] | msgspec.UnsetType:
    ours = {
        CUSTOM_INFO_KEY: offer.custom_info,
        PATCH_FORMAT_KEY: offer.patch_format,
        RESULT_SHA256_KEY: offer.result_sha256,
    }
    said = {**offer.tags, **{key: text for key, text in ours.items() if text}}
    return said or msgspec.UNSET


def task_ended(task: TaskState, at: int) -> Event:
    """Return what applications hear when a task ended."""
    body = {
        "status": task.status,
        "srcVersion": task.source_version,
        "destVersion": task.version,
        "desc": task.description,
        "jobId": str(task.job_id),
        "taskId": str(task.id),
        "moduleName": task.module,
    }
    return Event(at, "ota.task_ended", task.product_id, task.device_id, body)


def progressed(task: TaskState, step: int, at: int) -> Event:
    """Return what applications hear when a device reported how far it is, or by a negative ``step`` that it failed."""
    body = {
        "moduleName": task.module,
        "srcVersion": task.source_version,
        "destVersion": task.version,
        "step": step,
        "desc": task.description,
    }
    return Event(at, OTA_PROGRESS, task.product_id, task.device_id, body)


def version_changed(report: ReportedVersion, before: str) -> Event:
    """Return what applications hear when a device runs another version of a module than ``before`` ('': its first)."""
    body = {"moduleName": report.module, "srcVersion": before, "moduleVersion": report.version}
    return Event(report.at, VERSION_CHANGED, report.product_id, report.device_id, body)


def job_changed(job_id: int, product_id: int, package_id: int, module: str, status: str, at: int) -> Event:
    """Return what applications hear when a job's status changed."""
    body = {
        "moduleName": module,
        "packageId": str(package_id),
        "jobId": str(job_id),
        "status": status,
    }
    return Event(at, "ota.job_changed", product_id, None, body)
