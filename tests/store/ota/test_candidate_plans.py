"""Candidates are looked up one by one, also by an SQLite that knows nothing yet of how many devices there are."""

from linkops.db import Database, Tx
from linkops.ota.candidates import store


async def test_listed_devices_are_looked_up_by_their_ids(sqlite_db: Database) -> None:
    def plan(tx: Tx) -> list[str]:
        asked = {"devices": [(1,)], "source_versions": [("1",)], "regions": [("Bavaria", "")]}
        flags = {"product_id": 1, "module": "default", "version": "2", "any_source": 0, "anywhere": 0}
        return [str(row[3]) for row in tx.all(f"EXPLAIN QUERY PLAN {store._MATCHING}", **asked, **flags)]

    steps = await sqlite_db.read(plan)
    assert [step for step in steps if step.startswith("SEARCH d ")] == ["SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"]
