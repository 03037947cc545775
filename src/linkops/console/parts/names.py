"""Names for what has none to see, such as buttons that are icons: for screen readers, and on hovering."""

from typing import TypeVar

from nicegui.element import Element

E = TypeVar("E", bound=Element)


def named(element: E, name: str) -> E:
    """Give an element a name (in the viewer's language), and return it."""
    element.props["aria-label"] = name
    element.props["title"] = name
    return element
