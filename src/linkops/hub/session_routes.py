"""What is done when a gateway logs sub-devices in and out: whole requests, answered after the commit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import read_request
from linkops.alink.sub_sessions import (
    BadParameters,
    LoginRequest,
    SessionFault,
    SessionRequest,
    read_batch_login,
    read_batch_logout,
    read_login,
    read_logout,
    write_bad_parameters,
    write_no_gateway,
    write_session_refusal,
    write_session_reply,
)
from linkops.alink.topics import Channel, topic_for
from linkops.devices.credentials import BadCredentials
from linkops.devices.model import DeviceKey
from linkops.devices.presence.model import Accepted, LoginAttempt, SubLoginResult, SubLogins, SubRefused
from linkops.devices.presence.service import Presence
from linkops.hub.calls import Answer, Call, GatewayRoute, Route, Worker
from linkops.hub.sub_devices import LOGGED_OUT, SubDevices

_CHANNELS = (Channel.SUB_LOGIN, Channel.SUB_BATCH_LOGIN, Channel.SUB_LOGOUT, Channel.SUB_BATCH_LOGOUT)


class _Ask(NamedTuple):
    """A call whose reply is a payload yet."""

    worker: Worker
    item: Any
    counted: str
    write: Callable[[Any], bytes]


_Handled: TypeAlias = Callable[[SubDevices, bytes], _Ask | bytes]


def session_routes(presence: Presence) -> Mapping[Channel, GatewayRoute]:
    """Return the routes of these channels, for gateways."""

    def login(read: Callable[[bytes], LoginRequest]) -> _Handled:
        return lambda subs, payload: _login(presence, subs, read(payload))

    def logout(read: Callable[[bytes], SessionRequest]) -> _Handled:
        return lambda subs, payload: _logout(presence, subs, read(payload))

    handled = (login(read_login), login(read_batch_login), logout(read_logout), logout(read_batch_logout))
    return {channel: _answering(channel, handle) for channel, handle in zip(_CHANNELS, handled, strict=True)}


def refusing_session_routes() -> Mapping[Channel, Route]:
    """Return the routes of these channels for devices that are no gateways: nothing hangs on them."""

    def route_of(channel: Channel) -> Route:
        def refuse(device: Accepted, payload: bytes, _now: int) -> Answer:
            topic = topic_for(channel, *device.key, reply=True)
            try:
                return Answer(topic, write_no_gateway(read_request(payload).id))
            except Malformed:
                return Answer(topic, write_bad_parameters(""))

        return refuse

    return {channel: route_of(channel) for channel in _CHANNELS}


def _answering(channel: Channel, handle: _Handled) -> GatewayRoute:
    def route(subs: SubDevices, payload: bytes) -> Call | Answer:
        topic = topic_for(channel, *subs.gateway.key, reply=True)
        try:
            handled = handle(subs, payload)
        except BadParameters as error:
            handled = write_bad_parameters(error.id)
        if isinstance(handled, bytes):
            return Answer(topic, handled)
        write = handled.write
        return Call(handled.worker, handled.item, handled.counted, lambda result: Answer(topic, write(result)))

    return route


def _login(presence: Presence, subs: SubDevices, said: LoginRequest) -> _Ask | bytes:
    try:
        attempts = subs.attempts(said.logins)
    except BadCredentials:
        return write_bad_parameters(said.request.id)
    wanted = SubLogins(subs.gateway.device_id, attempts)
    refused = subs.refusal(attempts) or presence.sub_logins.throttled(wanted)
    if refused is not None:
        return write_session_refusal(said.request, refused.fault, refused.key)
    subs.expect(attempts)
    return _Ask(presence.sub_logins, wanted, "sub_login", lambda result: _judged(subs, attempts, said, result))


def _judged(subs: SubDevices, attempts: Sequence[LoginAttempt], said: LoginRequest, result: SubLoginResult) -> bytes:
    if isinstance(result, SubRefused):
        subs.judged(attempts, [])
        return write_session_refusal(said.request, result.fault, result.key)
    subs.judged(attempts, result)
    return write_session_reply(said.request)


def _logout(presence: Presence, subs: SubDevices, request: SessionRequest) -> _Ask | bytes:
    for names in request.names:
        if subs.find(*names) is None:
            return write_session_refusal(request, SessionFault.NO_SESSION, names)
    left = subs.log_out(DeviceKey(*names) for names in request.names)
    goodbyes = [each.logout(LOGGED_OUT) for each in left]
    return _Ask(presence.sub_logouts, goodbyes, "sub_logout", lambda _: write_session_reply(request))
