"""Logins of sub-devices as units over lists: whole requests, in the order in which they came."""

from linkops.alink.sub_sessions import SessionFault
from linkops.devices.credentials import parse_sub_login, signature
from linkops.devices.model import NewDevice, NodeType
from linkops.devices.presence.model import Accepted, LoginAttempt, Logout, SubLoginResult, SubLogins, SubRefused
from linkops.events.actor import SYSTEM
from tests.support.devices import DeviceServices, waited
from tests.support.gateways import bind

WEEK_S = 7 * 86_400


async def plant(services: DeviceServices, subs: int) -> tuple[list[NewDevice], list[NewDevice]]:
    """Return two gateways, and sub-devices that hang on the first."""
    gateways = await services.products.create(SYSTEM, "Gateways", node_type=NodeType.GATEWAY)
    meters = await services.products.create(SYSTEM, "Meters", node_type=NodeType.SUBDEVICE)
    carriers = [await services.device(gateways) for _ in range(2)]
    made = [await services.device(meters) for _ in range(subs)]
    await bind(services.db, carriers[0], made)
    return carriers, made


def attempt(
    sub: NewDevice, number: int, *, secret: str | None = None, lasting: bool = False, renews: int = 0
) -> LoginAttempt:
    login = parse_sub_login(sub.key, "id|_v=1|", "hmacSha256", "5")
    session_s = WEEK_S if lasting else 0
    return LoginAttempt(
        login, signature(login, secret or sub.secret), "10.0.0.1", number, not lasting, session_s, renews=renews
    )


async def log_in(services: DeviceServices, *requests: SubLogins) -> list[SubLoginResult]:
    return await waited(services.presence.sub_logins.put, requests)


async def online(services: DeviceServices) -> dict[int, int]:
    """Return the number of the login by device, of those that are online."""
    rows = await services.db.read(lambda tx: tx.all("SELECT id, connection_id FROM device WHERE online = 1"))
    return {row[0]: row[1] for row in rows}


async def test_a_request_is_granted_whole_or_not_at_all(services: DeviceServices) -> None:
    (gateway, _), subs = await plant(services, 4)
    good = SubLogins(gateway.id, [attempt(subs[0], 1), attempt(subs[1], 2)])
    bad = SubLogins(gateway.id, [attempt(subs[2], 3), attempt(subs[3], 4, secret="wrong")])
    granted, refused = await log_in(services, good, bad)
    assert not isinstance(granted, SubRefused)
    assert [each.device_id for each in granted] == [subs[0].id, subs[1].id]
    assert refused == SubRefused(SessionFault.WRONG_SIGN, subs[3].key)
    assert await online(services) == {subs[0].id: 1, subs[1].id: 2}


async def test_of_two_gateways_at_once_only_the_one_that_it_hangs_on_gets_it(services: DeviceServices) -> None:
    (gateway, other), (sub,) = await plant(services, 1)
    wanted = [SubLogins(other.id, [attempt(sub, 1)]), SubLogins(gateway.id, [attempt(sub, 2)])]
    refused, granted = await log_in(services, *wanted)
    assert refused == SubRefused(SessionFault.NOT_IN_TOPOLOGY, sub.key)
    assert not isinstance(granted, SubRefused)
    assert await online(services) == {sub.id: 2}


async def test_a_renewed_login_is_no_news_and_the_goodbye_of_the_old_one_changes_nothing(
    services: DeviceServices,
) -> None:
    (gateway, _), (sub,) = await plant(services, 1)
    ((first,),) = await accepted(services, SubLogins(gateway.id, [attempt(sub, 1)]))
    ((again,),) = await accepted(services, SubLogins(gateway.id, [attempt(sub, 2, renews=1)]))
    assert (first.renewed, again.renewed) == (False, True)
    assert await waited(services.presence.logout, [Logout(first, 1, 0, "late")]) == [False]
    assert await online(services) == {sub.id: 2}
    await waited(services.presence.sub_logouts.put, [[Logout(again, 2, 0, "goodbye")]])
    kinds = await services.db.read(lambda tx: [row[0] for row in tx.all("SELECT kind FROM event ORDER BY id")])
    assert kinds == ["device.online", "device.offline"]


async def test_a_lasting_session_is_kept_and_resumed(services: DeviceServices) -> None:
    (gateway, _), (sub, brief) = await plant(services, 2)
    request = SubLogins(gateway.id, [attempt(sub, 1, lasting=True), attempt(brief, 2)])
    ((kept, dropped),) = await accepted(services, request)
    assert not kept.session_present
    await waited(services.presence.sub_logouts.put, [[Logout(kept, 1, WEEK_S, ""), Logout(dropped, 2, 0, "")]])
    again = SubLogins(gateway.id, [attempt(sub, 3, lasting=True), attempt(brief, 4, lasting=True)])
    ((kept, dropped),) = await accepted(services, again)
    assert (kept.session_present, dropped.session_present) == (True, False)


async def accepted(services: DeviceServices, request: SubLogins) -> list[list[Accepted]]:
    (result,) = await log_in(services, request)
    assert not isinstance(result, SubRefused)
    return [list(result)]
