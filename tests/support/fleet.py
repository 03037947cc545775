"""Simulated devices as a process of their own, as ``linkops simulate`` starts them."""

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.operator import Operator, Shown
from tests.support.server import Server

_STOP_WITHIN_S = 120
_COLUMNS = ("product_key", "device_name", "device_secret")


def add_devices(operator: Operator, product_key: str, names: Sequence[str]) -> list[Shown]:
    """Register devices and return who they are."""
    return [operator.add_device(product_key, name) for name in names]


@contextmanager
def simulated(
    server: Server, devices: Sequence[Shown], folder: Path, behaviour: str = "succeed", version: str = "1.0.0"
) -> Iterator[None]:
    """Let devices be there until the block ends, and do with updates what ``behaviour`` says."""
    file = folder / "identities.csv"
    with file.open("w", newline="") as text:
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(devices)
    command = [sys.executable, "-m", "linkops", "simulate", "--identities", str(file), "--devices", str(len(devices))]
    command += ["--mqtt", f"{server.mqtt.host}:{server.mqtt.port}", "--behaviour", behaviour, "--version", version]
    with (folder / "simulator.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(_STOP_WITHIN_S)
    assert code == 0, f"the simulator ended with {code}"
