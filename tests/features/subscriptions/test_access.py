"""Who may see and change webhooks, and what may not be stored."""

from collections.abc import Awaitable, Callable

import pytest

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from linkops.events.actor import SYSTEM, Actor, Role
from linkops.settings import load_settings
from linkops.subscriptions.model import NewWebhook, WebhookChange
from linkops.subscriptions.service import Subscriptions
from linkops.subscriptions.webhooks import service
from tests.support.devices import actor
from tests.support.subscriptions import Carriers

URL = "https://receiver.example/hook?key=secret-of-the-url"
KINDS = ["ota.task_ended"]

Call = Callable[[Subscriptions, Actor, int], Awaitable[object]]
CALLS: list[Call] = [
    lambda s, who, id_: s.webhooks.get(who, id_),
    lambda s, who, id_: s.webhooks.edit(who, id_, WebhookChange(enabled=False)),
    lambda s, who, id_: s.webhooks.delete(who, id_),
    lambda s, who, id_: s.webhooks.rotate_secret(who, id_),
    lambda s, who, id_: s.webhooks.test(who, id_),
    lambda s, who, id_: s.letters.page(who, id_),
    lambda s, who, id_: s.letters.get(who, id_, 1),
    lambda s, who, id_: s.letters.replay(who, id_),
    lambda s, who, id_: s.letters.delete(who, id_),
]


def rows(tx: Tx) -> list[list[object]]:
    return [list(tx.all(f"SELECT * FROM {table}")) for table in ("webhook", "dead_letter", "audit")]  # noqa: S608


@pytest.mark.parametrize("call", CALLS)
async def test_a_webhook_is_its_administrators(carriers: Carriers, call: Call) -> None:
    other = await carriers.registry.product("Fans")
    of_pumps = (await carriers.webhook(URL, product_key=carriers.product.product_key)).id
    of_all = (await carriers.webhook(URL)).id
    before = await carriers.db.read(rows)
    for who, webhook_id, refusal in (
        (actor(Role.ADMIN, other), of_pumps, NotFound),
        (actor(Role.OPERATOR, carriers.product), of_pumps, Forbidden),
        (actor(Role.ADMIN, carriers.product), of_all, NotFound),
        (actor(Role.ADMIN, carriers.product), 999, NotFound),
    ):
        with pytest.raises(refusal):
            await call(carriers.services, who, webhook_id)
    assert await carriers.db.read(rows) == before


async def test_creating_takes_an_administrator_of_what_is_heard(carriers: Carriers) -> None:
    of_pumps = actor(Role.ADMIN, carriers.product)
    await carriers.webhooks.create(of_pumps, NewWebhook(url=URL, kinds=KINDS, product_key=carriers.product.product_key))
    other = await carriers.registry.product("Fans")
    with pytest.raises(NotFound):
        await carriers.webhooks.create(of_pumps, NewWebhook(url=URL, kinds=KINDS, product_key=other.product_key))
    with pytest.raises(Forbidden):
        await carriers.webhooks.create(of_pumps, NewWebhook(url=URL, kinds=KINDS))
    assert len(await carriers.webhooks.page(of_pumps)) == 1
    with pytest.raises(Forbidden):
        await carriers.webhooks.page(actor(Role.OPERATOR, carriers.product))


@pytest.mark.parametrize(
    "new",
    [
        NewWebhook(url="ftp://receiver.example", kinds=KINDS),
        NewWebhook(url=URL, kinds=["ota.nothing"]),
        NewWebhook(url=URL, kinds=KINDS, description="x" * 101),
    ],
)
async def test_what_cannot_be_is_refused(carriers: Carriers, new: NewWebhook) -> None:
    made = await carriers.webhook(URL)
    before = await carriers.db.read(rows)
    with pytest.raises(Invalid):
        await carriers.webhooks.create(SYSTEM, new)
    with pytest.raises(Invalid):
        await carriers.webhooks.edit(
            SYSTEM, made.id, WebhookChange(url=new.url, kinds=new.kinds, description=new.description)
        )
    assert await carriers.db.read(rows) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "169.254.169.254", "10.0.0.1"])
async def test_an_address_inside_is_refused_at_once(carriers: Carriers, host: str) -> None:
    settings = load_settings(webhook_allowed_networks=["127.0.0.0/8", "::/0"])
    box = carriers.registry.box
    services = Subscriptions(carriers.db, carriers.clock, settings, box, carriers.interest)
    with pytest.raises(Invalid) as refused:
        await services.webhooks.create(SYSTEM, NewWebhook(url=f"http://{host}:8080/", kinds=KINDS))
    assert refused.value.code == "webhook.address_refused"


async def test_an_address_that_was_good_is_judged_again_at_each_connection(carriers: Carriers) -> None:
    made = await carriers.webhook("http://127.0.0.1:9/")
    services = Subscriptions(carriers.db, carriers.clock, carriers.settings, carriers.registry.box, carriers.interest)
    answer = await services.webhooks.test(SYSTEM, made.id)
    assert (answer.status, answer.taken) == (None, False)
    assert "webhook_allowed_networks" in answer.error


async def test_there_are_so_many_webhooks_and_no_more(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WEBHOOKS", 2)
    for _ in range(2):
        await carriers.webhook(URL)
    with pytest.raises(Conflict):
        await carriers.webhook(URL)


async def test_letters_that_are_not_there_refuse_the_whole_call(carriers: Carriers) -> None:
    made = await carriers.webhook(URL)
    await carriers.db.write(
        lambda tx: tx.run(
            "INSERT INTO dead_letter (webhook_id, event_id, at, kind, body, tries, error, failed_at)"
            " VALUES (:id, 1, 1, 'device.online', '{}', 10, 'HTTP 500', 1)",
            id=made.id,
        )
    )
    [letter] = await carriers.letters.page(SYSTEM, made.id)
    before = await carriers.db.read(rows)
    refusals: list[tuple[list[int], type[Refused]]] = [
        ([letter.id, 999], NotFound),
        ([], Invalid),
        ([1] * 1_001, Invalid),
    ]
    for ids, refusal in refusals:
        for call in (carriers.letters.replay, carriers.letters.delete):
            with pytest.raises(refusal):
                await call(SYSTEM, made.id, ids)
    assert await carriers.db.read(rows) == before
    await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange(enabled=False))
    with pytest.raises(Conflict):
        await carriers.letters.replay(SYSTEM, made.id)


async def test_neither_the_secret_nor_the_whole_url_is_in_the_trail(carriers: Carriers) -> None:
    made = await carriers.webhook(URL)
    rotated = await carriers.webhooks.rotate_secret(SYSTEM, made.id)
    await carriers.webhooks.edit(SYSTEM, made.id, WebhookChange(url=URL + "2"))
    await carriers.webhooks.delete(SYSTEM, made.id)
    trail = str(await carriers.db.read(lambda tx: tx.all("SELECT details FROM audit WHERE target LIKE 'webhook:%'")))
    assert trail.count("receiver.example") == 3
    assert not any(secret in trail for secret in (made.secret, rotated.secret, "secret-of-the-url"))
