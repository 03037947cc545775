"""What a schema may be, before anybody tries it (docs/protocol/remote-config.md#schemas)."""

from typing import Any

from linkops.errors import Invalid
from linkops.remote_config.documents.syntax import checked
from linkops.remote_config.documents.values import plain, pointer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES = ("$ref", "$dynamicRef")


def checked_schema(text: str) -> bytes:
    """Return a text as the bytes of a schema, which is a document, too.

    Raises:
        TooLarge: see `syntax.checked`.
        Invalid: it is no document, is written for another draft, or refers to what stands elsewhere.
    """
    content = checked(text)
    schema = plain(content)
    dialect = schema.get("$schema", DIALECT)
    if not isinstance(dialect, str) or dialect.rstrip("#") != DIALECT:
        raise Invalid("config.schema_dialect", field="content", wanted=DIALECT)
    _check_references(schema, ())
    return content


def _check_references(value: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(value, list):
        for place, item in enumerate(value):
            _check_references(item, (*path, place))
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _REFERENCES and isinstance(inner, str) and not inner.startswith("#"):
                raise Invalid("config.schema_reference", field="content", pointer=pointer((*path, name)), found=inner)
            _check_references(inner, (*path, name))
