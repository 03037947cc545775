"""What LinkOps refuses, as a code with parameters.

The text of a refusal is made at the door (in the reader's language), so that a rule never formats a sentence.
The class says which kind of answer the door gives; the code says exactly what was wrong.
"""

from typing import Any


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of ours
    """A request that LinkOps understood and did not carry out; it changed nothing."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class Invalid(Refused):
    """A field holds a value that it may not hold; ``params["field"]`` names it."""

    def __init__(self, code: str, *, field: str, **params: Any) -> None:
        super().__init__(code, field=field, **params)


class Unauthenticated(Refused):
    """Nobody is logged in, or the credentials are wrong or have expired."""


class Forbidden(Refused):
    """Who is logged in may not do this here."""


class NotFound(Refused):
    """The thing named does not exist, or is not visible to who asks."""


class Conflict(Refused):
    """The thing is in a state (or has a name) that rules this out."""


class TooLarge(Refused):
    """More bytes or rows than the limit allows."""


class TooMany(Refused):
    """Asked too often; ``params["retry_after_s"]`` says when to come back, where that is known."""


class Unavailable(Refused):
    """The server cannot store or serve this now; the same request may succeed later."""
