"""Ticks: repeated, woken, and never ended by one that fails."""

import asyncio

from linkops.errors import Unavailable
from linkops.scheduler import Scheduler

NEVER_S = 3_600.0


async def test_a_tick_runs_again_while_more_is_waiting_and_when_it_is_woken() -> None:
    runs: asyncio.Queue[int] = asyncio.Queue()
    left = iter([True, True, False, False])

    async def tick() -> bool:
        runs.put_nowait(1)
        return next(left)

    scheduler = Scheduler()
    scheduler.every(NEVER_S, "tick", tick)
    for _ in range(3):
        await asyncio.wait_for(runs.get(), 60)
    assert runs.empty()
    scheduler.wake("tick")
    await asyncio.wait_for(runs.get(), 60)
    await scheduler.stop()


async def test_a_failing_tick_is_tried_again_at_its_next_time() -> None:
    runs: asyncio.Queue[int] = asyncio.Queue()
    faults = iter([Unavailable("storage.unavailable"), ZeroDivisionError()])

    async def tick() -> bool:
        runs.put_nowait(1)
        fault = next(faults, None)
        if fault is not None:
            raise fault
        return False

    scheduler = Scheduler()
    scheduler.every(0.001, "tick", tick)
    for _ in range(3):
        await asyncio.wait_for(runs.get(), 60)
    await scheduler.stop()
