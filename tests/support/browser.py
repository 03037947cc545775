"""Debian's Chromium in the hands of a test, and what a careful reader would notice in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support.environments import node_environment
from tests.support.programs import program

PATIENCE_MS = 60_000
WIDE, NARROW = (1440, 900), (390, 844)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",  # small on some machines: tabs crash there
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser until the block ends."""
    expect.set_options(timeout=PATIENCE_MS)  # a busy machine is no failure
    with sync_playwright() as playwright:
        path = program("chromium", package="chromium")
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own.

    Attributes:
        page: the tab that is open.
        complaints: what went wrong in it: errors of scripts, refused by the page's policy, or sent anywhere else.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """Open another tab, whose complaints are heard as well."""
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", lambda request: self._sent(request.url))
        return page

    def log_in(self, name: str, password: str) -> None:
        """Log in, and return when the first page is there."""
        self.page.goto(f"{self.url}/console/")
        self.page.get_by_label("Name", exact=True).or_(self.page.get_by_label("名称", exact=True)).fill(name)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("[name=password]").press("Enter")
        self.page.locator("main#content").wait_for()

    def go(self, path: str) -> None:
        """Open a page, given by its path below ``/console``, and return when it takes clicks."""
        self.page.goto(f"{self.url}/console{path}")
        self.page.locator("main#content").wait_for()
        self.page.wait_for_function("window.socket && window.socket.connected")

    def faults(self) -> list[str]:
        """Return serious faults of the open page that keep somebody out (axe-core), each with where it is."""
        # An editor is loaded, and then named, after the page itself.
        expect(self.page.locator(".cm-content:not([aria-label])")).to_have_count(0)
        source = node_environment("axe-core", "axe-core@4.11.0") / "axe-core" / "axe.min.js"
        self.page.evaluate(source.read_text())
        found: dict[str, Any] = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['target']} {node['html'][:160]} {_first_reason(node)}"
            for violation in found["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    def screenshot(self, path: Path) -> None:
        """Keep what the whole page looks like."""
        self.page.screenshot(path=path, full_page=True)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _sent(self, url: str) -> None:
        if not url.startswith((self.url, self.url.replace("http", "ws", 1), "data:", "blob:")):
            self.complaints.append(f"outside: {url}")


def _first_reason(node: dict[str, Any]) -> str:
    return "; ".join(str(check["message"]) for check in (node["any"] or node["all"] or node["none"])[:1])


@contextmanager
def visitor(
    browser: Browser, url: str, *, size: tuple[int, int] = WIDE, language: str = "en-US", dark: bool = False
) -> Iterator[Visitor]:
    """Give somebody a browser until the block ends."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        color_scheme="dark" if dark else "light",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    try:
        yield Visitor(context, url)
    finally:
        context.close()


def press(page: Page, name: str) -> None:
    """Press the button that is called this."""
    page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page, name: str) -> None:
    """Press a button of the open dialog, when it is open."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
