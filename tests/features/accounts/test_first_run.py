"""The first run: who has the code makes the first administrator, once."""

import asyncio

import pytest

from linkops.accounts.first_run import FirstRun
from linkops.clock import FixedClock
from linkops.errors import Invalid, NotFound, TooMany
from tests.support.accounts import ADDRESS, PASSWORD, People


async def test_who_has_the_code_becomes_the_administrator_and_the_door_closes(staff: People, clock: FixedClock) -> None:
    first_run = FirstRun(staff.accounts, clock)
    code = await first_run.open()
    assert code
    assert len(code) >= 40
    with pytest.raises(Invalid):  # nothing is lost by a password that is too short
        await first_run.create_admin(code, "erin", "short", ADDRESS)
    await first_run.create_admin(code, "erin", PASSWORD, ADDRESS)
    assert (await staff.logins.log_in("erin", PASSWORD, ADDRESS)).token
    with pytest.raises(NotFound):
        await first_run.check(code, ADDRESS)
    assert await first_run.open() is None


async def test_of_many_at_once_one_is_the_first(staff: People, clock: FixedClock) -> None:
    first_run = FirstRun(staff.accounts, clock)
    code = await first_run.open() or ""
    made = [first_run.create_admin(code, f"admin-{number}", PASSWORD, ADDRESS) for number in range(20)]
    outcomes = await asyncio.gather(*made, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert all(isinstance(each, NotFound) for each in outcomes if each is not None)


async def test_nobody_guesses(staff: People, clock: FixedClock) -> None:
    first_run = FirstRun(staff.accounts, clock)
    for code in ("", "0"):  # closed until it is opened
        with pytest.raises(NotFound):
            await first_run.check(code, ADDRESS)
    right = await first_run.open() or ""
    for _ in range(3):
        with pytest.raises(NotFound):
            await first_run.check("\ud800é", ADDRESS)
    with pytest.raises(TooMany):
        await first_run.check(right[:-1], ADDRESS)
    await first_run.check(right, ADDRESS)  # what others try keeps nobody out
    with pytest.raises(NotFound):
        await first_run.check("x", "192.0.2.99")
    clock.advance(60_000)
    with pytest.raises(NotFound):
        await first_run.check("x", ADDRESS)


async def test_a_new_code_replaces_the_old_one(staff: People, clock: FixedClock) -> None:
    first_run = FirstRun(staff.accounts, clock)
    old, new = await first_run.open() or "", await first_run.open() or ""
    with pytest.raises(NotFound):
        await first_run.check(old, ADDRESS)
    await first_run.check(new, ADDRESS)
