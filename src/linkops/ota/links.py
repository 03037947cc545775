"""Download links: short, unforgeable, for one device, one file and a limited time.

A token is 21 bytes of what it opens and 16 bytes of HMAC-SHA256, in base64url: 50 characters without ``:``, since
device SDKs in C take neither long URLs nor colons (docs/protocol/ota.md#download).
"""

import base64
import binascii
import hmac
import struct
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from linkops.errors import Forbidden

_WHAT = struct.Struct(">BQQI")
_FORM = 1
_TAG_BYTES = 16
_TOKEN_CHARS = -(-(_WHAT.size + _TAG_BYTES) * 4 // 3)


class Link(NamedTuple):
    """What a token opens, and until when (Unix seconds)."""

    device_id: int
    file_id: int
    expires_at_s: int


def link_key(master_key: bytes) -> bytes:
    """Return the key that tokens are signed with; knowing it does not give the master key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"linkops download links").derive(master_key)


def write_token(key: bytes, link: Link) -> str:
    """Return the token of ``link``."""
    what = _WHAT.pack(_FORM, link.device_id, link.file_id, link.expires_at_s)
    return base64.urlsafe_b64encode(what + _tag(key, what)).rstrip(b"=").decode()


def read_token(key: bytes, token: str, now: int) -> Link:
    """Return what ``token`` opens at ``now`` (milliseconds).

    Raises:
        Forbidden: ``link.invalid`` when we did not write it so, ``link.expired`` when its time is over.
    """
    raw = _decoded(token)
    what, tag = raw[: _WHAT.size], raw[_WHAT.size :]
    if not hmac.compare_digest(tag, _tag(key, what)):
        raise Forbidden("link.invalid")
    link = Link(*_WHAT.unpack(what)[1:])
    if now >= link.expires_at_s * 1_000:
        raise Forbidden("link.expired")
    return link


def _decoded(token: str) -> bytes:
    if len(token) != _TOKEN_CHARS or not token.isascii():
        raise Forbidden("link.invalid")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise Forbidden("link.invalid") from None
    # The last character carries spare bits: only one spelling of a token is ours.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise Forbidden("link.invalid")
    return raw


def _tag(key: bytes, what: bytes) -> bytes:
    return hmac.digest(key, what, "sha256")[:_TAG_BYTES]
