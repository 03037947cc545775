"""The SQL around accounts, on every engine."""

from collections.abc import Sequence

from linkops.accounts import store
from linkops.accounts.model import Grant
from linkops.accounts.repeats import store as repeats
from linkops.accounts.tokens import store as tokens
from linkops.accounts.trail import store as trail
from linkops.accounts.trail.model import AuditFilter, EventFilter
from linkops.db import Database, Row, Tx
from linkops.db.dialect import SqliteDialect
from linkops.devices import store as store_of_devices
from linkops.devices.store import DeviceToAdd
from linkops.events.actor import ALL_PRODUCTS, SYSTEM, Actor, Role
from linkops.events.store import Event, record_audit, record_events
from tests.support.accounts import add_product


def add(tx: Tx, name: str, *grants: Grant) -> int:
    account_id = store.add_account(tx, name, "hash", 1, must_change=False)
    store.replace_grants(tx, account_id, grants)
    return account_id


async def test_accounts_come_in_name_order_with_their_grants(db: Database) -> None:
    await db.write(add_product, "pumps")
    grants = (Grant(Role.VIEWER), Grant(Role.ADMIN, "pumps"))
    for name in ("b", "a", "B"):
        await db.write(add, name, *grants)
    page = await db.read(store.page_of_accounts, "", 2)
    assert [account.name for account in page] == ["B", "a"]
    assert page[0].grants == grants
    assert [account.name for account in await db.read(store.page_of_accounts, "a", 2)] == ["b"]


async def test_grants_of_a_deleted_product_are_not_shown(db: Database) -> None:
    await db.write(add_product, "pumps")
    await db.write(add, "ann", Grant(Role.ADMIN, "pumps"))
    await db.write(lambda tx: tx.run("DELETE FROM product"))
    account = await db.read(store.account_named, "ann")
    assert account is not None
    assert account.grants == ()


async def test_other_administrators_are_those_who_may_log_in(db: Database) -> None:
    ann = await db.write(add, "ann", Grant(Role.ADMIN))
    bob = await db.write(add, "bob", Grant(Role.ADMIN))
    assert await db.write(store.other_admin_exists, ann)
    await db.write(lambda tx: store.set_enabled(tx, bob, 1, enabled=False))
    assert not await db.write(store.other_admin_exists, ann)


async def test_tries_and_passwords(db: Database) -> None:
    ann = await db.write(add, "ann")
    await db.write(store.record_tries, ann, 3, 99)
    known = await db.write(lambda tx: store.secrets_of(tx, "ann", lock=True))
    assert known == (ann, "hash", 1, 0, 3, 99)
    await db.write(lambda tx: store.set_password(tx, ann, "other", 2, must_change=True))
    assert await db.read(store.secrets_of, "ann") == (ann, "other", 1, 1, 0, 0)
    assert await db.read(store.secrets_of, "bob") is None


async def test_tokens_stand_for_accounts(db: Database) -> None:
    ann = await db.write(add, "ann", Grant(Role.OPERATOR))
    by_hand = await db.write(lambda tx: tokens.add_token(tx, ann, "ci", "d1", 1, expires_at=None, session=False))
    await db.write(lambda tx: tokens.add_token(tx, ann, "login", "d2", 1, expires_at=10, session=True))
    identity = await db.read(tokens.identity, "d1", 5)
    assert identity is not None
    assert (identity.name, dict(identity.roles)) == ("ann", {0: Role.OPERATOR})
    assert await db.read(tokens.identity, "d2", 9) is not None
    assert await db.read(tokens.identity, "d2", 10) is None
    await db.write(tokens.mark_used, [(by_hand, 7)])
    await db.write(tokens.mark_used, [(by_hand, 6)])
    assert [token.last_used_at for token in await db.read(tokens.page_of_tokens, ann, 0, 10)] == [7]
    await db.write(store.delete_account, ann)
    assert await db.read(tokens.identity, "d1", 5) is None


async def test_sessions_are_ended_and_trimmed(db: Database) -> None:
    ann = await db.write(add, "ann")
    ids = [
        await db.write(lambda tx, n=n: tokens.add_token(tx, ann, "login", f"d{n}", 1, expires_at=10 + n, session=True))  # type: ignore[misc]
        for n in range(5)
    ]
    await db.write(tokens.trim_sessions, ann, 3)
    assert [await db.read(tokens.identity, f"d{n}", 1) is not None for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert await db.write(tokens.delete_expired, 12, 10) == 1
    await db.write(lambda tx: tokens.delete_sessions(tx, ann, keep=ids[4]))
    assert await db.read(tokens.identity, "d3", 1) is None
    assert await db.read(tokens.identity, "d4", 1) is not None


async def test_audit_lines_are_found_by_every_filter(db: Database) -> None:
    for n, action in enumerate(["device.delete", "device.enable", "device.delete"]):
        await db.write(lambda tx, n=n, a=action: record_audit(tx, SYSTEM, n, a, f"device:p/{n}", product_id=n, n=n))  # type: ignore[misc]

    async def found(products: list[int] | None = None, before: int = 2**60, **fields: str | int) -> list[int]:
        lines = await db.read(trail.page_of_audit, AuditFilter(**fields), products, before, 10)  # type: ignore[arg-type]
        return [line.details["n"] for line in lines]

    assert await found() == [2, 1, 0]
    assert await found(action="device.delete") == [2, 0]
    assert await found(target="device:p/1", account_name="system") == [1]
    assert await found(since=1, until=2) == [1]
    assert await found(action_begins="device.d") == [2, 0]
    assert await found(action_begins="device", account_name="nobody") == []
    pumps = await db.write(add_product, "pumps")
    await db.write(lambda tx: record_audit(tx, SYSTEM, 9, "product.edit", "product:pumps", product_id=pumps, n=9))
    assert await found(product_key="pumps", since=9) == [9]
    assert await found(product_key="nothing") == []
    await db.write(lambda tx: tx.run("DELETE FROM audit WHERE at = 9"))
    assert await found([0, 1]) == [1, 0]
    assert await found([]) == []
    lines = await db.read(trail.page_of_audit, AuditFilter(), None, 2**60, 1)
    assert await found(before=lines[0].id) == [1, 0]


async def test_events_are_found_by_every_filter(db: Database) -> None:
    pumps = await db.write(add_product, "pumps")
    fans = await db.write(add_product, "fans")
    happened = [
        Event(0, "a", pumps, None, {"n": 0}),
        Event(1, "b", fans, None, {"n": 1}),
        Event(2, "a", fans, None, {"n": 2}),
    ]
    await db.write(record_events, happened)

    async def found(products: list[int] | None = None, **fields: str | int) -> list[int]:
        roles = {ALL_PRODUCTS: Role.ADMIN} if products is None else dict.fromkeys(products, Role.VIEWER)
        reader = Actor(1, "reader", "", roles)
        lines = await db.read(trail.page_of_events, EventFilter(**fields), reader, 2**60, 10)  # type: ignore[arg-type]
        return [line.body["n"] for line in lines]

    assert await found() == [2, 1, 0]
    assert await found(kind="a", product_key="fans") == [2]
    assert await found([pumps]) == [0]
    assert await found(since=1, until=2) == [1]
    assert await found(device_name="nobody") == []


class Explained(Tx):
    """Asks how a question would be answered instead of asking it."""

    plan = ""

    def all(self, sql: str, /, **params: object) -> Sequence[Row]:
        explain = "EXPLAIN QUERY PLAN" if isinstance(self._dialect, SqliteDialect) else "EXPLAIN"
        self.plan = " | ".join(str(row[-1]) for row in super().all(f"{explain} {sql}", **params))
        return []


async def test_the_events_of_one_device_are_found_without_those_of_the_others(db: Database) -> None:
    pumps = await db.write(add_product, "pumps")
    added = [DeviceToAdd(f"pump-{n}", "", "") for n in range(50)]
    devices = await db.write(lambda tx: store_of_devices.add(tx, pumps, added, 1))
    happened = [Event(n, "ab"[n % 2], pumps, devices[f"pump-{n % 50}"], {"n": n}) for n in range(5_000)]
    await db.write(record_events, happened)
    await db.write(lambda tx: tx.run("ANALYZE event"))
    reader = Actor(1, "reader", "", {pumps: Role.VIEWER})
    wanted = EventFilter(kind="b", product_key="pumps", device_name="pump-7")
    lines = await db.read(trail.page_of_events, wanted, reader, 2**60, 2)
    assert [line.body["n"] for line in lines] == [4957, 4907]
    assert [line.device_name for line in lines] == ["pump-7", "pump-7"]
    stranger = Actor(2, "stranger", "", {pumps + 1: Role.ADMIN})
    assert await db.read(trail.page_of_events, wanted, stranger, 2**60, 2) == []

    def plan(tx: Tx) -> str:
        explained = Explained(tx._cursor, tx._dialect, tx._compiled)
        trail.page_of_events(explained, wanted, reader, 2**60, 50)
        return explained.plan

    assert "event_by_device" in await db.read(plan)


async def test_a_key_is_claimed_once(db: Database) -> None:
    assert await db.write(repeats.claim, 1, "key", "digest", 5) is None
    assert await db.write(repeats.claim, 1, "key", "other", 6) == ("digest", None, None)
    assert await db.write(repeats.claim, 2, "key", "other", 6) is None
    await db.write(repeats.keep_answer, 1, "key", 201, "{}")
    await db.write(repeats.release, 1, "key")
    assert await db.write(repeats.claim, 1, "key", "digest", 7) == ("digest", 201, "{}")
    await db.write(repeats.release, 2, "key")
    assert await db.write(repeats.delete_old, 7, 10) == 1
