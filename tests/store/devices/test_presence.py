import pytest

from linkops.bus import Downlink
from linkops.db import Tx
from linkops.devices.model import DeviceState, NewDevice, NodeType
from linkops.devices.presence.login import TAKE_OVER_WINDOW_MS, TAKE_OVERS
from linkops.devices.presence.model import Accepted, LoginResult, Refusal, Seen, Subscriptions
from linkops.events.actor import SYSTEM
from tests.conftest import NOW
from tests.support.devices import STORED_MOST, DeviceServices, waited

WEEK_S = 7 * 86_400


def accepted(result: LoginResult) -> Accepted:
    assert isinstance(result, Accepted)
    return result


def events(tx: Tx) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in tx.all("SELECT kind, device_id FROM event ORDER BY id")]


async def device(services: DeviceServices, name: str = "pump-1") -> NewDevice:
    return await services.device(await services.product(), name)


async def test_who_signs_with_its_secret_is_online(services: DeviceServices) -> None:
    new = await device(services)
    answer = accepted(await services.log_in(services.attempt(new, address="10.0.0.9")))
    assert (answer.device_id, answer.key, answer.node_type) == (new.id, new.key, NodeType.DEVICE)
    assert (answer.session_present, answer.subscriptions) == (False, {})
    shown = await services.devices.get(SYSTEM, new.key)
    assert (shown.state, shown.online_at, shown.activated_at, shown.last_seen_at) == (DeviceState.ONLINE, NOW, NOW, NOW)
    assert (shown.address, shown.sdk_language, shown.sdk_version) == ("10.0.0.9", "C", "sdk-c-4.1.0")
    assert await services.db.read(events) == [("device.online", new.id)]


async def test_goodbye_puts_it_offline_and_the_first_login_stays_the_first(services: DeviceServices) -> None:
    new = await device(services)
    first = services.attempt(new)
    answer = accepted(await services.log_in(first))
    services.clock.advance(10)
    assert await services.log_out(answer, first.connection_id)
    shown = await services.devices.get(SYSTEM, new.key)
    assert (shown.state, shown.offline_at, shown.last_seen_at) == (DeviceState.OFFLINE, NOW + 10, NOW + 10)
    assert not await services.log_out(answer, first.connection_id)
    services.clock.advance(10)
    await services.log_in(services.attempt(new))
    shown = await services.devices.get(SYSTEM, new.key)
    assert (shown.activated_at, shown.online_at) == (NOW, NOW + 20)
    assert [kind for kind, _ in await services.db.read(events)] == ["device.online", "device.offline", "device.online"]


async def test_the_goodbye_of_a_connection_that_was_taken_over_changes_nothing(services: DeviceServices) -> None:
    new = await device(services)
    old, young = services.attempt(new), services.attempt(new)
    answer = accepted(await services.log_in(old))
    await services.log_in(young)
    assert not await services.log_out(answer, old.connection_id)
    assert (await services.devices.get(SYSTEM, new.key)).online
    assert await services.log_out(answer, young.connection_id)


async def test_of_two_logins_at_once_the_later_one_stays(services: DeviceServices) -> None:
    new = await device(services)
    old, young = services.attempt(new), services.attempt(new)
    answers = [accepted(result) for result in await services.log_in_all([old, young])]
    assert await services.log_out(answers[0], old.connection_id) is False
    assert await services.log_out(answers[1], young.connection_id) is True


async def test_two_devices_with_one_identity_cannot_throw_each_other_out_without_end(services: DeviceServices) -> None:
    new = await device(services)
    accepted(await services.log_in(services.attempt(new)))
    for _ in range(TAKE_OVERS):
        accepted(await services.log_in(services.attempt(new)))
    assert await services.log_in(services.attempt(new)) is Refusal.TAKEN_OVER_TOO_OFTEN
    assert (await services.devices.get(SYSTEM, new.key)).online
    services.clock.advance(TAKE_OVER_WINDOW_MS)
    accepted(await services.log_in(services.attempt(new)))


async def test_a_stranger_and_a_wrong_secret_get_the_same_answer(services: DeviceServices) -> None:
    new = await device(services)
    stranger = new._replace(key=new.key._replace(device_name="pump-9"))
    elsewhere = new._replace(key=new.key._replace(product_key="nosuchproduct"))
    answers = await services.log_in_all(
        [
            services.attempt(new, secret="wrong"),
            services.attempt(stranger),
            services.attempt(elsewhere),
            services.attempt(stranger, secret="0" * 32),
        ]
    )
    assert answers == [Refusal.WRONG_CREDENTIALS] * 4
    assert (await services.devices.get(SYSTEM, new.key)).state is DeviceState.INACTIVE
    assert await services.db.read(events) == []


async def test_a_bad_login_does_not_take_good_ones_of_the_same_unit_with_it(services: DeviceServices) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(20)]
    answers = await services.log_in_all(
        [services.attempt(new, secret="wrong" if i % 2 else None) for i, new in enumerate(devices)]
    )
    assert [isinstance(answer, Accepted) for answer in answers] == [True, False] * 10
    assert (await services.products.counts(SYSTEM, product.product_key)).online == 10


async def test_a_disabled_device_is_told_so_only_if_it_proves_who_it_is(services: DeviceServices) -> None:
    new = await device(services)
    await services.devices.set_enabled(SYSTEM, [new.key], enabled=False)
    assert await services.log_in(services.attempt(new)) is Refusal.DISABLED
    assert await services.log_in(services.attempt(new, secret="wrong")) is Refusal.WRONG_CREDENTIALS


async def test_a_reset_secret_replaces_the_old_one(services: DeviceServices) -> None:
    new = await device(services)
    secret = await services.devices.reset_secret(SYSTEM, new.key)
    assert await services.log_in(services.attempt(new)) is Refusal.WRONG_CREDENTIALS
    accepted(await services.log_in(services.attempt(new, secret=secret)))


async def test_what_a_previous_run_left_online_goes_offline_and_its_sessions_get_an_end(
    services: DeviceServices,
) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(3)]
    await services.log_in_all([services.attempt(new, clean_start=False, session_expiry_s=60) for new in devices[:2]])
    services.clock.advance(5)
    assert await services.presence.forget_connections() == 2
    assert await services.presence.forget_connections() == 0
    shown = await services.devices.get(SYSTEM, devices[0].key)
    assert (shown.state, shown.offline_at) == (DeviceState.OFFLINE, NOW + 5)
    assert sorted(kind for kind, _ in await services.db.read(events)) == ["device.offline"] * 2 + ["device.online"] * 2
    ends = await services.db.read(lambda tx: tx.all("SELECT expires_at FROM mqtt_session"))
    assert list(ends) == [(NOW + 5 + WEEK_S * 1_000,)] * 2


async def test_signs_of_life_only_move_forward_and_only_who_is_online(services: DeviceServices) -> None:
    product = await services.product()
    here, away = await services.device(product), await services.device(product)
    await services.log_in(services.attempt(here))
    await services.presence.seen([Seen(here.id, NOW + 60_000), Seen(away.id, NOW + 60_000)])
    await services.presence.seen([Seen(here.id, NOW + 1)])
    await services.presence.seen([])
    seen = [(await services.devices.get(SYSTEM, new.key)).last_seen_at for new in (here, away)]
    assert seen == [NOW + 60_000, None]


# Persistent sessions


async def persistent(services: DeviceServices, new: NewDevice, *, clean_start: bool = False) -> tuple[Accepted, int]:
    attempt = services.attempt(new, clean_start=clean_start, session_expiry_s=WEEK_S)
    return accepted(await services.log_in(attempt)), attempt.connection_id


async def test_a_persistent_session_goes_on_with_its_subscriptions(services: DeviceServices) -> None:
    new = await device(services)
    answer, connection = await persistent(services, new)
    assert not answer.session_present
    await waited(services.presence.subscribe, [Subscriptions(new.id, connection, {"/a/b/user/get": 1, "/x/#": 0})])
    await services.log_out(answer, connection, WEEK_S)
    answer, _ = await persistent(services, new)
    assert (answer.session_present, answer.subscriptions) == (True, {"/a/b/user/get": 1, "/x/#": 0})


async def test_a_connection_that_was_taken_over_cannot_change_the_session(services: DeviceServices) -> None:
    new = await device(services)
    _, old = await persistent(services, new)
    _, young = await persistent(services, new)
    await waited(services.presence.subscribe, [Subscriptions(new.id, young, {"/new": 1})])
    await waited(services.presence.subscribe, [Subscriptions(new.id, old, {"/old": 1})])
    answer, _ = await persistent(services, new)
    assert answer.subscriptions == {"/new": 1}


@pytest.mark.parametrize("how", ["clean start", "expired", "dropped"])
async def test_a_session_that_is_over_leaves_nothing_behind(services: DeviceServices, how: str) -> None:
    new = await device(services)
    answer, connection = await persistent(services, new)
    assert await services.presence.keep([Downlink(new.id, "/t", b"1")]) == [True]
    await services.log_out(answer, connection, 0 if how == "dropped" else WEEK_S)
    if how == "expired":
        services.clock.advance(WEEK_S * 1_000)
    answer, _ = await persistent(services, new, clean_start=how == "clean start")
    assert (answer.session_present, answer.subscriptions) == (False, {})
    assert await services.presence.stored_downlinks(new.id) == []


@pytest.mark.parametrize("clean_start", [True, False])
async def test_sessions_of_logins_at_once_follow_their_order(services: DeviceServices, clean_start: bool) -> None:  # noqa: FBT001
    new = await device(services)
    _, connection = await persistent(services, new)
    await waited(services.presence.subscribe, [Subscriptions(new.id, connection, {"/a": 1})])
    attempts = [
        services.attempt(new, clean_start=clean_start, session_expiry_s=WEEK_S),
        services.attempt(new, clean_start=False, session_expiry_s=WEEK_S),
    ]
    answers = [accepted(result) for result in await services.log_in_all(attempts)]
    kept = {} if clean_start else {"/a": 1}
    assert [answer.session_present for answer in answers] == [not clean_start, True]
    assert answers[1].subscriptions == kept
    answer, _ = await persistent(services, new)
    assert answer.subscriptions == kept


async def test_messages_wait_for_a_device_that_has_a_session(services: DeviceServices) -> None:
    product = await services.product()
    sleeper, stranger = await services.device(product), await services.device(product)
    answer, connection = await persistent(services, sleeper)
    await services.log_out(answer, connection, WEEK_S)
    downlinks = [
        Downlink(sleeper.id, "/t", b"\0\xff1"),
        Downlink(stranger.id, "/t", b"2"),
        Downlink(sleeper.id, "/u", b""),
    ]
    assert await services.presence.keep(downlinks) == [True, False, True]
    kept = await services.presence.stored_downlinks(sleeper.id)
    assert [(each.topic, each.payload) for each in kept] == [("/t", b"\0\xff1"), ("/u", b"")]
    assert await services.presence.stored_downlinks(sleeper.id, after=kept[0].id) == kept[1:]
    await waited(services.presence.acknowledge, [kept[0].id])
    assert await services.presence.stored_downlinks(sleeper.id) == kept[1:]


async def test_of_too_many_messages_the_oldest_go(services: DeviceServices) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(2)]
    for new in devices:
        await persistent(services, new)
    for number in range(STORED_MOST + 2):
        await services.presence.keep([Downlink(new.id, "/t", b"%d" % number) for new in devices])
    for new in devices:
        kept = await services.presence.stored_downlinks(new.id)
        assert [each.payload for each in kept] == [b"2", b"3", b"4"]


async def test_time_deletes_what_nobody_fetched(services: DeviceServices) -> None:
    product = await services.product()
    gone, here = await services.device(product), await services.device(product)
    answer, connection = await persistent(services, gone)
    await services.log_out(answer, connection, WEEK_S)
    await persistent(services, here)
    await services.presence.keep([Downlink(new.id, "/t", b"1") for new in (gone, here)])
    assert await services.presence.expire() is False
    services.clock.advance(WEEK_S * 1_000)
    assert await services.presence.stored_downlinks(here.id) == []
    assert await services.presence.expire() is False
    left = await services.db.read(lambda tx: tx.all("SELECT device_id FROM mqtt_session"))
    assert list(left) == [(here.id,)]
    assert await services.db.read(lambda tx: tx.scalar("SELECT count(*) FROM stored_downlink")) == 0
