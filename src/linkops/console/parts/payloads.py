"""What devices say: as text, as JSON that is laid out, or byte by byte. Always shown as text, whatever it is."""

from collections.abc import Mapping

import msgspec
from nicegui import ui

from linkops.console.texts import _

_PER_LINE = 16


def payload(text: str) -> ui.label:
    """Show a text in the type of code, with its own lines."""
    shown = ui.label(text).classes("payload mono").props('tabindex="0" role="region"')
    shown.props["aria-label"] = _("Content")
    return shown


def views_of(content: bytes) -> Mapping[str, tuple[str, str]]:
    """Return the ways to read these bytes that make sense: by name, its label and the text; the best one first."""
    found: dict[str, tuple[str, str]] = {}
    laid_out = json_text(content)
    if laid_out is not None:
        found["json"] = ("JSON", laid_out)
    try:
        found["text"] = (_("Text"), content.decode())
    except UnicodeDecodeError:
        found["hex"] = (_("Bytes"), hex_text(content))
        found["text"] = (_("Text"), content.decode(errors="replace"))
    found.setdefault("hex", (_("Bytes"), hex_text(content)))
    return found


def json_text(content: bytes) -> str | None:
    """Return JSON laid out over lines; None for anything else, and for what was cut."""
    if not content.lstrip().startswith((b"{", b"[")):
        return None
    try:
        return msgspec.json.format(msgspec.json.encode(msgspec.json.decode(content)), indent=2).decode()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def hex_text(content: bytes) -> str:
    """Return bytes as lines of hexadecimal digits, each with its offset and what of it is ASCII."""
    lines = []
    for at in range(0, len(content), _PER_LINE):
        part = content[at : at + _PER_LINE]
        readable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:04x}  {part.hex(' '):<{_PER_LINE * 3 - 1}}  {readable}")
    return "\n".join(lines)


def readable(content: bytes) -> None:
    """Show bytes, and let people choose how they read them."""
    views = views_of(content)
    first = next(iter(views))
    with ui.element("div").classes("stack"):
        choice = ui.toggle({name: label for name, (label, _text) in views.items()}, value=first)
        choice.props("dense unelevated no-caps")
        shown = payload(views[first][1])
        choice.on_value_change(lambda change: shown.set_text(views[str(change.value)][1]))
