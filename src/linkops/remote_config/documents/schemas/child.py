"""The process that tries one schema: ``python -m linkops.remote_config.documents.schemas.child``.

Reads an `Order` from standard input and writes a `Verdict` to standard output. It works under limits of its own: a
pattern, a reference to itself or a list of alternatives can make a check take longer than anybody waits.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from itertools import islice
from typing import Any

import msgspec

from linkops.remote_config.documents.schemas.verdict import MAX_VIOLATIONS, Order, Verdict, Violation
from linkops.remote_config.documents.values import pointer

CPU_S = 2
MEMORY_BYTES = 768 * 2**20
_MAX_MESSAGE_CHARS = 200
_OPEN_FILES = 64
_NICENESS = 5
_PR_SET_PDEATHSIG = 1


def judge(order: Order) -> Verdict:
    """Return whether the schema is one, and what in the document breaks it."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - heavy, and for this process alone
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    schema = json.loads(order.schema)
    try:
        # An empty registry: what is not in the schema is not looked for anywhere.
        Draft202012Validator.check_schema(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        validator = Draft202012Validator(schema, registry=Registry())
        found = [] if order.document is None else list(_errors(validator, json.loads(order.document)))
    except SchemaError as error:
        return Verdict(fault=_violation(error))
    except Unresolvable as error:
        return Verdict(fault=Violation("", "$ref", str(error)[:_MAX_MESSAGE_CHARS]))
    except RecursionError:
        return Verdict(endless=True)
    return Verdict(violations=sorted(found, key=lambda violation: violation.pointer))


def _errors(validator: Any, document: Any) -> list[Violation]:
    return [_violation(error) for error in islice(validator.iter_errors(document), MAX_VIOLATIONS)]


def _violation(error: Any) -> Violation:
    return Violation(pointer(error.absolute_path), str(error.validator), str(error.message)[:_MAX_MESSAGE_CHARS])


def _limit() -> None:
    """Die with the parent, be polite to the hub, and end by the system's hand rather than take all there is."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(_NICENESS)
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _main() -> None:
    _limit()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(judge(order)))


if __name__ == "__main__":
    _main()
