"""The login half of a connection: from its CONNECT to a welcome, a registration or a refusal."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from linkops.alink.messages import write_identity
from linkops.alink.topics import Channel, topic_for
from linkops.bus import Downlink
from linkops.devices.presence.model import Accepted, LoginResult, Logout, Refusal
from linkops.errors import Unavailable
from linkops.hub.calls import Answer
from linkops.hub.context import Context
from linkops.hub.logged_in import LoggedIn, store_logout
from linkops.hub.login import (
    REASONS,
    REGISTRATIONS,
    NotAdmitted,
    attempt_of,
    check_transport,
    hears_of_resumption,
    names_nobody,
    session_expiry_s,
)
from linkops.hub.peers import certificate_of, is_secure
from linkops.hub.reception import Guest
from linkops.mqtt.packets import Connect
from linkops.mqtt.reasons import Reason

if TYPE_CHECKING:
    from linkops.hub.connection import Connection

_log = structlog.get_logger(__name__)

GUESTS_LEAVE_WITHIN_S = 5.0
"""A device that has registered says goodbye itself, or is sent away after so long."""


class Arrival:
    """What became of one CONNECT."""

    __slots__ = ("_connect", "_connection", "_context", "_expiry_s", "_guest")

    def __init__(self, context: Context, connection: "Connection", connect: Connect) -> None:
        self._context = context
        self._connection = connection
        self._connect = connect
        self._expiry_s = session_expiry_s(connect, context.settings.session_expiry_s)
        self._guest: Guest | None = None

    @property
    def registered(self) -> bool:
        """Whether a device that came only to register got what it came for."""
        return self._guest is not None and self._guest.served

    def begin(self, transport: asyncio.BaseTransport | None) -> None:
        """Have the login judged, or the device registered; it is told when that is done."""
        number, address = self._connection.number, self._connection.address
        longest_s = self._context.settings.session_expiry_s
        try:
            attempt = attempt_of(self._connect, address, number, longest_s, certificate_of(transport))
            check_transport(attempt.login.method, secure=is_secure(transport))
            if attempt.login.method in REGISTRATIONS:
                self._guest = self._context.reception.receive(attempt, self._received)
            else:
                self._context.presence.login(attempt, self._judged)
        except NotAdmitted as refused:
            self._refuse(refused.reason, refused.why)
        except Unavailable as refused:
            self._refuse(Reason.SERVER_UNAVAILABLE, refused.code)

    def leave(self) -> None:
        """Give a place at the reception to others."""
        if self._guest is not None:
            self._guest.leave()

    def _received(self, outcome: Answer | NotAdmitted) -> None:
        """Hand over what a device that registered logs in with from now on, and let it go."""
        if isinstance(outcome, NotAdmitted):
            self._refuse(outcome.reason, outcome.why)
            return
        # Whatever else it sends here is heard by nobody: there is no inbox, and no subscriber.
        connection = self._connection
        connection.session.accept()
        connection.session.publish(outcome.topic, outcome.payload)
        connection.flush()
        connection.pace()
        self._context.loop.call_later(GUESTS_LEAVE_WITHIN_S, connection.end, Reason.SUCCESS, "registered")

    def _judged(self, result: LoginResult | Exception) -> None:
        if isinstance(result, Accepted):
            self._accepted(result)
        elif isinstance(result, Refusal):
            self._refuse(REASONS[result], result.value)
        else:
            _log.error("login not judged", address=self._connection.address, error=repr(result))
            self._refuse(Reason.SERVER_UNAVAILABLE, "storage_unavailable")

    def _accepted(self, device: Accepted) -> None:
        connection = self._connection
        if not connection.gone and not self._context.stopping:
            self._welcome(device)
            return
        store_logout(self._context.presence, Logout(device, connection.number, self._expiry_s, connection.why))
        if not connection.gone:
            self._refuse(Reason.SERVER_SHUTTING_DOWN, "stopping")

    def _refuse(self, reason: Reason, why: str) -> None:
        self._context.counts.refused[why] += 1
        _log.debug("login refused", address=self._connection.address, why=why)
        self._connection.session.refuse(reason)
        self._connection.close()

    def _welcome(self, device: Accepted) -> None:
        connection, recorder = self._connection, self._context.message_log.of(device.device_id)
        own = LoggedIn(device, connection.number, self._expiry_s, recorder, connection.opened_s)
        self._context.counts.accepted += 1
        carried = connection.carry(own)
        said_behind = connection.session.accept(
            session_present=device.session_present and hears_of_resumption(self._connect),
            session_expiry_s=self._expiry_s or None,
        )
        if names_nobody(self._connect):
            identity = Downlink(device.device_id, topic_for(Channel.IDENTITY), write_identity(*device.key), 0)
            carried.downlinks.send(identity, own)
        connection.flush()
        carried.greet(device)
        connection.take(said_behind)
