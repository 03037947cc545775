"""A chunk of a job costs the same in a product of any size: the writer is never held for long."""

from collections.abc import Sequence

from linkops.db import Database, Row, Tx
from linkops.ota.candidates import store
from linkops.ota.candidates.store import Criteria
from linkops.ota.model import Scope, Targets

WANTED = Criteria(1, "default", "2.0", Targets.ALL, Scope(), ["1.0"], None, 10)


class Explained(Tx):
    """Asks how a question would be answered instead of asking it."""

    steps: list[str]

    def all(self, sql: str, /, **params: object) -> Sequence[Row]:
        self.steps = [str(row[3]) for row in super().all(f"EXPLAIN QUERY PLAN {sql}", **params)]
        return []


def plan_of_matching(tx: Tx) -> list[str]:
    """Return the steps of the question that each chunk asks."""
    explained = Explained(tx._cursor, tx._dialect, tx._compiled)
    store.matching(explained, WANTED, [1, 2, 3])
    return explained.steps


async def test_the_devices_of_a_chunk_are_found_one_by_one(sqlite_db: Database) -> None:
    steps = await sqlite_db.read(plan_of_matching)
    assert "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)" in steps
    assert not any("product_id" in step and " d " in step for step in steps)
