"""Debian's Mosquitto under the same load: the base that our own rate is divided by."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import program
from tests.support.server import Address

_START_WITHIN_S = 10


@contextmanager
def mosquitto() -> Iterator[Address]:
    """Run a broker that lets everybody in and stores nothing, until the block ends."""
    address = Address("127.0.0.1", free_port())
    with tempfile.TemporaryDirectory(prefix="linkops-mosquitto-") as folder:
        configuration = Path(folder) / "mosquitto.conf"
        configuration.write_text(f"listener {address.port} {address.host}\nallow_anonymous true\npersistence false\n")
        command = [program("mosquitto", package="mosquitto"), "-c", str(configuration)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_open(address)
            yield address
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until_open(address: Address) -> None:
    """Return once somebody listens there."""
    deadline = time.monotonic() + _START_WITHIN_S
    while True:
        try:
            return socket.create_connection(address, timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.02)
