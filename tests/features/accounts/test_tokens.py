"""API tokens and requests that are sent twice."""

import asyncio

import pytest

from linkops.accounts.repeats.service import KEEP_MS, Answer
from linkops.clock import FixedClock
from linkops.db import Database
from linkops.errors import Conflict, Invalid, NotFound, Unauthenticated
from tests.support.accounts import ADDRESS, People, grant


async def test_a_token_works_until_it_is_revoked(staff: People) -> None:
    admin = await staff.admin()
    made = await staff.tokens.create(admin, "ci", None)
    assert (await staff.tokens.authenticate(made.token, ADDRESS)).name == "admin"
    await staff.tokens.revoke(admin, made.id)
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(made.token, ADDRESS)


async def test_a_token_that_is_revoked_while_it_is_looked_up_is_not_remembered(staff: People) -> None:
    admin = await staff.admin()
    for _ in range(20):
        made = await staff.tokens.create(admin, "ci", None)
        looked_up = asyncio.create_task(staff.tokens.authenticate(made.token, ADDRESS))
        await staff.tokens.revoke(admin, made.id)
        await asyncio.gather(looked_up, return_exceptions=True)
        with pytest.raises(Unauthenticated):
            await staff.tokens.authenticate(made.token, ADDRESS)


async def test_a_token_expires(staff: People, clock: FixedClock) -> None:
    admin = await staff.admin()
    made = await staff.tokens.create(admin, "ci", clock.now() + 1_000)
    await staff.tokens.authenticate(made.token, ADDRESS)
    clock.advance(1_000)
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(made.token, ADDRESS)
    assert len(await staff.tokens.page(admin, 0, 10)) == 1
    assert await staff.tokens.delete_expired() is False
    assert await staff.tokens.page(admin, 0, 10) == []


@pytest.mark.parametrize("token", ["", "lo_", "x" * 46, "lo_" + "é" * 43, "lo_" + "a" * 43, "lo_" + "a" * 10_000])
async def test_what_is_no_token_is_refused(staff: People, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await staff.tokens.authenticate(token, ADDRESS)


async def test_the_plain_token_is_not_stored(staff: People, sqlite_db: Database) -> None:
    made = await staff.tokens.create(await staff.admin(), "ci", None)
    rows = await sqlite_db.read(lambda tx: tx.all("SELECT * FROM api_token"))
    assert made.token not in repr(rows)


async def test_nobody_revokes_the_token_of_another(staff: People) -> None:
    made = await staff.tokens.create(await staff.admin(), "ci", None)
    ann = await staff.tokens.authenticate(await staff.add("ann", grant("admin")), ADDRESS)
    with pytest.raises(NotFound):
        await staff.tokens.revoke(ann, made.id)
    assert await staff.tokens.page(ann, 0, 10) == []


async def test_an_account_has_so_many_tokens_and_no_more(staff: People) -> None:
    admin = await staff.admin()
    await asyncio.gather(*(staff.tokens.create(admin, f"ci {n}", None) for n in range(100)))
    with pytest.raises(Conflict):
        await staff.tokens.create(admin, "one more", None)


async def test_uses_are_recorded_by_a_tick_and_not_by_requests(staff: People, clock: FixedClock) -> None:
    admin = await staff.admin()
    made = await staff.tokens.create(admin, "ci", None)
    await staff.tokens.authenticate(made.token, ADDRESS)
    assert (await staff.tokens.page(admin, 0, 1))[0].last_used_at is None
    await staff.tokens.record_uses()
    used_at = (await staff.tokens.page(admin, 0, 1))[0].last_used_at
    assert used_at is not None
    assert 0 <= clock.now() - used_at < 60_000


async def test_a_repeated_request_is_done_once(staff: People) -> None:
    admin = await staff.admin()
    done: list[int] = []

    async def do() -> Answer:
        done.append(1)
        return Answer(201, '{"id":1}')

    answers = [await staff.repeats.once(admin, "key", "digest", do) for _ in range(3)]
    assert done == [1]
    assert set(answers) == {Answer(201, '{"id":1}')}
    with pytest.raises(Conflict) as refused:
        await staff.repeats.once(admin, "key", "another digest", do)
    assert refused.value.code == "idempotency.other_request"


async def test_requests_side_by_side_are_done_once(staff: People) -> None:
    admin = await staff.admin()
    done: list[int] = []

    async def do() -> Answer:
        done.append(1)
        await asyncio.sleep(0)
        return Answer(201, "{}")

    calls = (staff.repeats.once(admin, "key", "digest", do) for _ in range(5))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert done == [1]
    codes = {answer.code for answer in answers if isinstance(answer, Conflict)}
    assert codes <= {"idempotency.in_progress"}


async def test_a_refused_request_may_be_sent_again(staff: People) -> None:
    admin = await staff.admin()

    async def refuse() -> Answer:
        raise Invalid("account.name_invalid", field="name")

    async def do() -> Answer:
        return Answer(201, "{}")

    with pytest.raises(Invalid):
        await staff.repeats.once(admin, "key", "digest", refuse)
    assert (await staff.repeats.once(admin, "key", "digest", do)).status == 201


async def test_a_request_that_was_cut_off_is_not_done_again(staff: People) -> None:
    admin = await staff.admin()

    async def cut_off() -> Answer:
        raise asyncio.CancelledError

    async def do() -> Answer:
        return Answer(201, "{}")

    with pytest.raises(asyncio.CancelledError):
        await staff.repeats.once(admin, "key", "digest", cut_off)
    with pytest.raises(Conflict) as refused:
        await staff.repeats.once(admin, "key", "digest", do)
    assert refused.value.code == "idempotency.in_progress"


async def test_a_key_may_be_used_anew_after_a_day(staff: People, clock: FixedClock) -> None:
    admin = await staff.admin()

    async def do() -> Answer:
        return Answer(201, "{}")

    await staff.repeats.once(admin, "key", "digest", do)
    clock.advance(KEEP_MS + 1)
    assert await staff.repeats.delete_old() is False
    assert await staff.repeats.once(admin, "key", "another digest", do) == Answer(201, "{}")
