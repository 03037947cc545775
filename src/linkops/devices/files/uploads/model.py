"""An upload that is under way, what the hub asks about one, and what it is told."""

from typing import NamedTuple

import msgspec

from linkops.alink.uploads import UploadBlock, UploadCancel, UploadFault, UploadInit
from linkops.devices.presence.model import Accepted


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file of which the first ``have_bytes`` bytes are on disk.

    Attributes:
        size_bytes: of the whole file; None: a stream, whose last block says that it is that.
        room_bytes: how long it may become.
        crc64: of the bytes that are here.
        wanted_crc64: of the whole file, as the device wrote it; "" is not checked.
        init_uid: of the request that began it; "" where it had none.
        blob_key: where the file goes when it is complete.
    """

    id: str
    device_id: int
    product_id: int
    file_name: str
    size_bytes: int | None
    room_bytes: int
    have_bytes: int
    crc64: int
    wanted_crc64: str
    init_uid: str
    blob_key: str


class Wanted(NamedTuple):
    """A device wants to upload a file."""

    device: Accepted
    init: UploadInit
    now: int


class Arrived(NamedTuple):
    """A block arrived whole."""

    device: Accepted
    block: UploadBlock
    now: int


class GivenUp(NamedTuple):
    """A device gives up an upload."""

    device: Accepted
    cancel: UploadCancel
    now: int


class Refuse(NamedTuple):
    """The request changes nothing; ``next_offset`` is where the next block begins, where that is what was wrong."""

    fault: UploadFault
    next_offset: int | None = None


class Begun(NamedTuple):
    """The device may send what follows ``offset``."""

    upload_id: str
    offset: int


class Kept(NamedTuple):
    """The block is on disk, and is not the last one."""


class Complete(NamedTuple):
    """The block made the file complete; check sums of the device ("": none) and of the server."""

    wanted_crc64: str
    crc64: str


class Damaged(NamedTuple):
    """All bytes are here, and are not what the device announced; the upload is given up."""

    wanted_crc64: str
    crc64: str


class Canceled(NamedTuple):
    """There is no such upload any more."""


BlockResult = Kept | Complete | Damaged | Refuse
