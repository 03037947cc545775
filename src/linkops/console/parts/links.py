"""Ways to other pages. The toolkit puts the console's prefix before whatever begins with a slash; these do not."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

_PREFIX = "/console"


class Link(TextElement):
    """A link whose address is as it is given: ``/console/…`` for pages of ours."""

    def __init__(self, text: str = "", target: str = "") -> None:
        super().__init__(tag="a", text=text)
        self.props["href"] = target
        self.classes("nicegui-link")


def go(address: str) -> None:
    """Let the open tab go to a page of ours, given as ``/console/…``."""
    ui.navigate.to(address.removeprefix(_PREFIX))
