"""What is asked about a schema, and what is answered."""

import msgspec

MAX_VIOLATIONS = 20


class Order(msgspec.Struct, frozen=True):
    """What to check, both as texts; ``document`` None: only the schema itself."""

    schema: str
    document: str | None


class Violation(msgspec.Struct, frozen=True):
    """Something in a document that the schema does not allow.

    Attributes:
        pointer: where it stands (RFC 6901), '' the whole document.
        keyword: of the schema, as in ``maximum``.
        message: what is wrong, in English.
    """

    pointer: str
    keyword: str
    message: str


class Verdict(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:
        fault: what makes the schema none; None: it is one.
        endless: whether the schema refers to itself without end.
        violations: the first `MAX_VIOLATIONS` of the document.
    """

    fault: Violation | None = None
    endless: bool = False
    violations: list[Violation] = []
