"""Devices that leave the factory with their product's secret only, and fetch what they log in with.

docs/protocol/device-protocol.md#registration
"""

import asyncio
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Iterable

import httpx
import msgspec

from linkops.alink.topics import Channel, topic_for
from linkops.mqtt.packets import Connect
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.link import LoginRefused, ServerAddress, open_link

AT_ONCE = 20
MQTT, TOKEN = "mqtt", "token"
"""Ways besides the URL of the HTTPS door."""
_WITHIN_S = 30.0
_PATH = "/auth/register/device"
_KEEP_ALIVE_S = 60


class NotRegistered(Exception):  # noqa: N818 - says what is the case
    """The server gave out nothing; the text says what it answered."""


class _Told(msgspec.Struct, rename="camel"):
    product_key: str = ""
    device_name: str = ""
    device_secret: str = ""
    device_token: str = ""
    client_id: str = ""


class _Answer(msgspec.Struct):
    code: int
    data: _Told = msgspec.field(default_factory=_Told)
    message: str = ""


async def register_all(
    names: Iterable[tuple[str, str]], product_secret: str, way: str, server: ServerAddress
) -> list[DeviceIdentity]:
    """Return the identities of devices, named by product key and device name, after all of them registered.

    Args:
        names: who they are.
        product_secret: all that they know.
        way: `MQTT`; `TOKEN` (over MQTT, under names that nobody listed); or the URL of the HTTPS door.
        server: the MQTT door, and whom the devices trust.

    Raises:
        NotRegistered: the server refused one.
        OSError: there was no connection.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def register(product_key: str, device_name: str) -> DeviceIdentity:
        async with places:
            if way in {MQTT, TOKEN}:
                return await _over_mqtt(product_key, device_name, product_secret, way, server)
            return await _over_https(product_key, device_name, product_secret, way, server.tls)

    return list(await asyncio.gather(*(register(*each) for each in names)))


def _signed(product_key: str, device_name: str, random: str, product_secret: str) -> str:
    text = f"deviceName{device_name}productKey{product_key}random{random}"
    return hmac.new(product_secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


async def _over_https(
    product_key: str, device_name: str, product_secret: str, url: str, tls: ssl.SSLContext | None
) -> DeviceIdentity:
    random = secrets.token_hex(8)
    form = {
        "productKey": product_key,
        "deviceName": device_name,
        "random": random,
        "sign": _signed(product_key, device_name, random, product_secret),
        "signMethod": "hmacsha256",
    }
    try:
        async with httpx.AsyncClient(verify=tls or True, timeout=_WITHIN_S) as client:
            answer = msgspec.json.decode((await client.post(url.rstrip("/") + _PATH, data=form)).content, type=_Answer)
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        raise NotRegistered(f"{url}: {error!r}") from None
    if answer.code != 200:
        raise NotRegistered(f"{product_key}/{device_name}: {answer.code} {answer.message}")
    return DeviceIdentity(product_key, device_name, answer.data.device_secret)


async def _over_mqtt(
    product_key: str, device_name: str, product_secret: str, way: str, server: ServerAddress
) -> DeviceIdentity:
    told: asyncio.Future[_Told] = asyncio.get_running_loop().create_future()

    def receive(topic: str, payload: bytes) -> None:
        if topic == _TOPICS[way] and not told.done():
            told.set_result(msgspec.json.decode(payload, type=_Told))

    connect = _introduction(product_key, device_name, product_secret, way)
    try:
        link = await open_link(server, connect, receive)
        try:
            async with asyncio.timeout(_WITHIN_S):
                said = await told
        finally:
            link.close()
    except LoginRefused as refused:
        raise NotRegistered(f"{product_key}/{device_name}: {refused}") from None
    return DeviceIdentity(product_key, device_name, said.device_secret or said.device_token, said.client_id)


_TOPICS = {MQTT: topic_for(Channel.REGISTERED), TOKEN: topic_for(Channel.REGISTERED_WITHOUT_LIST)}
_AUTH_TYPES = {MQTT: "register", TOKEN: "regnwl"}


def _introduction(product_key: str, device_name: str, product_secret: str, way: str) -> Connect:
    random = secrets.token_hex(8)
    extension = f"random={random},authType={_AUTH_TYPES[way]},securemode=2,signmethod=hmacsha256"
    return Connect(
        f"{device_name}.{product_key}|{extension}|",
        keep_alive_s=_KEEP_ALIVE_S,
        username=f"{device_name}&{product_key}",
        password=_signed(product_key, device_name, random, product_secret).encode(),
    )
