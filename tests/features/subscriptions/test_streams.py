"""Live streams: only what the reader may see, from where it stopped, and no longer than its token is good."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from linkops.errors import Forbidden, NotFound, TooMany, Unauthenticated
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.events.kinds import DEVICE_MESSAGE, OTA_PROGRESS
from linkops.subscriptions.model import Happened
from linkops.subscriptions.streams import feed as feeds
from linkops.subscriptions.streams.service import STREAMS_PER_ACCOUNT, Stream, StreamFilter
from tests.support.devices import actor
from tests.support.subscriptions import Carriers

EVERYTHING = StreamFilter()


async def opened(
    carriers: Carriers, who: Actor = SYSTEM, wanted: StreamFilter = EVERYTHING, after: int | None = None
) -> Stream:
    async def again() -> Actor:
        return who

    return await carriers.services.streams.open(who, wanted, after, again)


async def read(carriers: Carriers, pieces: AsyncIterator[list[Happened]], count: int) -> list[int]:
    """Return the ids of the next ``count`` events."""
    ids: list[int] = []
    async with asyncio.timeout(120):
        while len(ids) < count:
            await carriers.services.feed.read()
            ids += [event.id for event in await anext(pieces)]
    return ids


async def test_events_come_as_they_happen(carriers: Carriers) -> None:
    await carriers.happen(3)
    stream = await opened(carriers)
    pieces = stream.pieces()
    waiting = asyncio.ensure_future(anext(pieces))
    ids = await carriers.happen(2)
    await carriers.services.feed.read()
    assert [event.id for event in await waiting] == ids
    assert stream.place == ids[-1]
    stream.close()


async def test_a_reader_goes_on_where_it_stopped(carriers: Carriers) -> None:
    ids = await carriers.happen(500)
    pieces = (await opened(carriers, after=ids[9])).pieces()
    assert await read(carriers, pieces, 490) == ids[10:]
    more = await carriers.happen(3)
    assert await read(carriers, pieces, 3) == more


async def test_a_place_that_is_not_there_yet_means_now(carriers: Carriers) -> None:
    await carriers.happen(3)
    pieces = (await opened(carriers, after=10**9)).pieces()
    ids = await carriers.happen(1)
    assert await read(carriers, pieces, 1) == ids


async def test_a_slow_reader_reads_the_log_and_misses_nothing(
    carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "KEPT", 10)
    slow, quick = (await opened(carriers)).pieces(), (await opened(carriers)).pieces()
    first = await carriers.happen(5)
    assert await read(carriers, slow, 5) == first
    ids = await carriers.happen(300)
    await carriers.services.feed.read()
    assert await read(carriers, slow, 300) == ids
    assert await read(carriers, quick, 305) == first + ids


async def test_only_what_the_reader_may_see_and_wants(carriers: Carriers) -> None:
    other = await carriers.registry.product("Fans")
    some = actor(Role.VIEWER, other)
    mine = (await opened(carriers, some)).pieces()
    jobs = (await opened(carriers, wanted=StreamFilter(kinds=["ota.task_ended"]))).pieces()
    device = StreamFilter(product_key=carriers.product.product_key, device_name="pump-1")
    of_device = (await opened(carriers, wanted=device)).pieces()
    pump = await carriers.happen(1)
    [fan] = await carriers.happen(1, "ota.task_ended", other)
    await carriers.happen(1, OTA_PROGRESS, other)
    assert await read(carriers, mine, 1) == [fan]
    assert await read(carriers, jobs, 1) == [fan]
    assert await read(carriers, of_device, 1) == pump
    with pytest.raises(NotFound):
        await opened(carriers, some, device)


async def test_an_account_opens_so_many_and_no_more(carriers: Carriers) -> None:
    streams = [await opened(carriers) for _ in range(STREAMS_PER_ACCOUNT)]
    with pytest.raises(TooMany):
        await opened(carriers)
    await opened(carriers, actor(Role.VIEWER, carriers.product))
    streams[0].close()
    streams[0].close()
    await opened(carriers)
    assert carriers.services.counts.streams == STREAMS_PER_ACCOUNT + 1


async def test_a_quiet_stream_shows_that_it_lives_and_ends_with_the_token(carriers: Carriers) -> None:
    carriers.services.streams.heartbeat_s = 0.05
    asked = 0

    async def again() -> Actor:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Unauthenticated("token.invalid")
        return SYSTEM

    stream = await carriers.services.streams.open(SYSTEM, EVERYTHING, None, again)
    assert [piece async for piece in stream.pieces()] == [[], [], []]


async def test_a_reader_that_may_see_the_product_no_more_is_sent_nothing_more(carriers: Carriers) -> None:
    carriers.services.streams.heartbeat_s = 0.05
    other = await carriers.registry.product("Fans")
    before, after = actor(Role.VIEWER, carriers.product), actor(Role.VIEWER, other)

    async def again() -> Actor:
        return after

    wanted = StreamFilter(product_key=carriers.product.product_key)
    stream = await carriers.services.streams.open(before, wanted, None, again)
    assert [piece async for piece in stream.pieces()] == [[]]
    everything = await carriers.services.streams.open(before, EVERYTHING, None, again)
    pieces = everything.pieces()
    assert await anext(pieces) == []
    await carriers.happen(1)
    [fan] = await carriers.happen(1, "device.online", other)
    assert await read(carriers, pieces, 1) == [fan]


async def test_the_server_ends_streams_when_it_stops(carriers: Carriers) -> None:
    stream = await opened(carriers)
    waiting = asyncio.ensure_future(anext(stream.pieces(), None))
    await asyncio.sleep(0)
    await carriers.services.streams.stop()
    async with asyncio.timeout(120):
        assert await waiting in ([], None)
    assert carriers.services.counts.streams == 0


async def test_progress_is_wanted_while_a_stream_or_a_webhook_names_it(carriers: Carriers) -> None:
    stream = await opened(carriers)
    assert not carriers.interest.wants(OTA_PROGRESS)
    stream.close()
    stream = await opened(carriers, wanted=StreamFilter(kinds=[OTA_PROGRESS]))
    assert carriers.interest.wants(OTA_PROGRESS)
    stream.close()
    assert not carriers.interest.wants(OTA_PROGRESS)
    made = await carriers.webhook("http://receiver.example/", kinds=(OTA_PROGRESS,))
    await carriers.deliver()
    assert carriers.interest.wants(OTA_PROGRESS)
    await carriers.webhooks.delete(SYSTEM, made.id)
    await carriers.deliver()
    assert not carriers.interest.wants(OTA_PROGRESS)


async def test_what_devices_say_is_for_operators(carriers: Carriers) -> None:
    """A viewer neither reads it nor makes the server record it."""
    wanted = StreamFilter(kinds=[DEVICE_MESSAGE])
    of_pumps = StreamFilter(kinds=[DEVICE_MESSAGE], product_key=carriers.product.product_key)
    operator = actor(Role.OPERATOR, carriers.product)
    for who, asked in ((actor(Role.VIEWER, carriers.product), of_pumps), (operator, wanted)):
        with pytest.raises(Forbidden):
            await opened(carriers, who, asked)
    assert not carriers.interest.wants(DEVICE_MESSAGE)

    stream = await opened(carriers, operator, of_pumps)
    assert carriers.interest.wants(DEVICE_MESSAGE)
    pieces = stream.pieces()
    (heard,) = await carriers.happen(1, DEVICE_MESSAGE)
    assert await read(carriers, pieces, 1) == [heard]
    stream.actor = actor(Role.VIEWER, carriers.product)
    await carriers.happen(1, DEVICE_MESSAGE)
    waiting = asyncio.ensure_future(anext(pieces))
    await carriers.services.feed.read()
    stream.close()
    carriers.services.feed.wake()
    assert await waiting == []
