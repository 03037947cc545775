"""Which configuration each of 10,000 devices has: nobody, some or all with documents of their own."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.figures import Row, Run, median
from bench.seed import seed
from linkops.clock import SystemClock
from linkops.db import Database, Tx, open_database
from linkops.devices.products import store as products
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents.contents.store import keep
from linkops.remote_config.documents.effective import effective
from linkops.remote_config.documents.model import Draft, Scope, Target
from linkops.remote_config.documents.store import Place, VersionToAdd, add_version, lock
from linkops.remote_config.service import RemoteConfig

_DEVICES = 10_000
_OWN = 500
_DOCUMENT = json.dumps({f"parameter_{number}": number for number in range(100)})


def rows(run: Run) -> Iterator[Row]:
    """Measure the unit that pushing and pulling ask."""
    count = run.size(_DEVICES, 600)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        made = seed(data, str(data / "linkops.db"), count)
        db = open_database(str(data / "linkops.db"))
        try:
            plain, first, again = asyncio.run(_measure(run, db, made.product_key, count))
        finally:
            db.close()
    yield Row(f"configuration of {count:,} devices without documents of their own", f"{plain:.0f} ms", "")
    name = f"… of {_OWN} devices that each have one over a document of {len(_DOCUMENT):,} bytes"
    yield Row(f"{name}, merged for the first time", f"{first:.0f} ms", "")
    yield Row(f"{name}, merged before", f"{again:.0f} ms", "")


async def _measure(run: Run, db: Database, product_key: str, count: int) -> tuple[float, float, float]:
    config = RemoteConfig(db, SystemClock())
    await config.editing.save(SYSTEM, Target(product_key, Scope.PRODUCT), Draft(_DOCUMENT, 0))
    product = await db.read(products.by_key, product_key)
    assert product is not None
    ask = partial(_ask, db, product.id)
    devices = list(range(1, count + 1))
    plain = [await ask(devices) for _ in run.repeat(5, "configuration of all devices")]
    await db.write(_give_own, product.id, devices[:_OWN])
    first = await ask(devices[:_OWN])
    again = [await ask(devices[:_OWN]) for _ in run.repeat(5, "configuration of devices with documents")]
    return median(plain), first, median(again)


def _give_own(tx: Tx, product_id: int, device_ids: list[int]) -> None:
    for device_id in device_ids:
        content = json.dumps({"parameter_1": f"of {device_id}"}).encode()
        kept = keep(tx, product_id, content, 0)
        document = lock(tx, Place(product_id, Scope.DEVICE, None, device_id))
        add_version(tx, document, VersionToAdd(kept.id, len(content), 0, None, "", "bench"), 0)


async def _ask(db: Database, product_id: int, device_ids: list[int]) -> float:
    start = time.perf_counter()
    found = await db.write(effective, product_id, device_ids, 0)
    assert len(found) == len(device_ids)
    return (time.perf_counter() - start) * 1_000
