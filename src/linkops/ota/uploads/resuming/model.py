"""What a resumable upload is. Times are Unix milliseconds."""

import msgspec

MAX_RESUME_KEY_CHARS = 128
MAX_UNFINISHED = 50
"""Of one account."""
MAX_LISTED = 200


class ResumableUpload(msgspec.Struct, frozen=True, kw_only=True):
    """A file of which the first ``have_bytes`` bytes are on disk.

    Attributes:
        resume_key: by which its client knows the file again; '' if it never asks.
        md5: '' until the file is finished, as is ``sha256``.
        expires_at: it is deleted then, unless more of it comes or a package takes it.
    """

    id: str
    file_name: str
    size_bytes: int
    have_bytes: int
    resume_key: str
    md5: str
    sha256: str
    created_at: int
    expires_at: int

    @property
    def finished(self) -> bool:
        """Return whether a package can be made of it."""
        return self.sha256 != ""


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """The row of an upload that is not finished."""

    id: str
    account_id: int
    file_name: str
    size_bytes: int
    have_bytes: int
    resume_key: str
    blob_key: str
    created_at: int
    updated_at: int
