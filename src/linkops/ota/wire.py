"""What devices read about an update, and what applications hear of it (docs/protocol/ota.md#push).

The bodies of events are spelled as applications read them (docs/subscriptions.md#payloads); who the device is and when
it was are added when an event is delivered.
"""

import msgspec

from linkops.alink.firmware import Firmware
from linkops.events.kinds import OTA_PROGRESS
from linkops.events.store import Event
from linkops.ota.links import Link, write_token
from linkops.ota.model import DEFAULT_MODULE, SignMethod
from linkops.ota.rollout import TaskState

CUSTOM_INFO_KEY = "_package_udi"


class Offer(msgspec.Struct, frozen=True, gc=False):
    """What is the same for every device that a job offers its package to."""

    job_id: int
    module: str
    version: str
    sign_method: SignMethod
    custom_info: str
    file_id: int
    size_bytes: int
    md5: str
    sha256: str


class LinkWriter(msgspec.Struct, frozen=True):
    """Makes download URLs: ``<base_url>/files/<token>``, valid for ``valid_s``."""

    base_url: str
    key: bytes
    valid_s: int

    def url(self, device_id: int, file_id: int, now: int) -> str:
        """Return a fresh URL for one device."""
        token = write_token(self.key, Link(device_id, file_id, now // 1_000 + self.valid_s))
        return f"{self.base_url}/files/{token}"


def firmware(offer: Offer, url: str) -> Firmware:
    """Return the payload of a push or of the answer to a pull."""
    by_md5 = offer.sign_method is SignMethod.MD5
    return Firmware(
        size=offer.size_bytes,
        version=offer.version,
        url=url,
        md5=offer.md5,
        sign=offer.md5 if by_md5 else offer.sha256,
        # Spelled as device SDKs compare it.
        sign_method="Md5" if by_md5 else "SHA256",
        module=msgspec.UNSET if offer.module == DEFAULT_MODULE else offer.module,
        ext_data={CUSTOM_INFO_KEY: offer.custom_info} if offer.custom_info else msgspec.UNSET,
    )


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


def version_changed(device_id: int, product_id: int, module: str, version: str, at: int) -> Event:
    """Return what applications hear when a device runs another version of a module than before."""
    return Event(at, "ota.version_changed", product_id, device_id, {"moduleName": module, "moduleVersion": version})


def job_changed(job_id: int, product_id: int, package_id: int, module: str, status: str, at: int) -> Event:
    """Return what applications hear when a job's status changed."""
    body = {
        "moduleName": module,
        "packageId": str(package_id),
        "jobId": str(job_id),
        "status": status,
    }
    return Event(at, "ota.job_changed", product_id, None, body)
