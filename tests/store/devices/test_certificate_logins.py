"""Logins with certificates, and lists of them, on both engines."""

import pytest

from linkops.db import Tx
from linkops.devices.certificates.issuing.service import DAY_MS
from linkops.devices.certificates.model import Certificate, CertificateState, Issued, KeyKind, RevocationReason
from linkops.devices.credentials import parse_login
from linkops.devices.model import AuthType, DeviceKey, NewDevice, Product
from linkops.devices.presence.model import Accepted, LoginAttempt, LoginResult, Refusal
from linkops.devices.registration.store import NewToken, add_tokens
from linkops.devices.registration.tokens import digest_of_token
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.certificates import Pair, attempt_with, der_of, make_authority, make_device, with_authority
from tests.support.devices import DeviceServices

GRACE_MS, SKEW_MS = 30 * DAY_MS, 300_000
WRONG = Refusal.WRONG_CREDENTIALS


@pytest.fixture
async def pumps(services: DeviceServices) -> Product:
    await with_authority(services.x509, NOW)
    return await services.products.create(SYSTEM, "Pumps", auth_type=AuthType.X509)


@pytest.fixture
async def pump(services: DeviceServices, pumps: Product) -> NewDevice:
    return await services.device(pumps, "pump-0001")


async def upload(services: DeviceServices, product: Product, authority: Pair, *, auto_create: bool = False) -> int:
    code = await services.x509.authorities.registration_code(SYSTEM, product.product_key)
    proof = make_device(code, authority, NOW).pem
    uploaded = await services.x509.authorities.upload(
        SYSTEM, product.product_key, authority.pem, proof, auto_create=auto_create
    )
    return uploaded.id


async def shown(services: DeviceServices, certificate: bytes | None, key: DeviceKey | None = None) -> LoginResult:
    services.clock.advance(6_000)  # so that nobody is taken over too often
    address = f"10.0.{services.clock.now() // 6_000 % 200}.1"  # and nobody is throttled
    return await services.log_in(attempt_with(certificate, key, address=address))


async def gets_in(services: DeviceServices, issued: Issued | bytes) -> bool:
    answer = await shown(services, issued if isinstance(issued, bytes) else der_of(issued))
    assert isinstance(answer, Accepted) or answer is WRONG
    return isinstance(answer, Accepted)


async def listed(services: DeviceServices, **wanted: object) -> list[Certificate]:
    return (await services.x509.certificates.page(SYSTEM, **wanted)).items  # type: ignore[arg-type]  # as it is asked


async def test_a_certificate_says_who_logs_in(services: DeviceServices, pump: NewDevice) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    answer = await shown(services, der_of(issued))
    assert isinstance(answer, Accepted)
    assert (answer.device_id, answer.key) == (pump.id, pump.key)
    [known] = await listed(services)
    assert (known.id, known.serial, known.state) == (issued.id, issued.serial, CertificateState.VALID)
    assert known.first_used_at == known.last_used_at == services.clock.now()
    await shown(services, der_of(issued), pump.key)
    [again] = await listed(services)
    assert (again.first_used_at, again.last_used_at) == (known.first_used_at, services.clock.now())


async def test_many_at_once_are_one_unit(services: DeviceServices, pumps: Product) -> None:
    devices = [await services.device(pumps, f"pump-10{n:02}") for n in range(20)]
    issued = await services.x509.issuing.issue_all(
        SYSTEM, pumps.product_key, [each.key.device_name for each in devices], KeyKind.EC, None
    )
    by_secret = await services.device(await services.product("Fans"))
    attempts = [attempt_with(der_of(each), connection_id=n) for n, each in enumerate(issued)]
    attempts += [attempt_with(None, devices[0].key), attempt_with(b"\x30\x00", devices[0].key)]
    attempts += [services.attempt(by_secret)]
    answers = await services.log_in_all(attempts)
    assert [each.key for each in answers[:20] if isinstance(each, Accepted)] == [each.key for each in devices]
    assert answers[20:22] == [WRONG, WRONG]
    assert isinstance(answers[22], Accepted)


async def test_both_are_accepted_until_the_new_one_is_used(services: DeviceServices, pump: NewDevice) -> None:
    old = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert await gets_in(services, old)
    new = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert await gets_in(services, old)
    assert await gets_in(services, new)
    assert not await gets_in(services, old)
    assert await gets_in(services, new)
    states = {each.id: each.state for each in await listed(services)}
    assert states == {old.id: CertificateState.REPLACED, new.id: CertificateState.VALID}


async def test_or_until_the_time_of_grace_is_over(services: DeviceServices, pump: NewDevice) -> None:
    old = await services.x509.issuing.issue(SYSTEM, pump.key)
    new = await services.x509.issuing.issue(SYSTEM, pump.key)
    services.clock.advance(GRACE_MS - 10_000)
    assert await gets_in(services, old)
    services.clock.advance(10_000)
    assert not await gets_in(services, old)
    assert await gets_in(services, new)


async def test_an_older_one_that_is_used_late_ends_only_what_is_older_still(
    services: DeviceServices, pump: NewDevice
) -> None:
    first, second, third = [await services.x509.issuing.issue(SYSTEM, pump.key) for _ in range(3)]
    assert await gets_in(services, second)
    assert not await gets_in(services, first)
    assert await gets_in(services, third)
    assert not await gets_in(services, second)


async def test_dates_are_ours(services: DeviceServices, pump: NewDevice) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=2)
    services.clock.advance(2 * DAY_MS - 10_000)
    assert await gets_in(services, issued)
    services.clock.advance(10_000)
    assert not await gets_in(services, issued)
    services.clock.advance(-2 * DAY_MS - 3_600_000 - SKEW_MS)
    assert await gets_in(services, issued)
    services.clock.advance(-60_000)
    assert not await gets_in(services, issued)


async def test_what_an_uploaded_authority_signed(services: DeviceServices, pumps: Product, pump: NewDevice) -> None:
    root = make_authority("Pump maker", NOW)
    pair = make_device("pump-0001", root, NOW)
    assert not await gets_in(services, pair.der)
    authority_id = await upload(services, pumps, root)
    assert await gets_in(services, pair.der)
    [seen] = await listed(services)
    assert (seen.key, seen.authority_id, seen.issued_by) == (pump.key, authority_id, "")
    assert await gets_in(services, pair.der)
    assert len(await listed(services)) == 1
    assert not await gets_in(services, make_device("pump-0002", root, NOW).der)
    namesake, below = make_authority("Pump maker", NOW), make_authority("Below", NOW, root)
    for signer in (namesake, below):
        assert not await gets_in(services, make_device("pump-0001", signer, NOW).der)
    assert not await gets_in(services, root.der)


async def test_devices_that_do_not_exist_are_made_where_that_is_wanted(
    services: DeviceServices, pumps: Product
) -> None:
    root = make_authority("Pump maker", NOW)
    await upload(services, pumps, root, auto_create=True)
    pair = make_device("pump-7777", root, NOW)
    other = DeviceKey(pumps.product_key, "pump-8888")
    assert await shown(services, pair.der, other) is WRONG
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device")) == 0
    answer = await shown(services, pair.der)
    assert isinstance(answer, Accepted)
    assert answer.key == DeviceKey(pumps.product_key, "pump-7777")
    assert await services.db.read(last_audit) == ("system", "device.create", f"device:{answer.key}")


def last_audit(tx: Tx) -> tuple[str, ...]:
    return tuple(tx.all("SELECT account_name, action, target FROM audit ORDER BY id DESC LIMIT 1")[0])


async def test_what_was_revoked_stays_so_when_its_device_is_deleted_and_made_anew(
    services: DeviceServices, pumps: Product
) -> None:
    root = make_authority("Pump maker", NOW)
    await upload(services, pumps, root, auto_create=True)
    revoked, good = make_device("pump-7777", root, NOW), make_device("pump-7777", root, NOW)
    assert await gets_in(services, revoked.der)
    assert await gets_in(services, good.der)
    key = DeviceKey(pumps.product_key, "pump-7777")
    certificates = {each.fingerprint: each.id for each in await listed(services)}
    await services.x509.certificates.revoke(SYSTEM, [next(iter(await named(services, revoked)))])
    await services.devices.delete(SYSTEM, [key])
    assert not await gets_in(services, revoked.der)
    assert await gets_in(services, good.der)
    assert not await gets_in(services, revoked.der)
    assert {each.id for each in await listed(services)} <= set(certificates.values())


async def named(services: DeviceServices, pair: Pair) -> list[int]:
    serial = f"{pair.certificate.serial_number:x}"
    return [each.id for each in await listed(services) if each.serial == serial]


async def test_one_of_ours_whose_device_was_deleted_opens_no_namesake(
    services: DeviceServices, pumps: Product, pump: NewDevice
) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    await services.devices.delete(SYSTEM, [pump.key])
    await services.device(pumps, pump.key.device_name)
    assert not await gets_in(services, issued)


async def test_disabled_devices_are_told_so_and_their_certificate_stays_unused(
    services: DeviceServices, pump: NewDevice
) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    await services.devices.set_enabled(SYSTEM, [pump.key], enabled=False)
    assert await shown(services, der_of(issued)) is Refusal.DISABLED
    [known] = await listed(services)
    assert known.first_used_at is None


async def test_lists_by_expiry_product_device_and_state(services: DeviceServices, pumps: Product) -> None:
    names = [f"pump-10{n:02}" for n in range(6)]
    for days, name in enumerate(names, 10):
        device = await services.device(pumps, name)
        await services.x509.issuing.issue(SYSTEM, device.key, valid_days=days)
    fans = await services.products.create(SYSTEM, "Fans", auth_type=AuthType.X509)
    fan = await services.device(fans, "fan-0001")
    first = await services.x509.issuing.issue(SYSTEM, fan.key, valid_days=1)
    await services.x509.certificates.revoke(SYSTEM, [first.id], RevocationReason.KEY_COMPROMISE)

    page = await services.x509.certificates.page(SYSTEM, limit=4)
    rest = await services.x509.certificates.page(SYSTEM, limit=4, cursor=page.next)
    assert [each.key.device_name for each in [*page.items, *rest.items]] == ["fan-0001", *names]
    assert (page.total, rest.next) == (7, None)
    valid = CertificateState.VALID
    assert [each.key.device_name for each in await listed(services, state=valid, expires_within_days=12)] == names[:2]
    assert [each.id for each in await listed(services, state=CertificateState.REVOKED)] == [first.id]
    assert len(await listed(services, product_key=pumps.product_key)) == 6
    [only] = await listed(services, product_key=pumps.product_key, device_name=names[3])
    assert only.key.device_name == names[3]
    services.clock.advance(11 * DAY_MS)
    assert [each.key.device_name for each in await listed(services, state=CertificateState.EXPIRED)] == names[:2]
    assert await listed(services, state=CertificateState.REPLACED) == []


async def test_a_token_is_no_way_around_a_certificate(services: DeviceServices, pump: NewDevice) -> None:
    fan = await services.device(await services.product("Fans"))
    tokens = [NewToken(device.id, "c1", digest_of_token(b"token")) for device in (fan, pump)]
    await services.db.write(add_tokens, tokens, NOW)

    async def by_token(device: NewDevice) -> LoginResult:
        login = parse_login("c1|authType=connwl,securemode=-2|", f"{device.key.device_name}&{device.key.product_key}")
        return await services.log_in(LoginAttempt(login, b"token", "10.0.0.1", 1, True, 0))

    assert isinstance(await by_token(fan), Accepted)
    assert await by_token(pump) is WRONG
