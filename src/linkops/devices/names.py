"""What may be called what (docs/protocol/device-protocol.md#names).

Names of products and devices are levels of topics: what means something there (``/ + # NUL``) may not stand in them.
"""

import re
import unicodedata

from linkops.errors import Invalid

MAX_DESCRIPTION_CHARS = 100
MAX_TAGS = 100

_PRODUCT_KEY = re.compile(r"[A-Za-z0-9]{2,32}", re.ASCII)
_DEVICE_NAME = re.compile(r"[A-Za-z0-9\-_@.:]{4,32}", re.ASCII)
_NAME_PREFIX = re.compile(r"[A-Za-z0-9\-_@.:]{1,32}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9]{16,64}", re.ASCII)
_TAG_KEY = re.compile(r"[A-Za-z0-9._\-]{1,30}", re.ASCII)
_TITLE_SIGNS = frozenset(" _-@().:")


def is_product_key(text: str) -> bool:
    """Return whether this can be a product's key."""
    return _PRODUCT_KEY.fullmatch(text) is not None


def is_device_name(text: str) -> bool:
    """Return whether this can be a device's name: 4 to 32 letters, digits, ``- _ @ . :``."""
    return _DEVICE_NAME.fullmatch(text) is not None


def is_name_prefix(text: str) -> bool:
    """Return whether a device's name can begin so."""
    return _NAME_PREFIX.fullmatch(text) is not None


def is_tag_key(text: str) -> bool:
    """Return whether this can be a tag's key: 1 to 30 letters, digits, ``. _ -``."""
    return _TAG_KEY.fullmatch(text) is not None


def is_tag_value(text: str) -> bool:
    """Return whether this can be a tag's value: 1 to 128 printable characters."""
    return 1 <= len(text) <= 128 and text.isprintable()


def check_product_key(text: str) -> None:
    """Raise `Invalid` unless it is 2 to 32 letters and digits."""
    if not is_product_key(text):
        raise Invalid("product.key_invalid", field="product_key")


def check_device_name(text: str) -> None:
    """Raise `Invalid` unless `is_device_name`."""
    if not is_device_name(text):
        raise Invalid("device.name_invalid", field="device_name")


def check_secret(text: str) -> None:
    """Raise `Invalid` unless it is 16 to 64 letters and digits, which is what devices can store."""
    if _SECRET.fullmatch(text) is None:
        raise Invalid("device.secret_invalid", field="secret")


def check_product_name(text: str) -> None:
    """Raise `Invalid` unless it is a title of 4 to 30 columns."""
    if not _is_title(text, 4, 30):
        raise Invalid("product.name_invalid", field="name")


def check_group_name(text: str) -> None:
    """Raise `Invalid` unless it is a title of 1 to 64 columns."""
    if not _is_title(text, 1, 64):
        raise Invalid("group.name_invalid", field="name")


def check_nickname(text: str) -> None:
    """Raise `Invalid` unless it is empty or a title of 4 to 64 columns."""
    if text and not _is_title(text, 4, 64):
        raise Invalid("device.nickname_invalid", field="nickname")


def check_description(text: str) -> None:
    """Raise `Invalid` if it is longer than `MAX_DESCRIPTION_CHARS` or holds control characters."""
    if len(text) > MAX_DESCRIPTION_CHARS or any(unicodedata.category(sign) == "Cc" for sign in text.replace("\n", "")):
        raise Invalid("product.description_invalid", field="description", most=MAX_DESCRIPTION_CHARS)


def check_tags(tags: dict[str, str]) -> None:
    """Raise `Invalid` unless there are at most `MAX_TAGS`, with keys of 1 to 30 characters and values of 1 to 128."""
    if len(tags) > MAX_TAGS:
        raise Invalid("tag.too_many", field="tags", most=MAX_TAGS)
    for key, value in tags.items():
        if not is_tag_key(key):
            raise Invalid("tag.key_invalid", field="tags", key=key[:64])
        if not is_tag_value(value):
            raise Invalid("tag.value_invalid", field="tags", key=key)


def _is_title(text: str, least: int, most: int) -> bool:
    """Letters and digits of any script and a few signs, no blank at an end; East Asian characters are two columns."""
    signs = all(sign.isalnum() or sign in _TITLE_SIGNS for sign in text)
    return signs and text == text.strip() and least <= _columns(text) <= most


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
