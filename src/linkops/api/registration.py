"""``POST /auth/register/device``: devices come to their secret over HTTPS.

docs/protocol/device-protocol.md#registration-over-https
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import structlog
from starlette.types import Receive, Scope, Send

from linkops.alink.registration import MAX_RANDOM_CHARS, RegistrationFault, write_not_registered, write_registered
from linkops.api.forms import BadForm, answer_json, read_form
from linkops.devices.credentials import digest_of
from linkops.devices.model import DeviceKey
from linkops.devices.names import is_device_name, is_product_key
from linkops.devices.registration.judging import signed_text
from linkops.devices.registration.model import Outcome, Proof, Registered, Registration, Way
from linkops.errors import Unavailable

_log = structlog.get_logger(__name__)

PATH = "/auth/register/device"
MOST_AT_ONCE = 1_000
_STATUS = {RegistrationFault.TOO_OFTEN: 429, RegistrationFault.FAILED: 503}
_LATER = ((b"Retry-After", b"60"),)

Register: TypeAlias = Callable[[Registration], Awaitable[Outcome]]


class DeviceRegistration:
    """The ASGI app of this path."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the code that devices look at stands in the body, whatever the status is."""
        if scope["method"] != "POST":
            await answer_json(send, write_not_registered(RegistrationFault.BAD_PARAMETERS), 405, (b"Allow", b"POST"))
            return
        outcome = await self._outcome(scope, receive)
        if isinstance(outcome, Registered):
            await answer_json(send, write_registered(*outcome.key, outcome.secret))
            return
        _log.debug("registration refused", fault=outcome.name.lower(), address=_address(scope))
        status = _STATUS.get(outcome, 200)
        await answer_json(send, write_not_registered(outcome), status, *(_LATER if status == 429 else ()))

    async def _outcome(self, scope: Scope, receive: Receive) -> Outcome:
        if self._running >= MOST_AT_ONCE:
            return RegistrationFault.TOO_OFTEN
        self._running += 1
        try:
            wanted = registration_of(await read_form(receive), _address(scope))
            return wanted if isinstance(wanted, RegistrationFault) else await self._register(wanted)
        except BadForm:
            return RegistrationFault.BAD_PARAMETERS
        except Unavailable:
            return RegistrationFault.FAILED
        finally:
            self._running -= 1


def registration_of(form: Mapping[str, str], address: str) -> Registration | RegistrationFault:
    """Return what a form asks for, or what is wrong with it."""
    key = DeviceKey(form.get("productKey", ""), form.get("deviceName", ""))
    random = form.get("random", "")
    if not is_product_key(key.product_key) or not is_device_name(key.device_name):
        return RegistrationFault.BAD_PARAMETERS
    if not 0 < len(random) <= MAX_RANDOM_CHARS or not form.get("sign"):
        return RegistrationFault.BAD_PARAMETERS
    digest = digest_of(form.get("signMethod", "hmacmd5"))
    if digest is None:
        return RegistrationFault.SIGN_METHOD
    return Registration(key, Way.LISTED, address, Proof(signed_text(form), digest, form["sign"].encode()))


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
