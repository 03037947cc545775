"""A server that is killed while it delivers: its receiver misses nothing and hears everything in order."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.namespace import run_in_own_network
from tests.support.operator import Operator, wait_until
from tests.support.restarts import RestartedServer

DEVICES = 100
KILLS = 3
# The judge of addresses takes it for what it looks like, a private one; it exists in the test's own network only.
ADDRESS = "10.213.7.1"
NETWORK = "10.213.7.0/24"


class Application:
    """Takes webhooks, and remembers which events came."""

    def __init__(self, address: str) -> None:
        self.ids: list[int] = []
        self.came = threading.Semaphore(0)
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self.url = f"http://{address}:{self._server.server_address[1]}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ids, came = self.ids, self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ids.extend(event["id"] for event in json.loads(body))
                came.release()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def switch_off_and_on(operator: Operator, devices: list[dict[str, str]]) -> None:
    """Let two events happen to each device."""
    for verb in ("disable", "enable"):
        operator.post(f"/devices/{verb}", {"devices": devices})


@pytest.mark.long
@pytest.mark.slow
def test_a_killed_server_loses_no_event_and_keeps_the_order(tmp_path: Path) -> None:
    run_in_own_network(ADDRESS, deliver_across_kills, tmp_path)


def deliver_across_kills(tmp_path: Path) -> None:
    application = Application(ADDRESS)
    server = RestartedServer(tmp_path / "data", webhook_allowed_networks=[NETWORK], webhook_batch_events=5)
    server.start()
    operator = server.operator()
    product = operator.post("/products", {"name": "Pumps"})["product_key"]
    kinds = ["device.disabled", "device.enabled"]
    webhook = operator.post("/webhooks", {"url": application.url, "kinds": kinds})["id"]
    names = [operator.add_device(product, f"pump-{number}")["device_name"] for number in range(DEVICES)]
    devices = [{"product_key": product, "device_name": name} for name in names]
    for _ in range(KILLS):
        switch_off_and_on(operator, devices)
        for _ in range(7):
            assert application.came.acquire(timeout=30)
        operator.client.close()
        server.kill()
        server.start()
        operator = server.operator()
    wait_until(lambda: operator.get(f"/webhooks/{webhook}")["behind"], 0)
    operator.client.close()
    assert server.stop() == 0
    application.close()
    heard = list(dict.fromkeys(application.ids))
    assert len(heard) == KILLS * 2 * DEVICES
    assert heard == sorted(heard)
    assert server.sound()
