"""Webhooks: signed, in order, at least once, and none waits for another."""

import asyncio
from functools import partial

import pytest

from linkops.db import Tx
from linkops.events.actor import SYSTEM
from linkops.subscriptions.model import DisabledReason, WebhookChange
from linkops.subscriptions.retries import MAX_TRIES
from tests.support.receiver import Got, Receiver, ok, open_receiver, status, verify
from tests.support.subscriptions import Carriers

HOUR_MS = 3_600_000


async def test_events_arrive_in_order_in_one_signed_request(carriers: Carriers, receiver: Receiver) -> None:
    made = await carriers.webhook(receiver.url)
    ids = await carriers.happen(5)
    await carriers.deliver()
    [request] = receiver.requests
    assert [event["id"] for event in request.events] == ids
    assert request.headers["host"] == f"receiver.example:{receiver.port}"
    assert verify(request, made.secret, carriers.clock.now() // 1_000)
    assert not verify(request, made.secret + "x", carriers.clock.now() // 1_000)
    await carriers.deliver()
    assert len(receiver.requests) == 1
    assert (await carriers.shown(made)).behind == 0


async def test_what_happened_before_is_not_sent(carriers: Carriers, receiver: Receiver) -> None:
    await carriers.happen(3)
    await carriers.webhook(receiver.url)
    await carriers.deliver()
    assert receiver.requests == []


async def test_only_the_kinds_and_the_product_that_are_wanted(carriers: Carriers, receiver: Receiver) -> None:
    other = await carriers.registry.product("Fans")
    made = await carriers.webhook(receiver.url, kinds=("ota.task_ended",), product_key=carriers.product.product_key)
    await carriers.happen(3, "device.online")
    await carriers.happen(2, "ota.task_ended", other)
    [wanted] = await carriers.happen(1, "ota.task_ended")
    await carriers.deliver()
    assert receiver.ids == [wanted]
    await carriers.happen(3, "device.online")
    await carriers.deliver()
    assert (await carriers.shown(made)).behind == 3
    await carriers.services.deliverer.settle()
    assert (await carriers.shown(made)).behind == 0
    assert len(receiver.requests) == 1


async def test_one_event_a_request_if_the_receiver_wants_it_so(carriers: Carriers, receiver: Receiver) -> None:
    await carriers.webhook(receiver.url, batch=False)
    ids = await carriers.happen(3)
    await carriers.deliver()
    assert [request.events[0]["id"] for request in receiver.requests] == ids
    assert receiver.requests[0].body.startswith(b"{")


async def test_a_rotated_secret_signs_until_its_time_is_over(carriers: Carriers, receiver: Receiver) -> None:
    old = await carriers.webhook(receiver.url)
    new = await carriers.webhooks.rotate_secret(SYSTEM, old.id, grace_h=2)
    for _ in range(2):
        await carriers.happen(1)
        await carriers.deliver()
        carriers.clock.advance(2 * HOUR_MS)
    first, second = receiver.requests
    now_s = int(carriers.clock.now() / 1_000)
    assert [verify(first, each.secret, now_s - 4 * 3_600) for each in (old, new)] == [True, True]
    assert [verify(second, each.secret, now_s - 2 * 3_600) for each in (old, new)] == [False, True]


async def test_ten_thousand_events_to_three_webhooks_of_which_one_hangs(carriers: Carriers) -> None:
    carriers.set(webhook_timeout_s=5)
    async with open_receiver() as good, open_receiver() as other, open_receiver() as hanging:
        hanging.answer = lambda _: None
        made = [await carriers.webhook(each.url) for each in (hanging, good, other)]
        ids = await carriers.happen(10_000)
        done = asyncio.Event()
        delivering = asyncio.create_task(carriers.deliver_until(done))
        async with asyncio.timeout(120):
            await hanging.until(lambda: bool(hanging.hanging))
            await good.until(lambda: len(good.requests) == 100)
            await other.until(lambda: len(other.requests) == 100)
        done.set()
        await delivering
        await carriers.services.deliverer.idle()
        assert good.ids == other.ids == ids
        assert hanging.hanging == 1
        assert (await carriers.shown(made[0])).last_error == "no answer within 5 s"
        assert (await carriers.shown(made[1])).last_error == ""


async def test_a_restart_in_the_middle_loses_nothing_and_keeps_the_order(
    carriers: Carriers, receiver: Receiver
) -> None:
    carriers.set(webhook_batch_events=10)
    await carriers.webhook(receiver.url)
    ids = await carriers.happen(300)
    for wanted in range(3, 30, 7):
        await carriers.services.deliverer.deliver()
        await receiver.until(partial(_has, receiver, wanted))
        await carriers.services.stop()
        carriers.restart()
    await carriers.deliver()
    assert receiver.ids == ids
    assert len(receiver.taken) >= len(ids)


async def test_a_failing_receiver_is_tried_again_later_and_later(carriers: Carriers, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(500)
    made = await carriers.webhook(receiver.url)
    ids = await carriers.happen(1)
    await carriers.deliver()
    await carriers.deliver()
    assert len(receiver.requests) == 1
    shown = await carriers.shown(made)
    assert (shown.failures, shown.last_error) == (1, "HTTP 500")
    assert 5_000 <= shown.next_try_at - carriers.clock.now() <= 5_500
    receiver.answer = lambda _: ok()
    carriers.clock.advance(5_500)
    await carriers.deliver()
    assert receiver.ids == ids
    assert receiver.requests[1].headers["x-linkops-attempt"] == "2"
    shown = await carriers.shown(made)
    assert (shown.failures, shown.failing_since_at, shown.last_error) == (0, None, "")


async def test_an_event_that_a_receiver_cannot_take_becomes_a_dead_letter_and_the_others_arrive(
    carriers: Carriers, receiver: Receiver
) -> None:
    made = await carriers.webhook(receiver.url)
    ids = await carriers.happen(20)
    poison = ids[7]

    def answer(request: Got) -> bytes:
        return status(422) if any(event["id"] == poison for event in request.events) else ok()

    receiver.answer = answer
    for _ in range(90):
        await carriers.deliver()
        carriers.clock.advance(HOUR_MS // 2)
    assert receiver.ids == [each for each in ids if each != poison]
    [letter] = await carriers.letters.page(SYSTEM, made.id)
    assert (letter.event_id, letter.tries, letter.error) == (poison, MAX_TRIES, "HTTP 422")
    assert letter.event["payload"]["n"] == 7
    assert (await carriers.shown(made)).dead_letters == 1


async def test_dead_letters_are_replayed_one_many_or_left(carriers: Carriers, receiver: Receiver) -> None:
    made = await carriers.webhook(receiver.url, batch=False)
    ids = await carriers.happen(3)
    receiver.answer = lambda _: status(500)
    while len(await carriers.letters.page(SYSTEM, made.id)) < 3:
        await carriers.deliver()
        carriers.clock.advance(13 * HOUR_MS)
        await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange())  # forgets since when it fails
        await carriers.db.write(lambda tx: tx.run("UPDATE webhook SET failures = 9"))
    letters = await carriers.letters.page(SYSTEM, made.id)
    assert await carriers.letters.replay(SYSTEM, made.id, [letters[1].id]) == 1
    await carriers.deliver()
    again = await carriers.letters.get(SYSTEM, made.id, letters[1].id)
    assert (again.tries, again.replaying) == (letters[1].tries + 1, False)
    receiver.answer = lambda _: ok()
    receiver.requests.clear()
    assert await carriers.letters.replay(SYSTEM, made.id, [letters[1].id]) == 1
    await carriers.deliver()
    assert receiver.ids == [ids[1]]
    assert await carriers.letters.replay(SYSTEM, made.id) == 2
    await carriers.deliver()
    assert receiver.ids == [ids[1], ids[0], ids[2]]
    assert await carriers.letters.page(SYSTEM, made.id) == []


async def test_a_receiver_that_is_gone_is_not_asked_again(carriers: Carriers, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(410)
    made = await carriers.webhook(receiver.url)
    ids = await carriers.happen(2)
    await carriers.deliver()
    shown = await carriers.shown(made)
    assert (shown.enabled, shown.disabled_reason) == (False, DisabledReason.GONE)
    assert await carriers.db.read(audited, "webhook.disable") == 1
    receiver.answer = lambda _: ok()
    carriers.clock.advance(HOUR_MS)
    await carriers.deliver()
    assert len(receiver.requests) == 1
    await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange(enabled=True))
    await carriers.deliver()
    assert receiver.ids == ids


async def test_a_receiver_that_fails_for_days_is_disabled(carriers: Carriers, receiver: Receiver) -> None:
    receiver.answer = lambda _: status(503)
    made = await carriers.webhook(receiver.url)
    await carriers.happen(3)
    for _ in range(80):
        await carriers.deliver()
        carriers.clock.advance(HOUR_MS)
    shown = await carriers.shown(made)
    assert (shown.enabled, shown.disabled_reason) == (False, DisabledReason.FAILING)
    requests = len(receiver.requests)
    carriers.clock.advance(HOUR_MS)
    await carriers.deliver()
    assert len(receiver.requests) == requests


async def test_a_backlog_can_be_skipped(carriers: Carriers, receiver: Receiver) -> None:
    made = await carriers.webhook(receiver.url)
    await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange(enabled=False))
    await carriers.happen(3)
    await carriers.deliver()
    await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange(enabled=True, skip_backlog=True))
    [new] = await carriers.happen(1)
    await carriers.deliver()
    assert receiver.ids == [new]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(302, b"Location: http://127.0.0.1/\r\n"), "HTTP 302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow", "no answer within 2 s"),
        (b"what?\r\n\r\n", "illegal"),
    ],
)
async def test_answers_that_are_none(carriers: Carriers, receiver: Receiver, answer: bytes, error: str) -> None:
    carriers.set(webhook_timeout_s=2)
    receiver.answer = lambda _: answer
    made = await carriers.webhook(receiver.url)
    await carriers.happen(1)
    await carriers.deliver()
    assert error in (await carriers.shown(made)).last_error
    assert len(receiver.requests) == 1


async def test_a_huge_answer_is_not_read(carriers: Carriers, receiver: Receiver) -> None:
    receiver.answer = lambda _: ok(b"x" * 2**24)
    made = await carriers.webhook(receiver.url)
    await carriers.happen(1)
    await carriers.deliver()
    assert (await carriers.shown(made)).last_error == ""


async def test_a_trial_tells_what_came_of_it(carriers: Carriers, receiver: Receiver) -> None:
    made = await carriers.webhook(receiver.url)
    assert (await carriers.webhooks.test(SYSTEM, made.id)).taken
    assert receiver.requests[0].events[0]["kind"] == "webhook.test"
    assert verify(receiver.requests[0], made.secret, carriers.clock.now() // 1_000)
    receiver.answer = lambda _: status(404)
    answer = await carriers.webhooks.test(SYSTEM, made.id)
    assert (answer.taken, answer.status, answer.error) == (False, 404, "HTTP 404")


async def test_old_dead_letters_are_forgotten(carriers: Carriers, receiver: Receiver) -> None:
    made = await carriers.webhook(receiver.url)
    await carriers.db.write(_bury, made.id, carriers.clock.now())
    carriers.clock.advance(31 * 24 * HOUR_MS)
    assert not await carriers.letters.delete_old()
    assert await carriers.letters.page(SYSTEM, made.id) == []


def _has(receiver: Receiver, requests: int) -> bool:
    return len(receiver.requests) >= requests


def _bury(tx: Tx, webhook_id: int, now: int) -> None:
    tx.run(
        "INSERT INTO dead_letter (webhook_id, event_id, at, kind, body, tries, error, failed_at)"
        " VALUES (:id, 1, :now, 'device.online', '{}', 10, 'HTTP 500', :now)",
        id=webhook_id,
        now=now,
    )


def audited(tx: Tx, action: str) -> int:
    return int(tx.scalar("SELECT count(*) FROM audit WHERE action = :action", action=action))
