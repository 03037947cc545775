"""Issuing, revoking, expiring, and who may do what."""

import asyncio
from typing import Any

import pytest

from linkops.db import Tx
from linkops.devices.certificates.issuing.many import Wanted
from linkops.devices.certificates.issuing.service import DAY_MS
from linkops.devices.certificates.model import Issued, KeyKind
from linkops.devices.model import AuthType, DeviceKey, NewDevice, Product
from linkops.devices.presence.model import Accepted
from linkops.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from linkops.events.actor import SYSTEM, Role
from tests.conftest import NOW
from tests.features.devices.test_kicks import Hub
from tests.support.certificates import (
    attempt_with,
    der_of,
    ec_key,
    make_authority,
    make_device,
    make_request,
    with_authority,
)
from tests.support.devices import DeviceServices, actor


@pytest.fixture
async def pumps(services: DeviceServices) -> Product:
    await with_authority(services.x509, NOW)
    return await services.products.create(SYSTEM, "Pumps", auth_type=AuthType.X509)


@pytest.fixture
async def pump(services: DeviceServices, pumps: Product) -> NewDevice:
    return await services.device(pumps, "pump-0001")


@pytest.fixture
async def hub(services: DeviceServices) -> Hub:
    hub = Hub()
    services.bus.attach(hub, asyncio.get_running_loop())
    return hub


async def refused(call: Any, kind: type[Refused], code: str) -> None:
    with pytest.raises(kind) as error:
        await call
    assert error.value.code == code


def events(tx: Tx) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in tx.all("SELECT kind, body FROM event WHERE kind LIKE '%certificate%'")]


async def test_our_authority_is_made_with_the_first_certificate_by_whoever_comes_first(
    services: DeviceServices,
) -> None:
    product = await services.products.create(SYSTEM, "Pumps", auth_type=AuthType.X509)
    keys = [(await services.device(product)).key for _ in range(2)]
    issued = await asyncio.gather(*(services.x509.issuing.issue(SYSTEM, key) for key in keys))
    assert len({each.authority for each in issued}) == 1
    [authority] = await services.x509.authorities.page(SYSTEM, 0, 10)
    assert (authority.own, authority.product_key, authority.certificate) == (True, "", issued[0].authority)
    [sealed] = await services.db.read(lambda tx: tx.all("SELECT private_key_sealed FROM certificate_authority"))
    assert "PRIVATE" not in sealed[0]
    assert "PRIVATE" in services.box.open(sealed[0])


async def test_no_private_key_of_a_device_is_kept_anywhere(services: DeviceServices, pump: NewDevice) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert issued.private_key is not None
    kept = await services.db.read(everything)
    assert issued.serial in kept
    assert issued.private_key.splitlines()[1] not in kept
    assert "PRIVATE KEY" not in kept


def everything(tx: Tx) -> str:
    tables = [name for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return repr([list(tx.all(f"SELECT * FROM {table}")) for table in tables])  # noqa: S608 - our own names


async def test_a_request_is_signed_for_the_key_that_it_proves(services: DeviceServices, pump: NewDevice) -> None:
    issued = await services.x509.issuing.sign(SYSTEM, pump.key, make_request("pump-0001", ec_key()))
    assert issued.private_key is None
    assert isinstance(await services.log_in(attempt_with(der_of(issued))), Accepted)
    other = make_request("pump-0002", ec_key())
    await refused(services.x509.issuing.sign(SYSTEM, pump.key, other), Invalid, "certificate.request_other_name")


async def test_certificates_are_for_products_of_their_type(services: DeviceServices) -> None:
    fans = await services.product("Fans")
    fan = await services.device(fans)
    root, x509 = make_authority("Fan maker", NOW), services.x509
    await refused(x509.issuing.issue(SYSTEM, fan.key), Conflict, "certificate.product_not_x509")
    upload = x509.authorities.upload(SYSTEM, fans.product_key, root.pem, root.pem)
    await refused(upload, Conflict, "certificate.product_not_x509")
    many = anext(x509.many.issue(SYSTEM, fans.product_key, Wanted(None, 10)))
    await refused(many, Conflict, "certificate.product_not_x509")


@pytest.mark.parametrize("days", [0, -1, 10_951])
async def test_how_long_one_may_be_valid(services: DeviceServices, pump: NewDevice, days: int) -> None:
    issue = services.x509.issuing.issue(SYSTEM, pump.key, valid_days=days)
    await refused(issue, Invalid, "certificate.valid_days_invalid")


async def all_of(services: DeviceServices, product: Product, wanted: Wanted) -> list[Issued]:
    return [each async for part in services.x509.many.issue(SYSTEM, product.product_key, wanted) for each in part]


async def test_many_at_once_for_those_that_have_none(services: DeviceServices, pumps: Product) -> None:
    names = [f"pump-1{n:03}" for n in range(60)]
    for name in names:
        await services.device(pumps, name)
    await services.x509.issuing.issue(SYSTEM, DeviceKey(pumps.product_key, names[0]))
    first = await all_of(services, pumps, Wanted(None, 55))
    rest = await all_of(services, pumps, Wanted(None, 55))
    assert [each.key.device_name for each in [*first, *rest]] == names[1:]
    assert await all_of(services, pumps, Wanted(None, 100)) == []
    assert len({each.serial for each in [*first, *rest]}) == 59
    [again] = await all_of(services, pumps, Wanted([names[5]], 1))
    assert again.key.device_name == names[5]


async def test_one_name_that_is_not_there_refuses_the_whole_call(services: DeviceServices, pumps: Product) -> None:
    names = [(await services.device(pumps)).key.device_name for _ in range(60)]
    call = all_of(services, pumps, Wanted([*names, "stranger"], 1))
    await refused(call, NotFound, "device.not_found")
    assert (await services.x509.certificates.page(SYSTEM)).items == []
    await refused(all_of(services, pumps, Wanted([names[0]] * 2, 1)), Invalid, "certificate.count_invalid")
    await refused(all_of(services, pumps, Wanted([], 1)), Invalid, "certificate.count_invalid")


async def test_two_at_once_and_no_more(services: DeviceServices, pumps: Product, pump: NewDevice) -> None:
    wanted = Wanted([pump.key.device_name], 1)
    begun = [services.x509.many.issue(SYSTEM, pumps.product_key, wanted) for _ in range(2)]
    for each in begun:
        await anext(each)
    await refused(all_of(services, pumps, wanted), Refused, "certificate.busy")
    await begun[0].aclose()
    assert len(await all_of(services, pumps, wanted)) == 1
    await begun[1].aclose()


async def test_revoking_cuts_off_and_says_so(services: DeviceServices, pump: NewDevice, hub: Hub) -> None:
    first = await services.x509.issuing.issue(SYSTEM, pump.key)
    await services.x509.issuing.issue(SYSTEM, pump.key)
    assert await services.x509.certificates.revoke(SYSTEM, [first.id]) == 1
    assert hub.kicked == [([pump.id], "certificate revoked")]
    assert await services.x509.certificates.revoke(SYSTEM, [first.id]) == 0
    assert await services.x509.certificates.revoke_device(SYSTEM, pump.key) == 1
    assert len(hub.kicked) == 2
    said = await services.db.read(events)
    assert [kind for kind, _ in said] == ["device.certificate_revoked"] * 2
    assert first.serial in said[0][1]


async def test_disabling_an_authority_cuts_off_all_who_hold_one(
    services: DeviceServices, pump: NewDevice, hub: Hub
) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert isinstance(await services.log_in(attempt_with(der_of(issued))), Accepted)
    [authority] = await services.x509.authorities.page(SYSTEM, 0, 10)
    await services.x509.authorities.change(SYSTEM, authority.id, enabled=False)
    assert hub.kicked == [([pump.id], "authority disabled")]
    anew = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert anew.authority != issued.authority
    enable = services.x509.authorities.change(SYSTEM, authority.id, enabled=True)
    await refused(enable, Conflict, "authority.own_replaced")


async def test_applications_hear_once_that_one_expires(services: DeviceServices, pump: NewDevice) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=60)
    upkeep = services.x509.upkeep
    await upkeep.announce_expiring()
    assert await services.db.read(events) == []
    services.clock.advance(31 * DAY_MS)
    for _ in range(2):
        assert await upkeep.announce_expiring() is False
    [(kind, body)] = await services.db.read(events)
    assert kind == "device.certificate_expiring"
    assert issued.serial in body


async def test_nobody_hears_of_one_that_is_revoked_or_replaced(services: DeviceServices, pump: NewDevice) -> None:
    await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=10)
    await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=90)
    await services.x509.upkeep.announce_expiring()
    assert await services.db.read(events) == []


async def test_who_is_connected_when_its_certificate_expires_is_cut_off_once(
    services: DeviceServices, pump: NewDevice, hub: Hub
) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=2)
    assert isinstance(await services.log_in(attempt_with(der_of(issued))), Accepted)
    await services.x509.upkeep.cut_off_expired()
    assert hub.kicked == []
    services.clock.advance(2 * DAY_MS)
    for _ in range(2):
        await services.x509.upkeep.cut_off_expired()
    assert hub.kicked == [([pump.id], "certificate expired")]


async def test_one_that_expires_unused_cuts_off_nobody(services: DeviceServices, pump: NewDevice, hub: Hub) -> None:
    await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=2)
    lasting = await services.x509.issuing.issue(SYSTEM, pump.key)
    assert isinstance(await services.log_in(attempt_with(der_of(lasting))), Accepted)
    services.clock.advance(2 * DAY_MS)
    await services.x509.upkeep.cut_off_expired()
    assert hub.kicked == []


async def test_what_is_known_of_deleted_devices_is_forgotten_once_it_has_expired(
    services: DeviceServices, pump: NewDevice
) -> None:
    await services.x509.issuing.issue(SYSTEM, pump.key, valid_days=2)
    await services.devices.delete(SYSTEM, [pump.key])
    for days, left in ((0, 1), (2, 0)):
        services.clock.advance(days * DAY_MS)
        await services.x509.upkeep.delete_orphans()
        assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device_certificate")) == left


async def test_an_authority_that_vouches_for_devices_is_not_deleted(services: DeviceServices, pumps: Product) -> None:
    root = make_authority("Pump maker", NOW)
    authorities, key = services.x509.authorities, pumps.product_key
    proof = make_device(await authorities.registration_code(SYSTEM, key), root, NOW).pem
    uploaded = await authorities.upload(SYSTEM, key, root.pem, proof, auto_create=True)
    await refused(authorities.upload(SYSTEM, key, root.pem, proof), Conflict, "authority.exists")
    await authorities.delete(SYSTEM, uploaded.id)
    uploaded = await authorities.upload(SYSTEM, key, root.pem, proof, auto_create=True)
    pair = make_device("pump-7777", root, NOW)
    assert isinstance(await services.log_in(attempt_with(pair.der)), Accepted)
    await refused(authorities.delete(SYSTEM, uploaded.id), Conflict, "authority.in_use")
    await refused(authorities.revocation_list(SYSTEM, uploaded.id), Conflict, "authority.not_own")


async def test_who_may_do_what(services: DeviceServices, pumps: Product, pump: NewDevice) -> None:
    issued = await services.x509.issuing.issue(SYSTEM, pump.key)
    fans = await services.products.create(SYSTEM, "Fans", auth_type=AuthType.X509)
    fan = await services.x509.issuing.issue(SYSTEM, (await services.device(fans)).key)
    x509, viewer, operator = services.x509, actor(Role.VIEWER, pumps), actor(Role.OPERATOR, pumps)
    [own] = await x509.authorities.page(viewer, 0, 10)

    assert [each.id for each in (await x509.certificates.page(viewer)).items] == [issued.id]
    for call in (
        x509.issuing.issue(viewer, pump.key),
        x509.certificates.revoke(viewer, [issued.id]),
        x509.certificates.revoke_device(viewer, pump.key),
        x509.authorities.registration_code(operator, pumps.product_key),
        x509.authorities.change(actor(Role.ADMIN, pumps), own.id, enabled=False),
    ):
        await refused(call, Forbidden, "access.role_required")
    for foreign in (
        x509.certificates.get(operator, fan.id),
        x509.certificates.revoke(operator, [issued.id, fan.id]),
    ):
        await refused(foreign, NotFound, "certificate.not_found")
    assert (await x509.certificates.get(operator, issued.id)).revoked_at is None
    assert await x509.certificates.revoke(operator, [issued.id]) == 1


async def test_another_products_authority_is_not_there(services: DeviceServices, pumps: Product) -> None:
    fans = await services.products.create(SYSTEM, "Fans", auth_type=AuthType.X509)
    root, authorities = make_authority("Fan maker", NOW), services.x509.authorities
    proof = make_device(await authorities.registration_code(SYSTEM, fans.product_key), root, NOW).pem
    uploaded = await authorities.upload(SYSTEM, fans.product_key, root.pem, proof)
    admin = actor(Role.ADMIN, pumps)
    assert [each.own for each in await authorities.page(admin, 0, 10)] == [True]
    await refused(authorities.get(admin, uploaded.id), NotFound, "authority.not_found")
    await refused(authorities.change(admin, uploaded.id, enabled=False), NotFound, "authority.not_found")


@pytest.mark.parametrize("kind", list(KeyKind))
async def test_keys_are_of_the_kind_that_is_wanted(services: DeviceServices, pump: NewDevice, kind: KeyKind) -> None:
    await services.x509.issuing.issue(SYSTEM, pump.key, kind)
    [known] = (await services.x509.certificates.page(SYSTEM)).items
    assert known.key_type == {KeyKind.EC: "EC secp256r1", KeyKind.RSA: "RSA 2048"}[kind]
