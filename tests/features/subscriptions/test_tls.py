"""HTTPS to a pinned address: the certificate is the name's, whatever address was found."""

import asyncio
import ssl
from pathlib import Path

import pytest

from linkops.certificates import CertificateFiles, development_certificates, device_context
from linkops.clock import SystemClock
from linkops.subscriptions.delivery.client import Poster
from linkops.subscriptions.delivery.sending import Outgoing
from linkops.subscriptions.model import Answer
from tests.support.receiver import NAME, Receiver, to_loopback


async def post(certificate: CertificateFiles, receiver: Receiver) -> Answer:
    """Post to a receiver with this certificate, which is at another address than its name says."""
    context = device_context(certificate, legacy_suites=False)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    poster = Poster(to_loopback, 5)
    port = server.sockets[0].getsockname()[1]
    answer = await poster.post(Outgoing(f"https://{NAME}:{port}/hook", {"Content-Type": "text/plain"}, b"{}"))
    await poster.close()
    server.close()
    return answer


@pytest.mark.parametrize(
    ("host", "trusted", "error"),
    [
        (NAME, True, ""),
        ("other.example", True, "Hostname mismatch"),
        (NAME, False, "CERTIFICATE_VERIFY_FAILED"),
    ],
)
async def test_the_certificate_must_be_of_the_name_and_trusted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    *,
    trusted: bool,
    error: str,
) -> None:
    certificate = development_certificates(tmp_path, [host], SystemClock().now())
    if trusted:
        monkeypatch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(certificate.authority))
    receiver = Receiver()
    answer = await post(certificate, receiver)
    assert error in answer.error
    assert answer.taken is (not error)
    assert [request.headers["host"].partition(":")[0] for request in receiver.requests] == ([] if error else [NAME])


async def test_nothing_answers() -> None:
    server = await asyncio.start_server(Receiver().serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    poster = Poster(to_loopback, 5)
    answer = await poster.post(Outgoing(f"http://{NAME}:{port}/", {}, b"{}"))
    await poster.close()
    assert answer.status is None
    assert answer.error


async def test_a_second_address_is_tried_where_the_first_does_not_answer() -> None:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def two(_host: str, _port: int) -> list[str]:
        return ["127.0.0.99", "127.0.0.1"]

    poster = Poster(two, 5)
    answer = await poster.post(Outgoing(f"http://{NAME}:{port}/", {}, b"{}"))
    await poster.close()
    server.close()
    assert answer.taken
