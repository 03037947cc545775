"""What C device SDKs do over HTTPS: one suite of old, raw bytes, and header names compared letter by letter."""

import socket
import ssl
from pathlib import Path

from tests.support.server import Address

_WITHIN_S = 30


def trust(authority: Path, suites: str) -> ssl.SSLContext:
    """Return the TLS settings of a client that offers TLS 1.2 with these suites, and nothing else."""
    context = ssl.create_default_context(cafile=str(authority))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    return context


def ask(
    address: Address,
    tls: ssl.SSLContext,
    path: str,
    *headers: str,
    method: str = "GET",
    connection: str = "close",
    body: bytes = b"",
) -> tuple[str, bytes]:
    """Return the head and the body of an answer, exactly as they came."""
    length = f"Content-Length: {len(body)}"
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", length, f"Connection: {connection}", *headers]
    with (
        socket.create_connection(address, timeout=_WITHIN_S) as plain,
        tls.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        answer = b"".join(iter(lambda: secure.recv(65_536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    return head.decode(), content
