"""Who gets in with a certificate: real handshakes, on the same ports as everybody else."""

import asyncio
import json
import queue
import socket
import ssl
from itertools import count
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from linkops.certificates import CertificateFiles
from linkops.clock import FixedClock, SystemClock
from linkops.db import Database
from linkops.devices.certificates.model import KeyKind
from linkops.devices.model import AuthType, DeviceKey, NewDevice, Product
from linkops.events.actor import SYSTEM
from linkops.mqtt.encode import encode
from linkops.mqtt.packets import ConnAck, Connect, Publish
from tests.doors.hub.test_login import c_sdk_tls
from tests.support.certificates import (
    Pair,
    make,
    make_authority,
    make_device,
    shown_by,
    shown_issued,
    with_authority,
    write_files,
)
from tests.support.hub import HubDoor, open_hub
from tests.support.mqtt import MqttClient, connect_of

NOBODY = Connect(".|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=2|", 4, True, 60, "&", b"5E21")
REFUSED = {4: 4, 5: 0x86}
_numbers = count(1)


@pytest.fixture
async def pumps(door: HubDoor) -> Product:
    await with_authority(door.x509, SystemClock().now())
    return await door.products.create(SYSTEM, f"X.509 pumps {next(_numbers)}", auth_type=AuthType.X509)


@pytest.fixture
async def device(door: HubDoor, pumps: Product) -> NewDevice:
    return await door.device(pumps)


def named(device: NewDevice, version: int = 4, password: bytes | None = b"") -> Connect:
    key = device.key
    return Connect(
        f"{key.device_name}|securemode=2|", version, True, 60, f"{key.device_name}&{key.product_key}", password
    )


async def upload(door: HubDoor, product: Product, authority: Pair, *, auto_create: bool = False) -> int:
    code = await door.x509.authorities.registration_code(SYSTEM, product.product_key)
    proof = make_device(code, authority, SystemClock().now())
    uploaded = await door.x509.authorities.upload(
        SYSTEM, product.product_key, authority.pem, proof.pem, auto_create=auto_create
    )
    return uploaded.id


async def answer(door: HubDoor, tls: ssl.SSLContext, connect: Connect = NOBODY) -> ConnAck:
    async with await door.open(connect.version, tls=tls) as client:
        return await client.login(connect)


async def test_who_knows_only_its_certificate_is_told_who_it_is(
    door: HubDoor, device: NewDevice, tmp_path: Path
) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    async with await door.open(tls=shown_issued(door.trust(), tmp_path, issued)) as client:
        assert (await client.login(NOBODY)).reason == 0
        told = await client.next()
    assert isinstance(told, Publish)
    assert told.topic == "/ext/auth/identity/response"
    pk, dn = device.key
    assert told.payload == f'{{"productKey":"{pk}","deviceName":"{dn}"}}'.encode()


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_with_both_kinds_of_keys_and_both_versions_of_tls(
    door: HubDoor, device: NewDevice, tmp_path: Path, kind: KeyKind, newest: ssl.TLSVersion
) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key, kind)
    tls = shown_issued(door.trust(), tmp_path, issued)
    tls.maximum_version = newest
    assert (await answer(door, tls)).reason == 0


async def test_with_the_suites_and_signatures_of_old_c_sdks(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key, KeyKind.RSA)
    assert (await answer(door, shown_issued(c_sdk_tls(door), tmp_path, issued))).reason == 0


@pytest.mark.parametrize("version", [3, 4, 5])
async def test_who_knows_its_names_says_them_with_any_password_or_none(
    door: HubDoor, device: NewDevice, tmp_path: Path, version: int
) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    tls = shown_issued(door.trust(), tmp_path, issued)
    for password in (b"", None, b"not looked at"):
        async with await door.open(version, tls=tls) as client:
            assert (await client.login(named(device, version, password))).reason == 0
            await client.send(Publish(f"/sys/{device.key.product_key}/{device.key.device_name}/thing/x", b"{}", 0, 0))
    assert door.hub.counts.accepted == 3


async def test_a_client_that_says_nothing_but_its_id_is_known_too(
    door: HubDoor, device: NewDevice, tmp_path: Path
) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    tls = shown_issued(door.trust(), tmp_path, issued)
    assert (await answer(door, tls, Connect("pump", 4, True, 60, None, None))).reason == 0


@pytest.mark.parametrize("version", [4, 5])
async def test_without_a_certificate_nobody_gets_into_a_product_for_certificates(
    door: HubDoor, device: NewDevice, version: int
) -> None:
    await door.x509.issuing.issue(SYSTEM, device.key)
    assert (await door.answer(device, version)).reason == REFUSED[version]
    for connect in (NOBODY, named(device, version)):
        assert (await answer(door, door.trust(), connect)).reason == REFUSED[connect.version]
    async with await door.open() as plain:
        assert (await plain.login(NOBODY)).reason == 4


async def test_a_certificate_opens_its_own_device_only(
    door: HubDoor, pumps: Product, device: NewDevice, tmp_path: Path
) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    tls = shown_issued(door.trust(), tmp_path, issued)
    other_product = await door.products.create(SYSTEM, f"Fans {next(_numbers)}", auth_type=AuthType.X509)
    namesake = await door.devices.create(SYSTEM, other_product.product_key, device.key.device_name)
    for other in (await door.device(pumps), namesake, await door.device()):
        assert (await answer(door, tls, named(other))).reason == 4
    assert (await answer(door, tls, named(device))).reason == 0


async def test_secret_devices_notice_nothing(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    by_secret = await door.device()
    for tls in (None, door.trust(), c_sdk_tls(door), shown_issued(door.trust(), tmp_path, issued)):
        async with await door.open(tls=tls) as client:
            assert (await client.login(connect_of(by_secret))).reason == 0


def stranger(door: HubDoor, folder: Path, device: NewDevice, kind: str) -> ssl.SSLContext:
    """A client whose certificate has the right name, and was signed by nobody that is known."""
    now = SystemClock().now()
    root = make_authority("Somebody", now)
    pair = {
        "self-signed": make(device.key.device_name, now=now),
        "another authority": make_device(device.key.device_name, root, now),
        "expired": make_device(device.key.device_name, root, now, until_ms=-1_000, from_ms=-10_000),
    }[kind]
    return shown_by(door.trust(), folder, pair.pem, pair.key_pem)


async def handshake_fails(door: HubDoor, tls: ssl.SSLContext) -> bool:
    """Return whether the server ends the connection without a CONNACK; in TLS 1.3 the client hears of it later."""
    try:
        async with await door.open(tls=tls) as client:
            await client.send(NOBODY)
            return await client.until_closed() == []
    except (ssl.SSLError, ConnectionError):
        return True


@pytest.mark.parametrize("kind", ["self-signed", "another authority", "expired"])
async def test_strangers_are_refused_and_a_secret_device_among_them_gets_in_at_the_second_try(
    door: HubDoor, device: NewDevice, tmp_path: Path, kind: str
) -> None:
    await door.x509.issuing.issue(SYSTEM, device.key)
    tls = stranger(door, tmp_path, device, kind)
    assert await handshake_fails(door, tls)
    assert (await answer(door, tls)).reason == 4
    assert await handshake_fails(door, tls)
    assert (await answer(door, tls, connect_of(await door.device()))).reason == 0


async def connected(door: HubDoor, tls: ssl.SSLContext, connect: Connect = NOBODY) -> MqttClient:
    client = await door.open(connect.version, tls=tls)
    assert (await client.login(connect)).reason == 0
    return client


async def test_who_is_revoked_is_cut_off_and_refused(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    tls = shown_issued(door.trust(), tmp_path, issued)
    client = await connected(door, tls)
    assert await door.x509.certificates.revoke(SYSTEM, [issued.id]) == 1
    await client.until_closed()
    assert door.hub.counts.closed["certificate revoked"] == 1
    assert (await answer(door, tls)).reason == 4
    assert await door.x509.certificates.revoke(SYSTEM, [issued.id]) == 0


async def test_whose_authority_is_disabled_is_cut_off_and_refused_until_it_is_enabled(
    door: HubDoor, pumps: Product, device: NewDevice, tmp_path: Path
) -> None:
    root = make_authority("Pump maker", SystemClock().now())
    authority_id = await upload(door, pumps, root)
    pair = make_device(device.key.device_name, root, SystemClock().now())
    tls = shown_by(door.trust(), tmp_path, pair.pem, pair.key_pem)
    client = await connected(door, tls)
    await door.x509.authorities.change(SYSTEM, authority_id, enabled=False)
    await client.until_closed()
    assert (await answer(door, tls)).reason == 4
    await door.x509.authorities.change(SYSTEM, authority_id, enabled=True)
    assert (await answer(door, tls)).reason == 0


async def test_an_authority_is_trusted_from_its_upload_on_while_the_doors_are_open(
    door: HubDoor, pumps: Product, tmp_path: Path
) -> None:
    """Also one that is below another: it need not come with its chain, and may."""
    now = SystemClock().now()
    root = make_authority("Root", now)
    below = make_authority("Below", now, root)
    pair = make_device("pump-0001", below, now)
    tls = shown_by(door.trust(), tmp_path, pair.pem + below.pem + root.pem, pair.key_pem)
    assert await handshake_fails(door, tls)
    await upload(door, pumps, below, auto_create=True)
    assert (await answer(door, tls)).reason == 4  # not asked, after the one that failed
    assert (await answer(door, tls)).reason == 0
    created = await door.devices.get(SYSTEM, DeviceKey(pumps.product_key, "pump-0001"))
    assert created.online_at is not None


async def test_chains_with_strangers_in_them_and_endless_ones(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    issued, now = await door.x509.issuing.issue(SYSTEM, device.key), SystemClock().now()
    assert issued.private_key is not None
    strangers = "".join(make_authority(f"Stranger {n}", now).pem for n in range(9))
    tls = shown_by(door.trust(), tmp_path, issued.certificate + strangers, issued.private_key)
    assert (await answer(door, tls)).reason == 0
    endless = shown_by(door.trust(), tmp_path, issued.certificate + strangers * 40, issued.private_key)
    assert await handshake_fails(door, endless)
    assert (await answer(door, tls)).reason == 0


async def test_the_clock_of_the_server_counts(
    sqlite_db: Database, certificates: CertificateFiles, tmp_path: Path
) -> None:
    clock = FixedClock(SystemClock().now())
    async with open_hub(sqlite_db, clock, certificates) as door:
        await with_authority(door.x509, clock.now())
        product = await door.products.create(SYSTEM, "Pumps", auth_type=AuthType.X509)
        issued = await door.x509.issuing.issue(SYSTEM, (await door.device(product)).key, valid_days=7)
        tls = shown_issued(door.trust(), tmp_path, issued)
        client = await connected(door, tls)
        clock.advance(8 * 86_400_000)
        assert not await door.x509.upkeep.cut_off_expired()
        await client.until_closed()
        assert (await answer(door, tls)).reason == 4
        clock.advance(-9 * 86_400_000)
        assert (await answer(door, tls)).reason == 4


async def test_a_session_that_is_resumed_is_judged_anew(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    """A ticket of TLS 1.2 brings the certificate back without proof anew; whoever was revoked stays out."""
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    tls = shown_issued(door.trust(), tmp_path, issued)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    first, session, reused = await asyncio.to_thread(blocking_login, door, tls, None)
    assert (first, reused) == (b"\x20\x02\x00\x00", False)
    again, _, reused = await asyncio.to_thread(blocking_login, door, tls, session)
    assert (again, reused) == (b"\x20\x02\x00\x00", True)
    await door.x509.certificates.revoke_device(SYSTEM, device.key)
    refused, _, _ = await asyncio.to_thread(blocking_login, door, tls, session)
    assert refused == b"\x20\x02\x00\x04"


def blocking_login(
    door: HubDoor, tls: ssl.SSLContext, session: ssl.SSLSession | None
) -> tuple[bytes, ssl.SSLSession | None, bool]:
    """Return the CONNACK, the session of TLS, and whether it was an earlier one."""
    with (
        socket.create_connection(door.addresses.mqtt, timeout=20) as plain,
        tls.wrap_socket(plain, server_hostname="localhost", session=session) as secure,
    ):
        secure.sendall(encode(NOBODY, 4))
        return secure.recv(4), secure.session, bool(secure.session_reused)


async def test_who_guesses_is_throttled_and_nobody_else(
    door: HubDoor, pumps: Product, device: NewDevice, tmp_path: Path
) -> None:
    revoked = await door.x509.issuing.issue(SYSTEM, device.key)
    await door.x509.certificates.revoke(SYSTEM, [revoked.id])
    tls = shown_issued(door.trust(), tmp_path, revoked)
    answers = [(await answer(door, tls)).reason for _ in range(6)]
    assert answers == [4] * 5 + [3]
    neighbour = await door.x509.issuing.issue(SYSTEM, (await door.device(pumps)).key)
    assert (await answer(door, shown_issued(door.trust(), tmp_path, neighbour))).reason == 0


async def test_paho_mqtt_gets_in(door: HubDoor, device: NewDevice, tmp_path: Path) -> None:
    """As the documentation shows it."""
    issued = await door.x509.issuing.issue(SYSTEM, device.key)
    assert issued.private_key is not None
    files = write_files(tmp_path, issued.certificate, issued.private_key)
    told = await asyncio.to_thread(paho_identity, door, files)
    assert told == {"productKey": device.key.product_key, "deviceName": device.key.device_name}


def paho_identity(door: HubDoor, files: tuple[Path, Path]) -> dict[str, str]:
    """Return what paho-mqtt is told about itself."""
    told: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="pump")
    client.username_pw_set("&", "")
    client.tls_set(str(door.authority), str(files[0]), str(files[1]))
    client.on_message = lambda _client, _data, message: told.put(bytes(message.payload))
    client.connect("localhost", door.addresses.mqtt_tls[1], keepalive=60)
    client.loop_start()
    identity: dict[str, str] = json.loads(told.get(timeout=20))
    client.disconnect()
    client.loop_stop()
    return identity
