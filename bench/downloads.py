"""Downloads: a few fast readers beside nginx on the same file, and the memory that many slow ones take."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.figures import Row, Run, median
from bench.nginx import nginx
from bench.server import System, system
from linkops.links import Link, link_key, write_token
from tests.support.server import Address

_MIB = 2**20
_FILE_MIB, _CLIENTS, _ROUNDS = 64, 8, 5
_SLOW_READERS, _SLOW_PIECE_BYTES, _SLOW_FOR_S = 500, 127, 15
_LEAST_MB_PER_S, _LEAST_OF_NGINX, _MOST_SLOW_MB = 600, 0.4, 64


def rows(run: Run) -> Iterator[Row]:
    """Measure speed in turns with nginx, then memory."""
    content = os.urandom(run.size(_FILE_MIB, 4) * _MIB)
    with system(1) as running, nginx(content) as other:
        ours, path = _address(running), _link(running, content)
        pairs = [
            (_mb_per_s(ours, path, len(content)), _mb_per_s(other, "/file", len(content)))
            for _ in run.repeat(_ROUNDS, "downloads beside nginx")
        ]
        rate, share = median(mine for mine, _ in pairs), median(mine / its for mine, its in pairs)
        met = rate >= _LEAST_MB_PER_S and share >= _LEAST_OF_NGINX
        what = f"download, {len(content) // _MIB} MiB file, {_CLIENTS} clients"
        bar = f"≥ {_LEAST_MB_PER_S} MB/s and ≥ {_LEAST_OF_NGINX} of nginx"
        yield Row(what, f"{rate:,.0f} MB/s, {share:.2f} of nginx", bar, met=met)
        yield _slow(run, running, ours, path)


def _address(running: System) -> Address:
    return Address.parse(running.server.http.partition("://")[2])


def _link(running: System, content: bytes) -> str:
    """Return the path of a download link to ``content``, as the first device gets it."""
    upload_id = running.rest.upload("file.bin", content)
    new = {"product_key": running.product_key, "name": "bench", "version": "2", "upload_id": upload_id}
    package = running.rest.post("/api/v1/ota/packages", new)
    link = Link(1, package["files"][0]["id"], int(time.time()) + 3_600)
    return f"/files/{write_token(link_key((running.server.data_dir / 'master.key').read_bytes()), link)}"


def _mb_per_s(address: Address, path: str, size_bytes: int) -> float:
    clients = [threading.Thread(target=_download, args=(address, path, size_bytes)) for _ in range(_CLIENTS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return _CLIENTS * size_bytes / (time.perf_counter() - began) / 1e6


def _download(address: Address, path: str, size_bytes: int) -> None:
    buffer = bytearray(_MIB)
    received = 0
    with _asked(address, path) as connection:
        while count := connection.recv_into(buffer):
            received += count
    if received < size_bytes:
        raise RuntimeError(f"{received} bytes of {size_bytes}")


def _asked(address: Address, path: str) -> socket.socket:
    connection = socket.create_connection(address)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.host}\r\nConnection: close\r\n\r\n".encode())
    return connection


def _slow(run: Run, running: System, address: Address, path: str) -> Row:
    readers = run.size(_SLOW_READERS, 20)
    run.say("slow readers")
    before = running.process.resident_bytes()
    with _reading_slowly([_asked(address, path) for _ in range(readers)]):
        time.sleep(run.size(_SLOW_FOR_S, 2))
        taken = (running.process.resident_bytes() - before) / 1e6
    return Row(
        f"memory that {readers} slow readers take",
        f"{taken:.0f} MB",
        f"≤ {_MOST_SLOW_MB} MB",
        met=taken <= _MOST_SLOW_MB,
    )


@contextmanager
def _reading_slowly(connections: list[socket.socket]) -> Iterator[None]:
    stop = threading.Event()

    def read() -> None:
        while not stop.wait(0.1):
            for connection in connections:
                connection.recv(_SLOW_PIECE_BYTES)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()
        for connection in connections:
            connection.close()
