"""An orderly stop in the middle of a rollout: everything acknowledged is stored, and the next start goes on."""

import asyncio
from pathlib import Path

from linkops.simulator import Fleet, Pace
from tests.doors.faults.conftest import Site
from tests.support.diary import Diary

PACE = Pace(install_s=1.0, restart_s=0.3, reconnect_s=0.5, reconnect_at_most_s=2.0)


async def test_a_stop_during_a_rollout(site: Site, tmp_path: Path) -> None:
    diary = Diary()
    async with Fleet(site.server.mqtt, site.identities, pace=PACE, observer=diary) as fleet:
        await fleet.settled()
        package_id = await asyncio.to_thread(site.operator.add_package, site.product_key, "2.0.0", b"x" * 10_000)
        job_id = await asyncio.to_thread(site.operator.start_job, package_id, rate_per_minute=1_000)
        async with asyncio.timeout(60):
            while not diary.outcomes:  # noqa: ASYNC110 - told by an observer
                await asyncio.sleep(0.01)
        assert await asyncio.to_thread(site.server.stop) == 0
        finished = {name for name, reports in diary.reports.items() if reports[-1].params.get("version") == "2.0.0"}
        assert 0 < len(finished) < len(site.identities)
        await asyncio.to_thread(site.server.start)
        job = await asyncio.to_thread(site.operator.get, f"/ota/jobs/{job_id}")
        assert job["counts"]["SUCCEEDED"] >= len(finished)
        job = await asyncio.to_thread(site.operator.wait_for_job, job_id, "COMPLETED", 150)
    assert job["counts"]["SUCCEEDED"] == len(site.identities)
    for offers in diary.offers.values():
        assert len(offers) == 1, "nobody was pushed to twice: what was not published waits, what was is known"
