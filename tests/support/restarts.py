"""A server that is killed and started again many times, always on the same data and the same ports.

Its process is forked from one that has imported everything: a start takes half a second instead of three.
"""

import multiprocessing
import os
import random
import signal
import socket
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from linkops.server import Addresses, Server, run
from linkops.settings import load_settings
from linkops.simulator import DeviceIdentity, ServerAddress
from tests.support.operator import Operator

READY_WITHIN_S = 60
STOPPED_WITHIN_S = 60

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["linkops.server"])


class RestartedServer:
    """A server's data folder and ports, and the process that serves them now, if any.

    Attributes:
        password: of the first administrator, once it was started.
    """

    def __init__(self, data_dir: Path, **given: Any) -> None:
        """``given`` are settings."""
        ports = {name: free_port() for name in ("mqtt_port", "mqtt_tls_port", "http_port", "device_https_port")}
        self.data_dir = data_dir
        self.log = data_dir.with_name(f"{data_dir.name}.log")
        self.mqtt = ServerAddress("127.0.0.1", ports["mqtt_port"])
        self.http = f"http://127.0.0.1:{ports['http_port']}"
        self.password: str | None = None
        self._given = {"data_dir": str(data_dir), **ports, **given}
        self._process: Any = None

    @property
    def pid(self) -> int:
        """The process that serves now."""
        return int(self._process.pid)

    def start(self) -> None:
        """Start, and return when all doors are open."""
        ours, theirs = _processes.Pipe(duplex=False)
        self._process = _processes.Process(target=_serve, args=(self._given, str(self.log), theirs), daemon=True)
        self._process.start()
        theirs.close()
        try:
            assert ours.poll(READY_WITHIN_S), f"not ready:\n{self.log.read_text()[-4_000:]}"
            self.password = ours.recv() or self.password
        except EOFError:
            raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4_000:]}") from None

    def kill(self) -> None:
        """End the process as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.join(STOPPED_WITHIN_S)

    def stop(self) -> int | None:
        """Ask the process to end, and return its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        self._process.join(STOPPED_WITHIN_S)
        code: int | None = self._process.exitcode
        return code

    def operator(self) -> Operator:
        """Return the first administrator, logged in."""
        assert self.password is not None
        return Operator(self.http, self.password)

    def sound(self) -> bool:
        """Return whether its log shows no fault of ours."""
        return "Traceback" not in self.log.read_text()


def add_fleet(operator: Operator, devices: int) -> tuple[str, list[DeviceIdentity]]:
    """Create a product with so many devices, and return its key and what its devices carry."""
    key: str = operator.post("/products", {"name": f"Pumps {random.getrandbits(32)}"})["product_key"]
    created = operator.post(f"/products/{key}/devices/generate", {"count": devices})["items"]
    return key, [DeviceIdentity(**each) for each in created]


def free_port() -> int:
    """Return a port that nobody listens on, and that no outgoing connection takes while the server is away."""
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, first_outgoing)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def _serve(given: dict[str, Any], log: str, ready: "Connection[str | None, None]") -> None:
    with open(log, "ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())

    async def tell(server: Server, _where: Addresses) -> None:
        ready.send(await server.services.api.accounts.create_first_admin())
        ready.close()

    run(load_settings(**given), tell)
