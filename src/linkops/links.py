"""Download links: short, unforgeable, for one device, one file and a limited time.

A token is 21 bytes of what it opens and 16 bytes of HMAC-SHA256, in base64url: 50 characters without ``:``, since
device SDKs in C take neither long URLs nor colons (docs/protocol/ota.md#download).
"""

import base64
import binascii
import hmac
import struct
from enum import IntEnum
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from linkops.errors import Forbidden

_WHAT = struct.Struct(">BQQI")
_TAG_BYTES = 16
_TOKEN_CHARS = -(-(_WHAT.size + _TAG_BYTES) * 4 // 3)


class Opens(IntEnum):
    """What kind of thing a token opens; the number stands in the token and never changes."""

    PACKAGE_FILE = 1
    CONFIGURATION = 2


class Link(NamedTuple):
    """What a token opens, and until when (Unix seconds)."""

    device_id: int
    item_id: int
    expires_at_s: int
    opens: Opens = Opens.PACKAGE_FILE


class LinkWriter(msgspec.Struct, frozen=True):
    """Makes download URLs: ``<base_url>/files/<token>``, valid for ``valid_s``."""

    base_url: str
    key: bytes
    valid_s: int
    opens: Opens = Opens.PACKAGE_FILE

    def url(self, device_id: int, item_id: int, now: int) -> str:
        """Return a fresh URL for one device."""
        link = Link(device_id, item_id, now // 1_000 + self.valid_s, self.opens)
        return f"{self.base_url}/files/{write_token(self.key, link)}"


def link_key(master_key: bytes) -> bytes:
    """Return the key that tokens are signed with; knowing it does not give the master key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"linkops download links").derive(master_key)


def write_token(key: bytes, link: Link) -> str:
    """Return the token of ``link``."""
    what = _WHAT.pack(link.opens, link.device_id, link.item_id, link.expires_at_s)
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
    opens, device_id, item_id, expires_at_s = _WHAT.unpack(what)
    if now >= expires_at_s * 1_000:
        raise Forbidden("link.expired")
    return Link(device_id, item_id, expires_at_s, Opens(opens))


def opens_what(token: str) -> Opens:
    """Return which kind of thing a token is about, so that who knows that kind can look at it; proves nothing.

    Raises:
        Forbidden: it is no token.
    """
    try:
        return Opens(_decoded(token)[0])
    except ValueError:
        raise Forbidden("link.invalid") from None


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
