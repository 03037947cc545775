"""JSON laid out for people: only blanks change, so that every number and every escape stays as it was typed."""

import re

_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_INDENT = "  "


def formatted(text: str) -> str:
    r"""Return JSON (that is known to be JSON) with one member a line.

    >>> formatted('{"a":1.50,"b":[],"c":{"d":[1,2]}}')
    '{\n  "a": 1.50,\n  "b": [],\n  "c": {\n    "d": [\n      1,\n      2\n    ]\n  }\n}\n'
    """
    parts: list[str] = []
    depth, opened = 0, False
    for sign in _SIGN.findall(text):
        if sign in {"}", "]"}:
            depth -= 1
            parts.append(sign if opened else f"\n{_INDENT * depth}{sign}")
            opened = False
            continue
        if opened:
            parts.append(f"\n{_INDENT * depth}")
        opened = sign in {"{", "["}
        if opened:
            depth += 1
        parts.append({",": f",\n{_INDENT * depth}", ":": ": "}.get(sign, sign))
    return "".join(parts) + "\n"
