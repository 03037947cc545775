"""``POST /auth/bootstrap``: devices ask where to connect (docs/protocol/device-protocol.md#bootstrap).

Nothing secret is told, and nothing about a device: not even whether it exists.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

from linkops.alink.bootstrap import MqttDoor, write_no_resources, write_resources
from linkops.api.forms import BadForm, answer_json, read_form
from linkops.devices.names import is_device_name, is_product_key

PATH = "/auth/bootstrap"
MQTT = "mqtt"


class Resources(NamedTuple):
    """What devices are told: a host's name or address, and a port."""

    host: str
    port: int


class Bootstrap:
    """The ASGI app of this path."""

    def __init__(self, mqtt: Resources) -> None:
        self._answer = write_resources(MqttDoor(mqtt.host, mqtt.port, _literal(mqtt.host)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            await answer_json(send, write_no_resources(), 405, (b"Allow", b"POST"))
            return
        try:
            asked = _is_question(await read_form(receive))
        except BadForm:
            asked = False
        await answer_json(send, self._answer if asked else write_no_resources())


def _is_question(form: Mapping[str, str]) -> bool:
    """Whether a device asks for what we have; it may ask for more besides."""
    named = is_product_key(form.get("productKey", "")) and is_device_name(form.get("deviceName", ""))
    return named and MQTT in form.get("resources", "").split(",")


def _literal(host: str) -> str:
    """Return the host if it is an address: what our own resolver says of a name need not hold where devices are."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""
