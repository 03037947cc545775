"""Who looks at a page, and how: one `View` a browser tab, for as long as the tab is open."""

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from nicegui import Client, context

from linkops.events.actor import Actor
from linkops.services import Services
from linkops.settings import Settings


@dataclass(slots=True, eq=False)
class View:
    """One person's tab.

    Attributes:
        token: of the login; looked at again with every action.
        actor: who it was when it was last looked at.
        language: one of `linkops.texts.refusals.LANGUAGES`.
        zone: in which times are shown.
        theme: ``auto``, ``light`` or ``dark``.
        over: whether the tab has been told that its session is over.
        turn: whose event is being looked at.
    """

    services: Services
    settings: Settings
    token: str
    address: str
    actor: Actor
    language: str
    zone: ZoneInfo
    theme: str
    over: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def act(self) -> Actor:
        """Return who acts, as of now: rights may have been taken and sessions ended since the page was opened.

        Raises:
            Unauthenticated: the session is over.
        """
        self.actor = await self.services.tokens.authenticate(self.token, self.address)
        return self.actor


_views: "WeakKeyDictionary[Client, View]" = WeakKeyDictionary()


def attach(client: Client, opened: View) -> None:
    """Remember whose tab ``client`` is."""
    _views[client] = opened


def view_of(client: Client) -> View | None:
    """Return the view of a tab; None: it is no page of the console, such as "nothing is there"."""
    return _views.get(client)


def view() -> View:
    """Return the view of the tab that the running code belongs to.

    Raises:
        KeyError: outside any page.
    """
    return _views[context.client]
