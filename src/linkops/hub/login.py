"""From a CONNECT to a login attempt, and from its result to what the device is told."""

from linkops.devices.credentials import BadCredentials, LoginMethod, parse_login
from linkops.devices.presence.model import LoginAttempt, Refusal
from linkops.mqtt.packets import MQTT_5, Connect
from linkops.mqtt.reasons import Reason

NOBODY = "&"
"""The user name of a device that knows neither its name nor its product (docs/protocol/device-protocol.md#x509)."""
MIN_KEEP_ALIVE_S = 30
MAX_KEEP_ALIVE_S = 1_200

REGISTRATIONS = frozenset({LoginMethod.REGISTRATION, LoginMethod.REGISTRATION_WITHOUT_LIST})
"""Those that only fetch what they log in with later."""

REASONS = {
    Refusal.WRONG_CREDENTIALS: Reason.BAD_USER_OR_PASSWORD,
    Refusal.DISABLED: Reason.NOT_AUTHORIZED,
    Refusal.THROTTLED: Reason.CONNECTION_RATE_EXCEEDED,
    Refusal.UNSUPPORTED: Reason.BAD_AUTHENTICATION_METHOD,
    Refusal.TAKEN_OVER_TOO_OFTEN: Reason.SERVER_BUSY,
}


class NotAdmitted(Exception):  # noqa: N818 - the device's fault
    """A CONNECT that no service needs to be asked about."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why


def attempt_of(
    connect: Connect, address: str, connection_id: int, longest_session_s: int, certificate: bytes | None = None
) -> LoginAttempt:
    """Return the login that a CONNECT asks for; with a certificate (DER) it may leave user name and password out.

    Raises:
        NotAdmitted: keep-alive out of range (docs/protocol/device-protocol.md#keep-alive), or no credentials at all.
    """
    if certificate is None and (connect.username is None or connect.password is None):
        raise NotAdmitted(Reason.BAD_USER_OR_PASSWORD, "no_credentials")
    try:
        login = parse_login(connect.client_id, connect.username or ("" if certificate is None else NOBODY))
    except BadCredentials:
        raise NotAdmitted(Reason.BAD_USER_OR_PASSWORD, "malformed_credentials") from None
    keeps_to_range = MIN_KEEP_ALIVE_S <= connect.keep_alive_s <= MAX_KEEP_ALIVE_S
    if not keeps_to_range and login.method not in REGISTRATIONS:
        raise NotAdmitted(Reason.IMPLEMENTATION_SPECIFIC, "keep_alive_out_of_range")
    session_s = session_expiry_s(connect, longest_session_s)
    password = connect.password or b""
    return LoginAttempt(login, password, address, connection_id, connect.clean_start, session_s, certificate)


def names_nobody(connect: Connect) -> bool:
    """Return whether a device knows itself by its certificate only, and is to be told who it is."""
    return (connect.username or NOBODY) == NOBODY


def check_transport(method: LoginMethod, *, secure: bool) -> None:
    """Let nobody register, or send a token, where others may read along.

    Raises:
        NotAdmitted: the connection is not encrypted.
    """
    if not secure and (method in REGISTRATIONS or method is LoginMethod.TOKEN):
        raise NotAdmitted(Reason.CLIENT_ID_NOT_VALID, "tls_required")


def session_expiry_s(connect: Connect, longest_s: int) -> int:
    """Return how long the session outlives the connection (MQTT-3.1.2-4; MQTT 5, section 3.1.2.11.2)."""
    if connect.version == MQTT_5:
        return min(connect.properties.session_expiry_s or 0, longest_s)
    return 0 if connect.clean_start else longest_s


def hears_of_resumption(connect: Connect) -> bool:
    """Return whether the CONNACK may say that a session was resumed: the C SDK takes no flags in MQTT 5."""
    return connect.version != MQTT_5 or "_v=sdk-c-" not in connect.client_id
