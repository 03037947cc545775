"""Writes docs/images/console/: what the pages of the console look like, with a fleet that has a history.

``make screenshots`` runs this: a server of its own on a temporary folder, and Debian's Chromium.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from scripts.demo_data import LAMPS, PUMPS, populate
from scripts.demo_life import NETWORK, life
from tests.support.browser import NARROW, Visitor, chromium, visitor
from tests.support.operator import Operator
from tests.support.server import running_server

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "console"
_SIZE = (1280, 800)
DEVICE = "pump-0001"
PAGES = {
    "overview": "/",
    "devices": "/devices",
    "product": f"/products/{PUMPS}",
    "device": f"/products/{PUMPS}/devices/{DEVICE}",
    "device-messages": f"/products/{PUMPS}/devices/{DEVICE}?tab=messages",
    "groups": "/groups",
    "group": "/groups/1",
    "packages": "/packages",
    "package": "/packages/4",
    "new-package": f"/packages/new?product={LAMPS}",
    "rollouts": "/jobs",
    "rollout": "/jobs/5",
    "new-rollout": "/jobs/new?package=4",
    "data-analysis": f"/statistics?product={PUMPS}",
    "configuration": "/configuration",
    "configuration-of-a-product": f"/configuration/{PUMPS}",
    "configuration-push": "/configuration/pushes/1",
    "users": "/users",
    "tokens": "/tokens",
    "webhooks": "/webhooks",
    "audit-trail": "/trail",
    "server": "/server",
}
AT_NIGHT = ("overview", "rollout", "data-analysis")
ON_A_PHONE = ("rollout", "data-analysis")
_DRAWN = """
document.fonts.status === "loaded"
  && [...document.querySelectorAll(".chart, .chart-box")].every((chart) => chart.querySelector("canvas"))
"""


def main() -> None:
    """Make all of them; a page that is not there is named, and left out."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="linkops-screenshots-") as folder:
        data_dir = Path(folder) / "data"
        password = populate(data_dir)
        settings = {"console": True, "webhook_allowed_networks": NETWORK}
        with (
            running_server(data_dir, Path(folder) / "log", **settings) as server,
            life(server, Operator(server.http, password), Path(folder)),
            chromium() as browser,
        ):
            for suffix, size, dark, names in (
                ("", _SIZE, False, tuple(PAGES)),
                ("-dark", _SIZE, True, AT_NIGHT),
                ("-narrow", NARROW, False, ON_A_PHONE),
            ):
                with visitor(browser, server.http, size=size, dark=dark) as somebody:
                    somebody.log_in("admin", password)
                    for name in names:
                        _keep(somebody, name, FOLDER / f"{name}{suffix}.png")


def _keep(somebody: Visitor, name: str, file: Path) -> None:
    answer = somebody.page.goto(f"{somebody.url}/console{PAGES[name]}")
    if answer is None or not answer.ok:
        file.unlink(missing_ok=True)
        print(f"{name}: there is no such page", file=sys.stderr)
        return
    somebody.page.locator("main#content").wait_for()
    somebody.page.wait_for_function("window.socket && window.socket.connected")
    somebody.page.wait_for_function(_DRAWN)
    image = Image.open(BytesIO(somebody.page.screenshot())).convert("RGB")
    # Text has many colours only at its edges: 256 are enough for a page, in a third of the bytes.
    image.quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
