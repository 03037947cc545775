"""The real server in a process of its own, as ``linkops serve`` starts it, on free ports and an empty folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SERVE = [sys.executable, "-m", "linkops", "serve"]
_READY_WITHIN_S = 120
_STOP_WITHIN_S = 120


class Address(NamedTuple):
    """Where a door listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Return the address written as ``host:port``."""
        host, _, port = text.rpartition(":")
        return cls(host, int(port))


class Server:
    """A running server: its addresses, its folder and its log."""

    def __init__(self, process: subprocess.Popen[bytes], ready: Mapping[str, str], log: Path) -> None:
        self.process = process
        self.log = log
        self.mqtt = Address.parse(ready["mqtt"])
        self.mqtt_tls = Address.parse(ready["mqtt_tls"])
        self.http = ready["http"]
        self.device_https = Address.parse(ready["device_https"].removeprefix("https://"))
        self.ca_certificate = Path(ready["ca_certificate"])
        self.data_dir = Path(ready["data_dir"])

    def kill(self) -> None:
        """End the process as a power cut does."""
        self.process.kill()
        self.process.wait(_STOP_WITHIN_S)


@contextmanager
def running_server(data_dir: Path, log: Path, **settings: object) -> Iterator[Server]:
    """Run a server on ``data_dir`` until the block ends; an orderly end must be one, and the log free of tracebacks.

    Args:
        data_dir: made if missing, and kept: the next server on it goes on with its state.
        log: what the server writes is appended here.
        settings: further ones, by the names of `linkops.settings.Settings`.
    """
    ready = data_dir.with_name(f"{data_dir.name}.ready.json")
    ready.unlink(missing_ok=True)
    command = [*SERVE, "--ready-file", str(ready)]
    with open(log, "ab") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_environment(data_dir, settings)
        )
    try:
        yield Server(process, _wait_until_ready(process, ready, log), log)
    finally:
        killed = process.poll() is not None
        process.send_signal(signal.SIGTERM)
        code = process.wait(_STOP_WITHIN_S)
    assert killed or code == 0, f"the server ended with {code}:\n{log.read_text()[-4000:]}"
    assert "Traceback" not in log.read_text(), log.read_text()[-8000:]


def _environment(data_dir: Path, settings: Mapping[str, object]) -> dict[str, str]:
    ports = dict.fromkeys(("mqtt_port", "mqtt_tls_port", "http_port", "device_https_port"), 0)
    # Most tests do without the console, which takes a second to load.
    ours = {"data_dir": data_dir, "console": False, **ports, **settings}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKOPS_")}
    return {**inherited, **{f"LINKOPS_{name.upper()}": str(value) for name, value in ours.items()}}


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(f"the server did not become ready:\n{log.read_text()[-8000:]}")
        time.sleep(0.02)
    addresses: dict[str, str] = json.loads(ready.read_text())
    return addresses
