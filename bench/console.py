"""The console: how soon a page is there, what it costs when nobody looks, and what open tabs do to devices."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext

from bench.figures import Row, Run, median
from bench.paced import compare
from bench.seed import seed
from bench.server import System, started, system
from bench.tabs import open_tabs, session_of
from tests.support.browser import chromium

_DEVICES, _IDLE_AFTER_S, _TABS = 100_000, 3.0, 10
_LIST = "/devices?product={product_key}"
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class Seen(NamedTuple):
    """When somebody saw something, and when the rows of the list, in milliseconds from the beginning."""

    painted_ms: float
    listed_ms: float


def rows(run: Run) -> Iterator[Row]:
    """Measure starts, then paint, then latency."""
    yield from _starts(run)
    with system(run.size(_DEVICES, 2_000), console=True) as running:
        session = session_of(running.server.http, running.password)
        yield from _paint(run, running, session)
        yield from _latency(run, running, session)


def _starts(run: Run) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        seeded = seed(data_dir, str(data_dir / "linkops.db"), 1_000)
        with started(data_dir, seeded, console=True):
            pass
        seconds, resident = [], []
        for _ in run.repeat(3, "starts with the console"):
            with started(data_dir, seeded, console=True) as running:
                time.sleep(_IDLE_AFTER_S)
                seconds.append(running.started_s)
                resident.append(running.process.resident_bytes())
    ready_s, idle_mb = median(seconds), median(resident) / 1e6
    yield Row("start to ready, with console (not the first)", f"{ready_s:.2f} s", "≤ 3 s", ready_s <= 3)
    yield Row("idle memory, with console", f"{idle_mb:.0f} MB", "≤ 180 MB", idle_mb <= 180)


def _paint(run: Run, running: System, session: str) -> Iterator[Row]:
    cold, warm = [], []
    with chromium() as browser:
        for _ in run.repeat(5, "the device list in Chromium"):
            context = _visitor(browser, running, session)
            cold.append(_look(context, running))  # nothing is cached
            warm.append(_look(context, running))
            context.close()
    for name, seen, bar_ms in (("cold", cold, 2_000), ("warm", warm, 1_000)):
        painted, listed = median(one.painted_ms for one in seen), median(one.listed_ms for one in seen)
        what = f"device list of {len(running.devices):,} in Chromium, {name}: first paint, rows"
        yield Row(what, f"{painted:.0f} / {listed:.0f} ms", f"paint ≤ {bar_ms:,} ms", painted <= bar_ms)


def _visitor(browser: Browser, running: System, session: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    url = f"{running.server.http}/console"
    context.add_cookies([{"name": "linkops_session", "value": session, "url": url}])
    return context


def _look(context: BrowserContext, running: System) -> Seen:
    page = context.new_page()
    page.goto(f"{running.server.http}/console{_LIST.format(product_key=running.product_key)}")
    page.wait_for_function("document.querySelectorAll('.table tbody tr').length >= 50")
    listed = page.evaluate("performance.now()")
    page.wait_for_function(_PAINTED)
    painted = page.evaluate(_PAINTED)
    page.close()
    return Seen(float(painted), float(listed))


def _latency(run: Run, running: System, session: str) -> Iterator[Row]:
    heard: list[int] = []

    @contextmanager
    def watched() -> Iterator[None]:
        with open_tabs(running.server.http, session, _paths(running)) as messages:
            yield
        heard.extend(messages)

    found = compare(run, running, f"reports with and without {_TABS} tabs", watched)
    name = f"reports at {found.per_second:,.0f}/s, without and with {_TABS} tabs of the console"
    yield found.p50(f"{name}: p50")
    yield found.p99(f"{name}: p99")
    yield Row(f"… and what {_TABS} tabs were sent meanwhile", f"{median(heard):.0f} messages", "")


def _paths(running: System) -> list[str]:
    """Return what people would look at while a rollout runs; pages of jobs are read again every few seconds."""
    job_id = running.rest.get("/api/v1/ota/jobs", limit=1)["items"][0]["id"]
    product = running.product_key
    pages = ["/", "/jobs", _LIST.format(product_key=product), f"/statistics?product={product}"]
    return [*pages, *[f"/jobs/{job_id}"] * (_TABS - len(pages))]
