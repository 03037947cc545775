"""Debian's nginx on the same file: the base that our own download rate is divided by."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.mosquitto import free_port, wait_until_open
from tests.support.programs import program
from tests.support.server import Address

_CONFIGURATION = """
{user}
worker_processes auto;
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    server {{ listen {address.host}:{address.port}; root {folder}/files; }}
}}
"""


@contextmanager
def nginx(content: bytes) -> Iterator[Address]:
    """Serve ``content`` at ``/file`` until the block ends."""
    address = Address("127.0.0.1", free_port())
    with tempfile.TemporaryDirectory(prefix="linkops-nginx-") as name:
        folder = Path(name)
        (folder / "files").mkdir()
        (folder / "files" / "file").write_bytes(content)
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = folder / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, address=address, user=user))
        command = [program("nginx", package="nginx-light"), "-c", str(configuration), "-e", str(folder / "errors")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_open(address)
            yield address
        finally:
            process.terminate()
            process.wait()
