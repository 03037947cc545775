"""How things may be called: each function returns the name as it is stored, or refuses it."""

import re

from linkops.alink.firmware import keys_behind
from linkops.errors import Invalid

MAX_DESCRIPTION_CHARS = 100
MAX_CUSTOM_INFO_CHARS = 4_096
MAX_FILE_NAME_CHARS = 128

FILE_SUFFIXES = (".bin", ".dav", ".tar", ".gz", ".zip", ".gzip", ".apk", ".tar.gz", ".tar.xz", ".pack")
"""File types that device SDKs know; lower case."""

_CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_JAPANESE = "\u3040-\u30ff"
_KEYS_BEHIND_MODULE = keys_behind("module")
_KEYS_BEHIND_VERSION = keys_behind("version")
_MODULE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ALIAS = re.compile(rf"[{_CJK}A-Za-z0-9._-]{{0,64}}")
_VERSION = _MODULE
_PACKAGE = re.compile(rf"[{_CJK}{_JAPANESE}A-Za-z0-9][{_CJK}{_JAPANESE}A-Za-z0-9_()-]{{0,39}}")


def module_name(name: str) -> str:
    """Return ``name``: 1 to 64 letters, digits, ``.``, ``-``, ``_``, and no word that devices mistake for a key.

    Raises:
        Invalid: otherwise.
    """
    if name in _KEYS_BEHIND_MODULE:
        raise Invalid("module.name_is_a_key", field="name")
    return _matched(_MODULE, name, "module.name_invalid", "name")


def module_alias(alias: str) -> str:
    """Return ``alias``: up to 64 letters, Chinese characters, digits, ``.``, ``-``, ``_``.

    Raises:
        Invalid: otherwise.
    """
    return _matched(_ALIAS, alias, "module.alias_invalid", "alias")


def package_name(name: str) -> str:
    """Return ``name``: 1 to 40 letters (Latin, Chinese, Japanese), digits, ``-_()``, the first a letter or digit.

    Raises:
        Invalid: otherwise.
    """
    return _matched(_PACKAGE, name, "package.name_invalid", "name")


def package_version(version: str) -> str:
    """Return ``version``: 1 to 64 letters, digits, ``.``, ``-``, ``_``, and no word that devices mistake for a key.

    Raises:
        Invalid: otherwise.
    """
    if version in _KEYS_BEHIND_VERSION:
        raise Invalid("package.version_is_a_key", field="version")
    return _matched(_VERSION, version, "package.version_invalid", "version")


def description(text: str) -> str:
    """Return ``text`` of up to `MAX_DESCRIPTION_CHARS`.

    Raises:
        Invalid: otherwise.
    """
    return _short(text, MAX_DESCRIPTION_CHARS, "description")


def custom_info(text: str) -> str:
    """Return ``text`` of up to `MAX_CUSTOM_INFO_CHARS`, which devices get with the update.

    Raises:
        Invalid: otherwise.
    """
    return _short(text, MAX_CUSTOM_INFO_CHARS, "custom_info")


def file_name(name: str) -> str:
    """Return ``name`` if it names a file, not a path, and ends in one of `FILE_SUFFIXES`.

    Raises:
        Invalid: otherwise.
    """
    if not 0 < len(name) <= MAX_FILE_NAME_CHARS or not name.isprintable() or set(name) & set('/\\:*?"<>|%'):
        raise Invalid("upload.file_name_invalid", field="file_name")
    if name.startswith(".") or not name.endswith(FILE_SUFFIXES):
        raise Invalid("upload.file_type_invalid", field="file_name", suffixes=" ".join(FILE_SUFFIXES))
    return name


def _matched(pattern: re.Pattern[str], text: str, code: str, field: str) -> str:
    if pattern.fullmatch(text) is None:
        raise Invalid(code, field=field)
    return text


def _short(text: str, most: int, field: str) -> str:
    if len(text) > most or "\0" in text:
        raise Invalid("text.too_long", field=field, max_chars=most)
    return text
