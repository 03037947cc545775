"""Every topic of the device protocol, once, in both directions (docs/protocol/device-protocol.md#topics).

A `Channel` is what a topic means. Most channels are an exchange: one side begins, the other answers on the topic's
reply (`…_reply`, or `…/response` for `…/request`): a request and its answer share a channel and differ in direction.

>>> topic_for(Channel.FIRMWARE_GET, "a1Zb", "lamp-7", reply=True)
'/sys/a1Zb/lamp-7/thing/ota/firmware/get_reply'
>>> channel_of("/ota/device/inform/a1Zb/lamp-7").channel
<Channel.VERSION_REPORT>
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple


class Direction(Enum):
    """Which way a message travels; a topic that both sides may publish is ``BOTH``."""

    UP = "device to server"
    DOWN = "server to device"
    BOTH = "either way"


UP, DOWN, BOTH = Direction.UP, Direction.DOWN, Direction.BOTH


def reply_topic(topic: str) -> str:
    """Return the topic that answers a message on ``topic`` (a pattern gives a pattern)."""
    if topic.startswith("/ext/ntp/"):
        return topic.removesuffix("request") + "response"
    if "/rrpc/request/" in topic:
        return topic.replace("/rrpc/request/", "/rrpc/response/", 1)
    return topic + "_reply"


_ANSWERED = ("/sys/", "/ext/session/", "/ext/ntp/")


class Channel(Enum):
    """What a topic means: its pattern, and the direction of the message that begins the exchange.

    ``{rest}`` is what varies within a channel: an event's or a service's identifier, a message id, a custom path.
    """

    VERSION_REPORT = "/ota/device/inform/{pk}/{dn}", UP
    PROGRESS = "/ota/device/progress/{pk}/{dn}", UP
    FIRMWARE_PUSH = "/ota/device/upgrade/{pk}/{dn}", DOWN
    FIRMWARE_REQUEST = "/ota/device/request/{pk}/{dn}", BOTH
    FIRMWARE_GET = "/sys/{pk}/{dn}/thing/ota/firmware/get", UP
    FILE_DOWNLOAD = "/sys/{pk}/{dn}/thing/file/download", UP
    FILE_UPLOAD_INIT = "/sys/{pk}/{dn}/thing/file/upload/mqtt/init", UP
    FILE_UPLOAD_SEND = "/sys/{pk}/{dn}/thing/file/upload/mqtt/send", UP
    FILE_UPLOAD_CANCEL = "/sys/{pk}/{dn}/thing/file/upload/mqtt/cancel", UP

    CONFIG_PUSH = "/sys/{pk}/{dn}/thing/config/push", DOWN
    CONFIG_GET = "/sys/{pk}/{dn}/thing/config/get", UP
    LOG_CONFIG_PUSH = "/sys/{pk}/{dn}/thing/config/log/push", DOWN
    LOG_CONFIG_GET = "/sys/{pk}/{dn}/thing/config/log/get", UP
    LOG_POST = "/sys/{pk}/{dn}/thing/log/post", UP

    PROPERTY_POST = "/sys/{pk}/{dn}/thing/event/property/post", UP
    PROPERTY_BATCH_POST = "/sys/{pk}/{dn}/thing/event/property/batch/post", UP
    PROPERTY_PACK_POST = "/sys/{pk}/{dn}/thing/event/property/pack/post", UP
    PROPERTY_HISTORY_POST = "/sys/{pk}/{dn}/thing/event/property/history/post", UP
    EVENT_POST = "/sys/{pk}/{dn}/thing/event/{rest}/post", UP
    PROPERTY_SET = "/sys/{pk}/{dn}/thing/service/property/set", DOWN
    PROPERTY_GET = "/sys/{pk}/{dn}/thing/service/property/get", DOWN
    SERVICE_CALL = "/sys/{pk}/{dn}/thing/service/{rest}", DOWN
    DESIRED_GET = "/sys/{pk}/{dn}/thing/property/desired/get", UP
    DESIRED_DELETE = "/sys/{pk}/{dn}/thing/property/desired/delete", UP
    RAW_UP = "/sys/{pk}/{dn}/thing/model/up_raw", UP
    RAW_DOWN = "/sys/{pk}/{dn}/thing/model/down_raw", DOWN
    TSL_GET = "/sys/{pk}/{dn}/thing/dynamicTsl/get", UP
    TSL_TEMPLATE_GET = "/sys/{pk}/{dn}/thing/dsltemplate/get", UP
    EVENT_NOTIFY = "/sys/{pk}/{dn}/_thing/event/notify", DOWN
    SERVICE_POST = "/sys/{pk}/{dn}/_thing/service/post", UP

    TAGS_UPDATE = "/sys/{pk}/{dn}/thing/deviceinfo/update", UP
    TAGS_DELETE = "/sys/{pk}/{dn}/thing/deviceinfo/delete", UP
    CIPHER_GET = "/sys/{pk}/{dn}/thing/cipher/get", UP
    RESET = "/sys/{pk}/{dn}/thing/reset", BOTH
    LAN = "/sys/{pk}/{dn}/thing/lan/{rest}", BOTH
    WIFI_SETUP = "/sys/{pk}/{dn}/thing/awss/{rest}", BOTH
    BOOTSTRAP_NOTIFY = "/sys/{pk}/{dn}/thing/bootstrap/notify", DOWN
    BOOTSTRAP_CONFIG_PUSH = "/sys/{pk}/{dn}/thing/bootstrap/config/push", DOWN
    JOB_NOTIFY = "/sys/{pk}/{dn}/thing/job/notify", DOWN
    JOB_GET = "/sys/{pk}/{dn}/thing/job/get", UP
    JOB_UPDATE = "/sys/{pk}/{dn}/thing/job/update", UP
    RRPC = "/sys/{pk}/{dn}/rrpc/request/{rest}", DOWN
    SYSTEM_BROADCAST = "/sys/{pk}/{dn}/broadcast/request/{rest}", DOWN

    TOPO_ADD = "/sys/{pk}/{dn}/thing/topo/add", UP
    TOPO_DELETE = "/sys/{pk}/{dn}/thing/topo/delete", UP
    TOPO_GET = "/sys/{pk}/{dn}/thing/topo/get", UP
    TOPO_CHANGE = "/sys/{pk}/{dn}/thing/topo/change", DOWN
    TOPO_ADD_NOTIFY = "/sys/{pk}/{dn}/thing/topo/add/notify", DOWN
    GATEWAY_PERMIT = "/sys/{pk}/{dn}/thing/gateway/permit", DOWN
    LIST_FOUND = "/sys/{pk}/{dn}/thing/list/found", UP
    SUB_REGISTER = "/sys/{pk}/{dn}/thing/sub/register", UP
    SUB_UNREGISTER = "/sys/{pk}/{dn}/thing/sub/unregister", UP
    SUB_PRODUCT_REGISTER = "/sys/{pk}/{dn}/thing/proxy/provisioning/product_register", UP
    SUB_LOGIN = "/ext/session/{pk}/{dn}/combine/login", UP
    SUB_LOGOUT = "/ext/session/{pk}/{dn}/combine/logout", UP
    SUB_BATCH_LOGIN = "/ext/session/{pk}/{dn}/combine/batch_login", UP
    SUB_BATCH_LOGOUT = "/ext/session/{pk}/{dn}/combine/batch_logout", UP
    DEVICE_DISABLE = "/sys/{pk}/{dn}/thing/disable", DOWN
    DEVICE_ENABLE = "/sys/{pk}/{dn}/thing/enable", DOWN
    DEVICE_DELETE = "/sys/{pk}/{dn}/thing/delete", DOWN

    TUNNEL_REQUEST = "/sys/{pk}/{dn}/secure_tunnel/proxy/request", UP
    TUNNEL_NOTIFY = "/sys/{pk}/{dn}/secure_tunnel/notify", DOWN

    NTP = "/ext/ntp/{pk}/{dn}/request", UP
    ERROR = "/ext/error/{pk}/{dn}", DOWN
    REGISTERED = "/ext/register", DOWN
    REGISTERED_WITHOUT_LIST = "/ext/regnwl", DOWN
    IDENTITY = "/ext/auth/identity/response", DOWN
    CUSTOM_RRPC = "/ext/rrpc/{rest}", BOTH
    SHADOW_UPDATE = "/shadow/update/{pk}/{dn}", UP
    SHADOW_ANSWER = "/shadow/get/{pk}/{dn}", DOWN
    BROADCAST = "/broadcast/{pk}/{rest}", DOWN
    CUSTOM = "/{pk}/{dn}/user/{rest}", BOTH

    def __init__(self, pattern: str, begins: Direction) -> None:
        self.pattern = pattern
        self.begins = begins
        self.reply_pattern = reply_topic(pattern) if pattern.startswith(_ANSWERED) else None

    def __repr__(self) -> str:
        return f"<Channel.{self.name}>"

    @property
    def needs_subscribe(self) -> bool:
        """Whether the server delivers here only to who subscribed; all other downlinks come unasked (…#delivery)."""
        return self in (Channel.CUSTOM, Channel.CUSTOM_RRPC, Channel.BROADCAST)


class Forwarded(Enum):
    """Topics that no device uses: by them applications know what they hear (docs/subscriptions.md#payloads)."""

    STATUS = "/as/mqtt/status/{pk}/{dn}"
    TASK_ENDED = "/{pk}/{dn}/ota/upgrade"
    VERSION_CHANGED = "/{pk}/{dn}/ota/version/post"
    PROGRESS = "/{pk}/{dn}/ota/progress/post"
    TOPOLOGY_CHANGED = "/{pk}/{dn}/thing/topo/lifecycle"
    DEVICES_FOUND = "/{pk}/{dn}/thing/list/found"
    JOB_CHANGED = "/{pk}/{package_id}/{job_id}/ota/job/status"


class Address(NamedTuple):
    """A topic, understood: ``product_key`` and ``device_name`` are "" where the topic carries none."""

    channel: Channel
    product_key: str
    device_name: str
    direction: Direction
    rest: str = ""


def topic_for(
    channel: Channel, product_key: str = "", device_name: str = "", rest: str = "", *, reply: bool = False
) -> str:
    """Return the topic of ``channel`` for one device; ``reply`` gives the one on which the other side answers.

    Raises:
        ValueError: nobody answers there.
    """
    pattern = channel.reply_pattern if reply else channel.pattern
    if pattern is None:
        raise ValueError(f"{channel!r} has no reply")
    return pattern.format(pk=product_key, dn=device_name, rest=rest)


def channel_of(topic: str) -> Address | None:
    """Return what ``topic`` means, or None if the protocol has no such topic."""
    levels = topic.split("/", 4)
    if len(levels) < 3 or levels[0]:
        return None
    return _FAMILIES.get(levels[1], _custom)(levels)


def owner_of_filter(topic_filter: str) -> tuple[str, str] | None:
    """Return the (product key, device name) that owns all topics that a filter matches, or None if no one device does.

    Wildcards may stand anywhere but in those two levels. ``("", "")`` means the connection's own device, whoever that
    is; a device name of "" alone the whole product (broadcasts).
    """
    if topic_filter in _OWNERLESS:
        return "", ""
    levels = topic_filter.split("/")
    if levels[0] or len(levels) < 4:
        return None
    if levels[1] == "broadcast":
        return (levels[2], "") if _is_literal(levels[2]) else None
    if levels[1] == "ext" and levels[2] == "rrpc":
        return owner_of_filter("/" + "/".join(levels[4:])) if levels[4:5] != ["ext"] else None
    if levels[1] == "ext" and levels[2] not in _EXT_OWNED:
        return None
    at = _OWNER_LEVEL.get(levels[1], 1)
    owner = levels[at : at + 2]
    if len(owner) < 2 or not _is_literal(owner[0]) or not _is_literal(owner[1]):
        return None
    return owner[0], owner[1]


def custom_levels(levels: Sequence[str]) -> Sequence[str] | None:
    """Return what follows ``user/`` in the levels of a topic or filter, None if it is about no custom topic.

    A call of a device (``/ext/rrpc/…``) is about the topic that is called. Where a filter's wildcard takes in
    ``user``, the answer takes in all that it matches below.

    >>> custom_levels("/ext/rrpc/+/a1Zb/lamp-7/user/get".split("/"))
    ['get']
    """
    if list(levels[1:3]) == ["ext", "rrpc"]:
        levels = ["", *levels[4:]]
    if len(levels) < 4 or levels[1] in _FAMILIES:
        return None
    if levels[3] == "#":
        return ["#"]
    return levels[4:] if levels[3] in {"user", "+"} else None


_OWNER_LEVEL = {"sys": 2, "ota": 4, "shadow": 3, "ext": 3}
_EXT_OWNED = frozenset({"session", "ntp", "error"})


def _is_literal(level: str) -> bool:
    return bool(level) and "+" not in level and "#" not in level


# One parser a family follows; levels are the topic split at its first four slashes, so levels[1] is the family.

_Meaning = tuple[Channel, Direction]
_OPPOSITE = {UP: DOWN, DOWN: UP, BOTH: BOTH}


def _patterns(prefix: str) -> Iterator[tuple[str, _Meaning]]:
    """Yield what follows ``prefix`` in every pattern that begins with it, and what it means; replies too."""
    for channel in Channel:
        if channel.pattern.startswith(prefix):
            yield channel.pattern.removeprefix(prefix), (channel, channel.begins)
            if channel.reply_pattern is not None:
                yield channel.reply_pattern.removeprefix(prefix), (channel, _OPPOSITE[channel.begins])


def _fixed(prefix: str) -> dict[str, _Meaning]:
    return {pattern: meaning for pattern, meaning in _patterns(prefix) if "{rest}" not in pattern}


def _varying(prefix: str) -> dict[str, list[tuple[str, _Meaning]]]:
    """Patterns with ``{rest}``, by what stands before it; the longest ending first, since ``x_reply`` is a rest too."""
    found: dict[str, list[tuple[str, _Meaning]]] = {}
    for pattern, meaning in _patterns(prefix):
        head, varies, tail = pattern.partition("{rest}")
        if varies:
            found.setdefault(head, []).append((tail, meaning))
    for endings in found.values():
        endings.sort(key=lambda ending: -len(ending[0]))
    return found


_SYS = _fixed("/sys/{pk}/{dn}/")
_SYS_VARYING = _varying("/sys/{pk}/{dn}/")
_OTA = _fixed("/ota/device/")
_SHADOW = _fixed("/shadow/")
_EXT = {"session": _fixed("/ext/session/{pk}/{dn}/"), "ntp": _fixed("/ext/ntp/{pk}/{dn}/")}
_OWNERLESS = {channel.pattern: channel for channel in Channel if "{" not in channel.pattern}


def _sys(levels: list[str]) -> Address | None:
    if len(levels) < 5:
        return None
    _, _, product_key, device_name, name = levels
    meaning = _SYS.get(name)
    if meaning is not None:
        return Address(meaning[0], product_key, device_name, meaning[1])
    head = name[: name.find("/", name.find("/") + 1) + 1]
    for tail, (channel, direction) in _SYS_VARYING.get(head, ()):
        if name.endswith(tail) and len(name) > len(head) + len(tail):
            return Address(channel, product_key, device_name, direction, name[len(head) : len(name) - len(tail)])
    return None


def _ota(levels: list[str]) -> Address | None:
    if len(levels) < 5 or levels[2] != "device":
        return None
    product_key, _, device_name = levels[4].partition("/")
    meaning = _OTA.get(levels[3] + "/{pk}/{dn}")
    return Address(meaning[0], product_key, device_name, meaning[1]) if meaning and _is_level(device_name) else None


def _shadow(levels: list[str]) -> Address | None:
    meaning = _SHADOW.get(levels[2] + "/{pk}/{dn}")
    if meaning is None or len(levels) < 5 or not _is_level(levels[4]):
        return None
    return Address(meaning[0], levels[3], levels[4], meaning[1])


def _ext(levels: list[str]) -> Address | None:
    if len(levels) < 5 or levels[2] == "auth":
        ownerless = _OWNERLESS.get("/".join(levels))
        return Address(ownerless, "", "", DOWN) if ownerless else None
    _, _, kind, product_key, tail = levels
    if kind == "rrpc":
        inner = channel_of("/" + tail) if not tail.startswith("ext/") else None
        return inner and Address(
            Channel.CUSTOM_RRPC, inner.product_key, inner.device_name, BOTH, f"{product_key}/{tail}"
        )
    if kind == "error":
        return Address(Channel.ERROR, product_key, tail, DOWN) if _is_level(tail) else None
    device_name, _, name = tail.partition("/")
    meaning = _EXT.get(kind, {}).get(name)
    return Address(meaning[0], product_key, device_name, meaning[1]) if meaning else None


def _broadcast(levels: list[str]) -> Address | None:
    rest = "/".join(levels[3:])
    return Address(Channel.BROADCAST, levels[2], "", DOWN, rest) if rest else None


def _custom(levels: list[str]) -> Address | None:
    if len(levels) < 5 or levels[3] != "user" or not levels[4]:
        return None
    return Address(Channel.CUSTOM, levels[1], levels[2], BOTH, levels[4])


def _is_level(text: str) -> bool:
    return bool(text) and "/" not in text


_FAMILIES: dict[str, Callable[[list[str]], Address | None]] = {
    "sys": _sys,
    "ota": _ota,
    "ext": _ext,
    "shadow": _shadow,
    "broadcast": _broadcast,
}
