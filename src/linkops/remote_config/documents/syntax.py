"""Whether a text may be a configuration document, and if not, where and why (docs/protocol/remote-config.md#documents).

Stricter than most parsers, since the parsers of devices differ where a document leaves them a choice: no name twice, no
number beyond a double, no half of a surrogate pair (RFC 8259 §4, §6, §8.2; RFC 7493).
"""

import json
import math
import re
from typing import NoReturn

from linkops.errors import Invalid, TooLarge
from linkops.remote_config.documents.model import MAX_BYTES, MAX_DEPTH

_BLANK = re.compile(r"[ \t\n\r]*")
_ESCAPE = r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
_STRING = re.compile(rf'"[^"\\\x00-\x1f]*(?:{_ESCAPE}[^"\\\x00-\x1f]*)*"')
_GOOD_PART = re.compile(rf'"(?:[^"\\\x00-\x1f]|{_ESCAPE})*')
_ONE_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_LITERAL = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_.+-])")
_WORD = re.compile(r"[0-9A-Za-z_.+-]+")
_NO_NUMBER = re.compile(r"[+-]?(?:NaN|nan|Infinity|inf(?:inity)?)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_MAX_FOUND_CHARS = 20
_BOM = "\ufeff"


def checked(text: str, field: str = "content") -> bytes:
    """Return a text as the bytes of a document.

    Raises:
        TooLarge: it has more than `MAX_BYTES`.
        Invalid: it is no JSON object, or one that devices would read differently; ``line`` and ``column`` say where,
            both counted from 1, columns in characters.
    """
    check = _Check(text, field)
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        check.refuse("config.json_lone_surrogate", error.start)
    if len(content) > MAX_BYTES:
        raise TooLarge("config.too_large", field=field, size_bytes=len(content), most=MAX_BYTES)
    check.document()
    return content


class _Check:
    """One text; each method is handed where something begins and returns where it ends."""

    def __init__(self, text: str, field: str) -> None:
        self._text = text
        self._field = field

    def document(self) -> None:
        if self._text.startswith(_BOM):
            self.refuse("config.json_bom", 0)
        start = self._blank(0)
        if start == len(self._text):
            self.refuse("config.json_empty", start)
        end = self._blank(self._value(start, 1))
        if end < len(self._text):
            self._refuse_here("config.json_text_after_end", end)
        if self._text[start] != "{":
            self.refuse("config.json_not_object", start)

    def refuse(self, code: str, at: int, **more: object) -> NoReturn:
        ends = [match.end() for match in _LINE_END.finditer(self._text, 0, at)]
        column = at - (ends[-1] if ends else 0) + 1
        raise Invalid(code, field=self._field, line=len(ends) + 1, column=column, **more)

    def _refuse_here(self, code: str, at: int, **more: object) -> NoReturn:
        """Refuse what stands here, where something else should; if it is the end or a comment, say that instead."""
        if at == len(self._text):
            self.refuse("config.json_ends_early", at)
        if self._text.startswith(("//", "/*", "#"), at):
            self.refuse("config.json_comment", at)
        self.refuse(code, at, found=self._found(at), **more)

    def _found(self, at: int) -> str:
        word = _WORD.match(self._text, at)
        return (word[0] if word else self._text[at])[:_MAX_FOUND_CHARS]

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return at if match is None else match.end()

    def _value(self, at: int, depth: int) -> int:
        sign = self._text[at : at + 1]
        if sign in {"{", "["} and sign:
            if depth > MAX_DEPTH:
                self.refuse("config.json_too_deep", at, most=MAX_DEPTH)
            return self._object(at, depth) if sign == "{" else self._array(at, depth)
        return self._string(at) if sign == '"' else self._scalar(at)

    def _object(self, at: int, depth: int) -> int:
        names: dict[str, int] = {}
        at = self._blank(at + 1)
        if self._text.startswith("}", at):
            return at + 1
        while True:
            end = self._name(at, names)
            colon = self._blank(end)
            if not self._text.startswith(":", colon):
                self._refuse_here("config.json_colon_expected", colon)
            at, done = self._next(self._value(self._blank(colon + 1), depth + 1), "}")
            if done:
                return at

    def _array(self, at: int, depth: int) -> int:
        at = self._blank(at + 1)
        if self._text.startswith("]", at):
            return at + 1
        while True:
            at, done = self._next(self._value(at, depth + 1), "]")
            if done:
                return at

    def _next(self, at: int, closing: str) -> tuple[int, bool]:
        """Return where the next member begins, or where the end is, and whether it is the end."""
        at = self._blank(at)
        if self._text.startswith(closing, at):
            return at + 1, True
        if not self._text.startswith(",", at):
            self._refuse_here("config.json_comma_expected", at, closing=closing)
        beyond = self._blank(at + 1)
        if self._text.startswith(("}", "]"), beyond):
            self.refuse("config.json_trailing_comma", at)
        return beyond, False

    def _name(self, at: int, names: dict[str, int]) -> int:
        if not self._text.startswith('"', at):
            code = "config.json_single_quotes" if self._text.startswith("'", at) else "config.json_name_expected"
            self._refuse_here(code, at)
        end = self._string(at)
        name = json.loads(self._text[at:end])
        if name in names:
            line = len(_LINE_END.findall(self._text, 0, names[name])) + 1
            self.refuse("config.json_name_repeated", at, name=name, first_line=line)
        names[name] = at
        return end

    def _string(self, at: int) -> int:
        match = _STRING.match(self._text, at)
        if match is None:
            self._refuse_string(at)
        if "\\u" in match[0]:
            self._check_surrogates(at, match.end())
        return match.end()

    def _refuse_string(self, at: int) -> NoReturn:
        good = _GOOD_PART.match(self._text, at)
        end = at if good is None else good.end()
        if end == len(self._text):
            self.refuse("config.json_string_open", at)
        if self._text[end] == "\\":
            self.refuse("config.json_escape", end, found=self._text[end : end + 2])
        self.refuse("config.json_control_character", end, found=f"U+{ord(self._text[end]):04X}")

    def _check_surrogates(self, at: int, end: int) -> None:
        """Refuse an escaped half of a pair that has no other half right behind or before it."""
        high: re.Match[str] | None = None
        for escape in _ONE_ESCAPE.finditer(self._text, at, end):
            unit = int(escape[1] or "0", 16)
            if high is not None and (escape.start() != high.end() or not 0xDC00 <= unit <= 0xDFFF):
                break
            if high is None and 0xDC00 <= unit <= 0xDFFF:
                self.refuse("config.json_lone_surrogate", escape.start())
            high = escape if 0xD800 <= unit <= 0xDBFF else None
        if high is not None:
            self.refuse("config.json_lone_surrogate", high.start())

    def _scalar(self, at: int) -> int:
        literal = _LITERAL.match(self._text, at)
        if literal is not None:
            return literal.end()
        number = _NUMBER.match(self._text, at)
        if number is None:
            self._refuse_here(self._scalar_fault(at), at)
        if math.isinf(float(number[0])):
            self.refuse("config.json_number_too_large", at, found=number[0][:_MAX_FOUND_CHARS])
        return number.end()

    def _scalar_fault(self, at: int) -> str:
        if self._text.startswith("'", at):
            return "config.json_single_quotes"
        if _NO_NUMBER.match(self._text, at):
            return "config.json_not_a_number"
        if self._text.startswith(tuple("0123456789+-."), at):
            return "config.json_number"
        return "config.json_value_expected"
