"""Writes docs/images/console/: what the pages of the console look like, with a fleet that has a history.

``make screenshots`` runs this: a server of its own on a temporary folder, and Debian's Chromium.
"""

import base64
import struct
import sys
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import Page

from scripts.demo_data import LAMPS, PUMPS, populate
from tests.support.browser import NARROW, Visitor, chromium, visitor
from tests.support.server import running_server

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "console"
_SIZE = (1280, 800)
PAGES = {
    "overview": "/",
    "devices": "/devices",
    "product": f"/products/{PUMPS}",
    "device": f"/products/{PUMPS}/devices/pump-0001",
    "groups": "/groups",
    "packages": "/packages",
    "package": "/packages/4",
    "new-package": f"/packages/new?product={LAMPS}",
    "rollouts": "/jobs",
    "rollout": "/jobs/4",
    "new-rollout": "/jobs/new?package=4",
    "data-analysis": f"/statistics?product={PUMPS}",
    "configuration": "/configuration",
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
# Text has many colours only at its edges: with fewer shades of them, 256 are enough for a page.
_INDEXED = """
async (image) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${image}`)).blob());
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const paper = canvas.getContext("2d");
  paper.drawImage(bitmap, 0, 0);
  const seen = new Uint32Array(paper.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  for (let step = 1; ; step *= 2) {
    const shade = (value) => Math.min(255, Math.round(value / step) * step);
    const palette = new Map(), pixels = new Uint8Array(seen.length), places = new Map();
    seen.forEach((colour, at) => {
      let place = places.get(colour);
      if (place === undefined) {
        const key = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255].map(shade).join();
        if (!palette.has(key)) palette.set(key, palette.size);
        places.set(colour, (place = palette.get(key)));
      }
      pixels[at] = place;
    });
    if (palette.size <= 256) {
      const reader = new FileReader();
      const read = new Promise((resolve) => (reader.onload = () => resolve(reader.result.split(",")[1])));
      reader.readAsDataURL(new Blob([pixels]));
      return [canvas.width, canvas.height, [...palette.keys()].join().split(",").map(Number), await read];
    }
  }
}
"""


def main() -> None:
    """Make all of them; a page that is not there is named, and left out."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="linkops-screenshots-") as folder:
        data_dir = Path(folder) / "data"
        password = populate(data_dir)
        with running_server(data_dir, Path(folder) / "log") as server, chromium() as browser:
            for suffix, size, dark, names in (
                ("", _SIZE, False, tuple(PAGES)),
                ("-dark", _SIZE, True, AT_NIGHT),
                ("-narrow", NARROW, False, ON_A_PHONE),
            ):
                with visitor(browser, server.http, size=size, dark=dark) as somebody:
                    somebody.log_in("admin", password)
                    paper = somebody.context.new_page()
                    for name in names:
                        _keep(somebody, paper, name, FOLDER / f"{name}{suffix}.png")


def _keep(somebody: Visitor, paper: Page, name: str, file: Path) -> None:
    answer = somebody.page.goto(f"{somebody.url}/console{PAGES[name]}")
    if answer is None or not answer.ok:
        file.unlink(missing_ok=True)
        print(f"{name}: there is no such page", file=sys.stderr)
        return
    somebody.page.locator("main#content").wait_for()
    somebody.page.wait_for_function("window.socket && window.socket.connected")
    somebody.page.wait_for_function(_DRAWN)
    image = base64.b64encode(somebody.page.screenshot()).decode()
    file.write_bytes(_png(*paper.evaluate(_INDEXED, image)))


def _png(width: int, height: int, palette: list[int], pixels: str) -> bytes:
    """Return an image of at most 256 colours (PNG, section 11)."""
    raw = base64.b64decode(pixels)
    lines = b"".join(b"\0" + raw[start : start + width] for start in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


if __name__ == "__main__":
    main()
