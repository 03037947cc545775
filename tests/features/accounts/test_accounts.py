"""Administrators, and that there is always one."""

import asyncio

import pytest

from linkops.accounts.model import Grant
from linkops.accounts.trail.model import AuditFilter, EventFilter
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from linkops.events.actor import SYSTEM, Role
from linkops.events.store import Event, record_events
from tests.support.accounts import ADDRESS, PASSWORD, People, add_product, grant


async def test_the_first_administrator_is_made_once(staff: People) -> None:
    passwords = await asyncio.gather(*(staff.accounts.create_first_admin() for _ in range(5)))
    assert len([password for password in passwords if password]) == 1
    assert await staff.accounts.create_first_admin() is None


async def test_the_set_up_stays_closed_when_the_first_administrator_is_gone(staff: People) -> None:
    await staff.admin()
    await staff.add("ann", grant("admin"))
    await staff.accounts.delete(SYSTEM, "admin")
    assert await staff.accounts.create_first_admin() is None


async def test_the_last_administrator_stays(staff: People) -> None:
    admin = await staff.admin()
    await staff.add("bob", grant("operator"))
    with pytest.raises(Conflict):
        await staff.accounts.delete(admin, "admin")
    with pytest.raises(Conflict):
        await staff.accounts.set_enabled(admin, "admin", enabled=False)
    with pytest.raises(Conflict):
        await staff.accounts.set_grants(admin, "admin", (grant("operator"),))


async def test_of_two_administrators_who_remove_each_other_one_stays(staff: People) -> None:
    admin = await staff.admin()
    token = await staff.add("ann", grant("admin"))
    ann = await staff.tokens.authenticate(token, ADDRESS)
    removals = staff.accounts.delete(admin, "ann"), staff.accounts.delete(ann, "admin")
    outcomes = await asyncio.gather(*removals, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict]


async def test_an_account_without_a_password_gets_one_to_be_changed(staff: People) -> None:
    admin = await staff.admin()
    password = await staff.accounts.create(admin, "ann", None, (grant("viewer"),))
    assert password is not None
    assert (await staff.logins.log_in("ann", password, ADDRESS)).must_change


@pytest.mark.parametrize("name", ["", "a b", "-x", "a/b", "a\x00", "ä", "x" * 65, "<img onerror>"])
async def test_odd_names_are_refused(staff: People, name: str) -> None:
    with pytest.raises(Invalid):
        await staff.accounts.create(SYSTEM, name, PASSWORD, ())


async def test_a_name_is_taken_once(staff: People) -> None:
    await staff.add("ann")
    with pytest.raises(Conflict):
        await staff.accounts.create(SYSTEM, "ann", PASSWORD, ())


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_only_administrators_of_everything_manage_accounts(staff: People, role: str, sqlite_db: Database) -> None:
    await sqlite_db.write(add_product, "pumps")
    token = await staff.add("ann", grant(role), grant("admin", "pumps"))
    ann = await staff.tokens.authenticate(token, ADDRESS)
    with pytest.raises(Forbidden):
        await staff.accounts.create(ann, "eve", PASSWORD, (Grant(Role.ADMIN),))
    for change in (
        staff.accounts.page(ann, "", 10),
        staff.accounts.get(ann, "ann"),
        staff.accounts.reset_password(ann, "ann"),
        staff.accounts.set_grants(ann, "ann", (Grant(Role.ADMIN),)),
        staff.accounts.delete(ann, "ann"),
    ):
        with pytest.raises(Forbidden):
            await change


async def test_rights_hold_for_the_product_they_were_given_for(staff: People, sqlite_db: Database) -> None:
    pumps = await sqlite_db.write(add_product, "pumps")
    fans = await sqlite_db.write(add_product, "fans")
    token = await staff.add("ann", grant("operator", "pumps"))
    ann = await staff.tokens.authenticate(token, ADDRESS)
    assert ann.may(Role.OPERATOR, pumps)
    assert not ann.may(Role.VIEWER, fans)
    assert not ann.may(Role.VIEWER)
    assert (await staff.accounts.get(SYSTEM, "ann")).grants == (grant("operator", "pumps"),)


async def test_changed_rights_hold_at_once(staff: People) -> None:
    admin = await staff.admin()
    token = await staff.add("ann", grant("viewer"))
    assert not (await staff.tokens.authenticate(token, ADDRESS)).may(Role.OPERATOR)
    await staff.accounts.set_grants(admin, "ann", (grant("operator"),))
    assert (await staff.tokens.authenticate(token, ADDRESS)).may(Role.OPERATOR)


async def test_a_grant_for_an_unknown_product_is_refused_whole(staff: People) -> None:
    with pytest.raises(NotFound):
        await staff.accounts.create(SYSTEM, "ann", PASSWORD, (grant("viewer", "nowhere"),))
    with pytest.raises(NotFound):
        await staff.accounts.get(SYSTEM, "ann")


async def test_a_disabled_account_is_out_at_once(staff: People) -> None:
    admin = await staff.admin()
    session = await staff.add("ann", grant("viewer"))
    ann = await staff.tokens.authenticate(session, ADDRESS)
    made = await staff.tokens.create(ann, "ci", None)
    await staff.tokens.authenticate(made.token, ADDRESS)
    await staff.accounts.set_enabled(admin, "ann", enabled=False)
    for token in (session, made.token):
        with pytest.raises(Unauthenticated):
            await staff.tokens.authenticate(token, ADDRESS)
    await staff.accounts.set_enabled(admin, "ann", enabled=True)
    assert (await staff.tokens.authenticate(made.token, ADDRESS)).name == "ann"


async def test_changes_are_in_the_audit_trail_without_secrets(staff: People) -> None:
    admin = await staff.admin()
    await staff.add("ann", grant("viewer"))
    given = await staff.accounts.reset_password(admin, "ann")
    lines = await staff.trail.audit(admin, AuditFilter(), 2**60, 50)
    actions = [line.action for line in lines]
    assert actions == ["account.reset_password", "account.login", "account.create", "account.login", "account.create"]
    assert given not in repr(lines)
    assert PASSWORD not in repr(lines)
    assert lines[0].account_name == "admin"
    assert lines[0].address == ADDRESS


async def test_administrators_of_a_product_read_its_lines_only(staff: People, sqlite_db: Database) -> None:
    await sqlite_db.write(add_product, "pumps")
    await staff.admin()
    token = await staff.add("ann", grant("admin", "pumps"))
    ann = await staff.tokens.authenticate(token, ADDRESS)
    assert await staff.trail.audit(ann, AuditFilter(), 2**60, 50) == []
    viewer = await staff.tokens.authenticate(await staff.add("bob", grant("viewer")), ADDRESS)
    with pytest.raises(Forbidden):
        await staff.trail.audit(viewer, AuditFilter(), 2**60, 50)


async def test_events_of_foreign_products_are_not_listed(staff: People, sqlite_db: Database) -> None:
    pumps = await sqlite_db.write(add_product, "pumps")
    fans = await sqlite_db.write(add_product, "fans")
    happened = [Event(n, "device.online", product, None, {"n": n}) for n, product in enumerate([pumps, fans, pumps])]
    await sqlite_db.write(record_events, happened)
    ann = await staff.tokens.authenticate(await staff.add("ann", grant("viewer", "pumps")), ADDRESS)
    assert [line.body["n"] for line in await staff.trail.events(ann, EventFilter(), 2**60, 10)] == [2, 0]
    assert await staff.trail.events(ann, EventFilter(product_key="fans"), 2**60, 10) == []


async def test_old_lines_are_forgotten(staff: People, clock: FixedClock, sqlite_db: Database) -> None:
    admin = await staff.admin()
    clock.advance(31 * 86_400_000)
    await staff.accounts.create(SYSTEM, "ann", PASSWORD, ())
    assert await staff.trail.delete_old() is False
    assert len(await staff.trail.audit(admin, AuditFilter(), 2**60, 50)) == 1


async def test_what_devices_said_is_listed_for_operators(staff: People, sqlite_db: Database) -> None:
    pumps = await sqlite_db.write(add_product, "pumps")
    fans = await sqlite_db.write(add_product, "fans")
    kinds = (("device.message", pumps), ("device.online", pumps), ("device.message", fans))
    happened = [Event(n, kind, product, None, {"n": n}) for n, (kind, product) in enumerate(kinds)]
    await sqlite_db.write(record_events, happened)

    async def read(name: str, *grants: Grant) -> list[int]:
        reader = await staff.tokens.authenticate(await staff.add(name, *grants), ADDRESS)
        return [line.body["n"] for line in await staff.trail.events(reader, EventFilter(), 2**60, 10)]

    assert await read("ann", grant("viewer")) == [1]
    assert await read("bob", grant("viewer"), grant("operator", "fans")) == [2, 1]
    assert await read("cho", grant("operator", "pumps")) == [1, 0]
    assert await read("dan", grant("operator")) == [2, 1, 0]
