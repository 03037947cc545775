"""How things may be called: each function returns the name as it is stored, or refuses it."""

import re
from collections.abc import Sequence

from linkops.alink.firmware import keys_behind
from linkops.errors import Invalid

MAX_DESCRIPTION_CHARS = 100
MAX_CUSTOM_INFO_CHARS = 4_096
MAX_FILE_NAME_CHARS = 128
MAX_FILES = 20
MAX_FILE_NAME_CHARS_OF_SEVERAL = 32
MAX_VERSION_CHARS = 64
MAX_REQUIRED_VERSIONS = 20

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


def reported_version(version: str, field: str) -> str:
    """Return ``version`` if a device can report it: 1 to 64 printable characters, no blank at either end.

    Raises:
        Invalid: otherwise.
    """
    if not 0 < len(version) <= MAX_VERSION_CHARS or not version.isprintable() or version != version.strip():
        raise Invalid("package.source_version_invalid", field=field, max_chars=MAX_VERSION_CHARS)
    return version


def required_versions(versions: Sequence[str], target_version: str) -> list[str]:
    """Return up to `MAX_REQUIRED_VERSIONS` different versions, of which ``target_version`` is none.

    Raises:
        Invalid: otherwise.
    """
    if len(versions) > MAX_REQUIRED_VERSIONS or len(set(versions)) < len(versions) or target_version in versions:
        raise Invalid("package.required_versions_invalid", field="required_versions", most=MAX_REQUIRED_VERSIONS)
    return [reported_version(version, "required_versions") for version in versions]


def file_name(name: str, suffixes: Sequence[str]) -> str:
    """Return ``name`` if it names a file, not a path, and ends in one of ``suffixes`` (lower case).

    Raises:
        Invalid: otherwise.
    """
    _check_file_name(name, MAX_FILE_NAME_CHARS, "file_name")
    if not name.endswith(tuple(suffixes)):
        raise Invalid("upload.file_type_invalid", field="file_name", suffixes=" ".join(suffixes))
    return name


def file_names(names: Sequence[str]) -> list[str]:
    """Return the names of a package's files: 1 to `MAX_FILES`, short if several, and different in more than case.

    Raises:
        Invalid: otherwise.
    """
    if not 1 <= len(names) <= MAX_FILES:
        raise Invalid("package.files_count_invalid", field="files", most=MAX_FILES)
    most = MAX_FILE_NAME_CHARS if len(names) == 1 else MAX_FILE_NAME_CHARS_OF_SEVERAL
    for name in names:
        _check_file_name(name, most, "files")
    if len({name.casefold() for name in names}) < len(names):
        raise Invalid("package.file_name_repeated", field="files")
    return list(names)


def _check_file_name(name: str, most: int, field: str) -> None:
    inside = 0 < len(name) <= most and name.isprintable() and not name.startswith(".")
    if not inside or set(name) & set('/\\:*?"<>|%'):
        raise Invalid("upload.file_name_invalid", field=field, max_chars=most)


def _matched(pattern: re.Pattern[str], text: str, code: str, field: str) -> str:
    if pattern.fullmatch(text) is None:
        raise Invalid(code, field=field)
    return text


def _short(text: str, most: int, field: str) -> str:
    if len(text) > most or "\0" in text:
        raise Invalid("text.too_long", field=field, max_chars=most)
    return text
