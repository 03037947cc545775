"""What a save must keep to, apart from the document's own text (docs/protocol/remote-config.md#versions)."""

import unicodedata

from linkops.errors import Conflict, Invalid
from linkops.remote_config.documents.merge import overlaid
from linkops.remote_config.documents.model import (
    MAX_BYTES,
    MAX_COMMENT_CHARS,
    MAX_PRIORITY,
    Draft,
    Scope,
    Version,
)
from linkops.remote_config.documents.values import canonical, parse


def check_draft(draft: Draft, scope: Scope) -> None:
    """Do nothing if a draft's comment and priority may be.

    Raises:
        Invalid: otherwise.
    """
    if len(draft.comment) > MAX_COMMENT_CHARS or any(map(_is_control, draft.comment.replace("\n", ""))):
        raise Invalid("config.comment_invalid", field="comment", most=MAX_COMMENT_CHARS)
    if draft.priority is None:
        return
    if scope is not Scope.GROUP:
        raise Invalid("config.priority_not_allowed", field="priority")
    if not 0 <= draft.priority <= MAX_PRIORITY:
        raise Invalid("config.priority_invalid", field="priority", most=MAX_PRIORITY)


def check_base(base_version: int, newest: Version | None) -> None:
    """Do nothing if a draft was made from the newest version.

    Raises:
        Conflict: somebody saved another one meanwhile; it says who and when.
    """
    if newest is None:
        if base_version != 0:
            raise Conflict("config.base_unknown", base_version=base_version)
    elif base_version != newest.number:
        raise Conflict(
            "config.version_newer",
            base_version=base_version,
            version=newest.number,
            created_by=newest.created_by,
            created_at=newest.created_at,
        )


def merged_with(product: bytes | None, narrower: bytes, about: str) -> bytes:
    """Return what a narrower document and the product's give together.

    Raises:
        Invalid: more than `MAX_BYTES`; ``about`` says whose document the narrower one is.
    """
    result = canonical(overlaid([{} if product is None else parse(product), parse(narrower)]))
    if len(result) > MAX_BYTES:
        raise Invalid("config.merged_too_large", field="content", size_bytes=len(result), most=MAX_BYTES, about=about)
    return result


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"}
