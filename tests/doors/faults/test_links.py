"""A download link opens one file for one device; nobody guesses one."""

import asyncio
import base64
import random
import secrets
from urllib.parse import urlsplit

import httpx

from linkops.simulator import DeviceIdentity, Fleet
from linkops.simulator.wire import Offer
from tests.doors.faults.conftest import Site
from tests.support.diary import Diary
from tests.support.restarts import add_fleet

GUESSES = 10_000
AT_ONCE = 8


class Links(Diary):
    """Remembers the links that each device was given."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: dict[str, str] = {}

    def offered(self, identity: DeviceIdentity, offer: Offer) -> None:
        super().offered(identity, offer)
        self.urls[identity.device_name] = offer.url


async def test_only_the_devices_of_a_product_are_given_links_to_its_files(site: Site) -> None:
    _, strangers = await asyncio.to_thread(add_fleet, site.operator, 5)
    links = Links()
    async with Fleet(site.server.mqtt, [*site.identities[:3], *strangers], pulls=True, observer=links) as fleet:
        await fleet.settled()
        package_id = await asyncio.to_thread(site.operator.add_package, site.product_key, "2.0.0", b"secret")
        job_id = await asyncio.to_thread(site.operator.start_job, package_id)
        async with asyncio.timeout(120):
            while len(links.urls) < 3:  # noqa: ASYNC110 - told by an observer
                await asyncio.sleep(0.05)
    await asyncio.to_thread(site.operator.get, f"/ota/jobs/{job_id}")
    assert set(links.urls) == {identity.device_name for identity in site.identities[:3]}
    assert len(set(links.urls.values())) == 3
    url = links.urls[site.identities[0].device_name]
    async with httpx.AsyncClient() as client:
        assert (await client.get(url)).content == b"secret"
        for wrong in _neighbours(urlsplit(url).path.removeprefix("/files/")):
            answer = await client.get(f"{site.server.http}/files/{wrong}")
            assert answer.status_code in {403, 404}, wrong
            assert b"secret" not in answer.content
    refused = await asyncio.to_thread(
        site.operator.client.post, f"/products/{site.product_key}/devices/{site.identities[0].device_name}/disable"
    )
    assert refused.status_code == 204
    assert (await asyncio.to_thread(httpx.get, url)).status_code == 403


def _neighbours(token: str) -> list[str]:
    """Return the token with each bit of it changed, cut short, made longer, and with other spellings."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    flipped = [raw[:n] + bytes([raw[n] ^ 1 << random.randrange(8)]) + raw[n + 1 :] for n in range(len(raw))]
    spelled = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in flipped]
    return [*spelled, token[:-1], token + "A", token.swapcase(), f"{token}=", f"x/../{token}x", "%00" + token]


async def test_random_tokens_are_refused(site: Site) -> None:
    port = urlsplit(site.server.http).port
    assert port is not None
    statuses = await asyncio.gather(*(_guess(port, GUESSES // AT_ONCE) for _ in range(AT_ONCE)))
    assert [status for guessed in statuses for status in guessed] == [403] * GUESSES


async def _guess(port: int, guesses: int) -> list[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = []
    for _ in range(guesses):
        writer.write(b"GET /files/%s HTTP/1.1\r\nHost: x\r\n\r\n" % secrets.token_urlsafe(37).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: "))
        await reader.readexactly(length)
        statuses.append(int(head[9:12]))
    writer.close()
    await writer.wait_closed()
    return statuses
