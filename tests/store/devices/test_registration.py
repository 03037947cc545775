"""Registering on both engines: what is stored, and what a race leaves."""

import asyncio

import pytest

from linkops.alink.registration import RegistrationFault as Fault
from linkops.clock import FixedClock
from linkops.db import Database, Tx
from linkops.devices.model import AuthType, DeviceKey, NodeType, Product
from linkops.devices.presence.model import Accepted, Refusal
from linkops.devices.registration.model import MAX_TOKENS, Outcome, Registered, Registration, Way
from linkops.devices.registration.service import SubRegistrations
from linkops.errors import Conflict, Forbidden, NotFound
from linkops.events.actor import SYSTEM, Role
from tests.support.devices import PER_ADDRESS, PER_PRODUCT, DeviceServices, actor, waited
from tests.support.registration import attempt_by_token, registration


async def open_product(
    services: DeviceServices, *, listed_only: bool = True, node_type: NodeType = NodeType.DEVICE
) -> tuple[Product, str]:
    product = await services.products.create(SYSTEM, "Pumps", node_type=node_type)
    key = product.product_key
    await services.registrations.set_rule(SYSTEM, key, registration=True, listed_only=listed_only)
    return await services.products.get(SYSTEM, key), await services.products.secret(SYSTEM, key)


def got(outcome: Outcome) -> Registered:
    assert isinstance(outcome, Registered)
    return outcome


async def register_all(services: DeviceServices, wanted: list[Registration]) -> list[Outcome]:
    return await asyncio.gather(*(services.registrations.register(each) for each in wanted))


def rows(tx: Tx) -> list[tuple[object, ...]]:
    tables = ("device", "device_token", "event")
    return [row for table in tables for row in tx.all(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608 - our own


async def test_the_switch_is_off_at_first_and_every_change_is_recorded(services: DeviceServices) -> None:
    product = await services.product()
    assert (product.registration, product.listed_only) == (False, True)
    operator = actor(Role.OPERATOR, product)
    changed = await services.registrations.set_rule(operator, product.product_key, registration=True, listed_only=False)
    assert (changed.registration, changed.listed_only) == (True, False)
    details = await services.db.read(
        lambda tx: tx.scalar("SELECT details FROM audit WHERE action = 'product.set_registration'")
    )
    assert details == '{"registration":true,"listed_only":false}'


async def test_who_may_open_a_product_or_a_device(services: DeviceServices) -> None:
    pumps, lamps = await services.product("Pumps"), await services.product("Lamps")
    device, foreign = await services.device(pumps), await services.device(lamps)
    registrations = services.registrations
    for who, refusal in ((actor(Role.VIEWER, pumps), Forbidden), (actor(Role.ADMIN, lamps), NotFound)):
        with pytest.raises(refusal):
            await registrations.set_rule(who, pumps.product_key, registration=True, listed_only=True)
        with pytest.raises(refusal):
            await registrations.let_register_again(who, [device.key])
    with pytest.raises(NotFound):  # one foreign device among several: nothing is changed
        await registrations.let_register_again(actor(Role.ADMIN, pumps), [device.key, foreign.key])
    with pytest.raises(Forbidden):
        await services.products.reset_secret(actor(Role.OPERATOR, pumps), pumps.product_key)
    certified = await services.products.create(SYSTEM, "Meters", auth_type=AuthType.X509)
    with pytest.raises(Conflict):
        await registrations.set_rule(SYSTEM, certified.product_key, registration=True, listed_only=True)
    opened = await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device WHERE register_again_at > 0"))
    assert opened == 0


async def test_the_last_secret_wins_until_the_first_login(services: DeviceServices) -> None:
    product, secret = await open_product(services)
    device = await services.device(product, "pump-1")
    first, last = [got(await services.registrations.register(registration(device.key, secret))) for _ in range(2)]
    assert len({device.secret, first.secret, last.secret}) == 3
    assert await services.log_in(services.attempt(device, secret=first.secret)) is Refusal.WRONG_CREDENTIALS
    assert isinstance(await services.log_in(services.attempt(device, secret=last.secret)), Accepted)
    before = await services.db.read(rows)
    assert await services.registrations.register(registration(device.key, secret)) is Fault.ACTIVE
    assert await services.db.read(rows) == before
    sealed = await services.db.read(lambda tx: str(tx.all("SELECT secret_sealed FROM device")))
    told = await services.db.read(lambda tx: str(tx.all("SELECT body FROM event")) + str(tx.all("SELECT * FROM audit")))
    assert last.secret not in sealed + told
    assert "device.registered" in await services.db.read(lambda tx: str(tx.all("SELECT kind FROM event")))


async def test_many_at_once(services: DeviceServices) -> None:
    product, secret = await open_product(services, listed_only=False)
    names = [f"pump-{number % 9}" for number in range(18)]
    wanted = [registration(DeviceKey(product.product_key, name), secret, Way.UNLISTED) for name in names]
    outcomes = await register_all(services, [*wanted, registration(wanted[0].key, "guess", Way.UNLISTED)])
    assert outcomes.pop() is Fault.WRONG_SIGNATURE
    assert [got(outcome).key for outcome in outcomes] == [each.key for each in wanted]
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device")) == 9
    logins = await services.log_in_all([attempt_by_token(outcome, 50 + n) for n, outcome in enumerate(outcomes)])
    assert all(isinstance(login, Accepted) for login in logins)


async def test_five_tokens_of_a_name_and_no_sixth(services: DeviceServices) -> None:
    product, secret = await open_product(services, listed_only=False)
    wanted = registration(DeviceKey(product.product_key, "pump-1"), secret, Way.UNLISTED)
    unused = [await services.registrations.register(wanted) for _ in range(MAX_TOKENS + 2)]
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device_token")) == MAX_TOKENS
    assert await services.log_in(attempt_by_token(unused[0], 1)) is Refusal.WRONG_CREDENTIALS
    services.clock.advance(1)
    fresh = [await services.registrations.register(wanted) for _ in range(MAX_TOKENS)]
    for number, outcome in enumerate(fresh):
        services.clock.advance(10_000)  # each throws the one before out
        assert isinstance(await services.log_in(attempt_by_token(outcome, 10 + number)), Accepted)
    assert await services.registrations.register(wanted) is Fault.ACTIVE
    services.clock.advance(10_000)
    assert await services.registrations.let_register_again(SYSTEM, [wanted.key]) == 1
    renewed = await services.registrations.register(wanted)
    assert await services.log_in(attempt_by_token(fresh[-1], 20)) is Refusal.WRONG_CREDENTIALS
    assert isinstance(await services.log_in(attempt_by_token(renewed, 21)), Accepted)


async def test_a_new_secret_of_the_device_ends_its_tokens(services: DeviceServices) -> None:
    product, secret = await open_product(services, listed_only=False)
    key = DeviceKey(product.product_key, "pump-1")
    outcome = await services.registrations.register(registration(key, secret, Way.UNLISTED))
    await services.devices.reset_secret(SYSTEM, key)
    assert await services.log_in(attempt_by_token(outcome, 1)) is Refusal.WRONG_CREDENTIALS


async def test_tokens_do_not_share_a_session(services: DeviceServices) -> None:
    product, secret = await open_product(services, listed_only=False)
    wanted = registration(DeviceKey(product.product_key, "pump-1"), secret, Way.UNLISTED)
    one, other = [await services.registrations.register(wanted) for _ in range(2)]
    present = []
    for number, outcome in enumerate((one, one, other, one)):
        accepted = await services.log_in(attempt_by_token(outcome, number + 1, session_expiry_s=3_600))
        assert isinstance(accepted, Accepted)
        await services.log_out(accepted, number + 1, 3_600)
        present.append(accepted.session_present)
    assert present == [False, True, False, False]


async def test_a_new_secret_of_the_product(services: DeviceServices) -> None:
    product, old = await open_product(services)
    device = await services.device(product)
    new = await services.products.reset_secret(SYSTEM, product.product_key)
    assert len(new) == 16
    assert await services.registrations.register(registration(device.key, old)) is Fault.WRONG_SIGNATURE
    assert got(await services.registrations.register(registration(device.key, new))).device_id == device.id


async def test_limits_hold(services: DeviceServices) -> None:
    product, secret = await open_product(services, listed_only=False)

    def numbered(number: int, address: str) -> Registration:
        return registration(DeviceKey(product.product_key, f"pump-{number}"), secret, Way.UNLISTED, address)

    from_one = await register_all(services, [numbered(n, "10.0.0.1") for n in range(PER_ADDRESS + 1)])
    assert from_one.pop() is Fault.TOO_OFTEN
    assert all(isinstance(each, Registered) for each in from_one)
    for number in range(PER_ADDRESS, PER_PRODUCT):
        got(await services.registrations.register(numbered(number, "10.0.0.2")))
    assert await services.registrations.register(numbered(99, "10.0.0.3")) is Fault.TOO_OFTEN


async def test_sub_devices_together_or_each_for_itself(services: DeviceServices) -> None:
    product, secret = await open_product(services, node_type=NodeType.SUBDEVICE)
    subs = [await services.device(product, f"sensor-{n}") for n in range(3)]
    gateway = await services.device(await services.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY))
    await services.db.write(
        lambda tx: tx.run("INSERT INTO topology VALUES (:sub, :gateway, 1)", sub=subs[2].id, gateway=gateway.id)
    )

    async def ask(gateway_id: int, *, together: bool, proven: bool = False) -> list[Outcome]:
        wanted = [
            Registration(sub.key, Way.GATEWAY, "", registration(sub.key, secret).proof if proven else None, gateway_id)
            for sub in subs
        ]
        return (await waited(services.registrations.put, [SubRegistrations(wanted, together)]))[0]

    before = await services.db.read(rows)
    assert await ask(gateway.id + 1, together=True) == [Fault.BOUND_ELSEWHERE] * 3
    assert await services.db.read(rows) == before
    assert [type(each) for each in await ask(gateway.id + 1, together=False, proven=True)] == [
        Registered,
        Registered,
        Fault,
    ]
    assert [got(each).key for each in await ask(gateway.id, together=True)] == [sub.key for sub in subs]


async def test_two_servers_let_the_same_new_device_in_once(
    two_databases: tuple[Database, Database], clock: FixedClock
) -> None:
    here, there = (DeviceServices(db, clock) for db in two_databases)
    product, secret = await open_product(here, listed_only=False)
    wanted = registration(DeviceKey(product.product_key, "pump-1"), secret, Way.UNLISTED)
    outcomes = await asyncio.gather(*(each.registrations.register(wanted) for each in (here, there) for _ in range(2)))
    assert len({got(outcome).device_id for outcome in outcomes}) == 1
    assert await here.db.read(lambda tx: tx.scalar("SELECT count(*) FROM device")) == 1
