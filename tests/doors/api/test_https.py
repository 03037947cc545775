"""The same door over TLS."""

import ssl
from pathlib import Path

import httpx

from linkops.api.listening import HttpListener, listen
from linkops.certificates import development_certificates, device_context
from linkops.clock import SystemClock
from tests.support.api import Door, app_of


async def test_https_is_answered_and_told_to_stay(door: Door, tmp_path: Path) -> None:
    files = development_certificates(tmp_path / "tls", ["localhost"], SystemClock().now())
    app, tls = app_of(door.services, door.blobs), device_context(files, legacy_suites=False)
    listener = HttpListener(app, listen("127.0.0.1", 0), tls)
    _, port = await listener.start()
    trust = ssl.create_default_context(cafile=str(files.authority))
    async with httpx.AsyncClient(base_url=f"https://localhost:{port}", verify=trust) as client:
        answer = await client.get("/healthz")
    await listener.stop()
    assert answer.json() == {"status": "alive"}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
