"""The same door over TLS."""

import ssl
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from linkops.api.app import create_app
from linkops.api.listening import HttpListener, listen
from linkops.certificates import development_certificates, device_context
from linkops.clock import SystemClock
from tests.support.api import MAX_FILE_BYTES, Door


async def test_https_is_answered_and_told_to_stay(door: Door, tmp_path: Path) -> None:
    files = development_certificates(tmp_path / "tls", ["localhost"], SystemClock().now())
    app = create_app(door.services, door.blobs, CollectorRegistry(), trusted_proxies=(), max_file_bytes=MAX_FILE_BYTES)
    listener = HttpListener(app, listen("127.0.0.1", 0), device_context(files, legacy_suites=False))
    _, port = await listener.start()
    trust = ssl.create_default_context(cafile=str(files.authority))
    async with httpx.AsyncClient(base_url=f"https://localhost:{port}", verify=trust) as client:
        answer = await client.get("/healthz")
    await listener.stop()
    assert answer.json() == {"status": "alive"}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
