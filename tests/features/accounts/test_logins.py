"""Logging in, being locked out, changing one's password."""

import asyncio
import time

import pytest

from linkops.clock import FixedClock
from linkops.errors import Forbidden, Invalid, Unauthenticated
from linkops.events.actor import SYSTEM
from tests.support.accounts import ADDRESS, PASSWORD, RULES, People, grant

NEW_PASSWORD = "another fine password"


async def refused_login(staff: People, name: str, password: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await staff.logins.log_in(name, password, ADDRESS)
    assert refused.value.params == {}
    return refused.value.code


async def test_a_login_gives_a_token_that_works_until_it_expires(staff: People, clock: FixedClock) -> None:
    token = await staff.add("ann", grant("operator"))
    actor = await staff.tokens.authenticate(token, ADDRESS)
    assert (actor.name, actor.address) == ("ann", ADDRESS)
    clock.advance(RULES.session_s * 1_000)
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(token, ADDRESS)


async def test_every_refused_login_looks_the_same(staff: People) -> None:
    await staff.admin()
    await staff.add("ann", grant("viewer"))
    await staff.add("off", grant("viewer"))
    await staff.accounts.set_enabled(SYSTEM, "off", enabled=False)
    codes = {
        await refused_login(staff, "nobody", PASSWORD),
        await refused_login(staff, "ann", "not her password"),
        await refused_login(staff, "off", PASSWORD),
    }
    assert codes == {"login.refused"}


async def test_an_unknown_name_costs_as_much_as_a_known_one(staff: People) -> None:
    await staff.add("ann", grant("viewer"))

    async def shortest(name: str) -> float:
        times = []
        for _ in range(4):
            began = time.perf_counter()
            await refused_login(staff, name, "not a password")
            times.append(time.perf_counter() - began)
        return min(times)

    assert await shortest("nobody") > 0.3 * await shortest("ann")


async def test_wrong_passwords_lock_the_account_for_a_while(staff: People, clock: FixedClock) -> None:
    await staff.add("ann", grant("viewer"))
    for _ in range(RULES.lockout_failures):
        await refused_login(staff, "ann", "not her password")
    assert await refused_login(staff, "ann", PASSWORD) == "login.refused"
    clock.advance(RULES.lockout_s * 1_000)
    assert (await staff.logins.log_in("ann", PASSWORD, ADDRESS)).token


async def test_tries_side_by_side_count_one_after_the_other(staff: People) -> None:
    await staff.add("ann", grant("viewer"))
    guesses = (staff.logins.log_in("ann", f"wrong guess {n}", ADDRESS) for n in range(10))
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unauthenticated}
    assert await refused_login(staff, "ann", PASSWORD) == "login.refused"


async def test_a_right_password_forgets_wrong_ones(staff: People) -> None:
    await staff.add("ann", grant("viewer"))
    for _ in range(3):
        for _ in range(RULES.lockout_failures - 1):
            await refused_login(staff, "ann", "not her password")
        assert (await staff.logins.log_in("ann", PASSWORD, ADDRESS)).token


async def test_a_changed_password_ends_the_other_sessions(staff: People) -> None:
    mine = await staff.add("ann", grant("viewer"))
    other = (await staff.logins.log_in("ann", PASSWORD, ADDRESS)).token
    await staff.tokens.authenticate(other, ADDRESS)
    await staff.logins.change_password(mine, PASSWORD, NEW_PASSWORD, ADDRESS)
    await staff.tokens.authenticate(mine, ADDRESS)
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(other, ADDRESS)
    await refused_login(staff, "ann", PASSWORD)
    assert (await staff.logins.log_in("ann", NEW_PASSWORD, ADDRESS)).token


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("not her password", NEW_PASSWORD, "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ],
)
async def test_a_password_is_not_changed_to_what_it_may_not_be(staff: People, old: str, new: str, field: str) -> None:
    token = await staff.add("ann", grant("viewer"))
    with pytest.raises(Invalid) as refused:
        await staff.logins.change_password(token, old, new, ADDRESS)
    assert refused.value.params["field"] == field
    assert (await staff.logins.log_in("ann", PASSWORD, ADDRESS)).token


async def test_a_stolen_token_cannot_try_passwords_for_ever(staff: People) -> None:
    token = await staff.add("ann", grant("viewer"))
    for _ in range(RULES.lockout_failures):
        with pytest.raises(Invalid):
            await staff.logins.change_password(token, "a guess", NEW_PASSWORD, ADDRESS)
    with pytest.raises(Invalid):
        await staff.logins.change_password(token, PASSWORD, NEW_PASSWORD, ADDRESS)


async def test_after_a_reset_only_the_password_can_be_changed(staff: People) -> None:
    await staff.admin()
    old_session = await staff.add("ann", grant("viewer"))
    given = await staff.accounts.reset_password(SYSTEM, "ann")
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(old_session, ADDRESS)
    session = await staff.logins.log_in("ann", given, ADDRESS)
    assert session.must_change
    with pytest.raises(Forbidden):
        await staff.tokens.authenticate(session.token, ADDRESS)
    await staff.logins.change_password(session.token, given, NEW_PASSWORD, ADDRESS)
    assert (await staff.tokens.authenticate(session.token, ADDRESS)).name == "ann"


async def test_logging_out_ends_the_session_at_once(staff: People) -> None:
    token = await staff.add("ann", grant("viewer"))
    await staff.tokens.authenticate(token, ADDRESS)
    await staff.logins.log_out(token)
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(token, ADDRESS)
