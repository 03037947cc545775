"""Questions about a product with many devices are answered from indexes, not by reading all of them again and again."""

from pathlib import Path

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.events.actor import SYSTEM
from linkops.ota.targeting import NewJob
from tests.support.ota import Fleet

DEVICES = 10_000


async def test_a_job_over_a_large_product_is_created_at_once(clock: FixedClock, tmp_path: Path) -> None:
    # A query that compares every device with every other one of a chunk takes many times the time that it has.
    db = open_database(str(tmp_path / "linkops.db"), read_time_limit_s=1)
    fleet = Fleet(db, clock, tmp_path)
    await fleet.start()
    await fleet.services.devices.create_many(SYSTEM, fleet.product.product_key, DEVICES - 1)
    package = await fleet.package()
    await fleet.ota.maker.create(SYSTEM, NewJob(package_id=package.id))
    db.close()
