"""What is done with messages about the device itself: the time, and tags."""

from collections.abc import Callable, Mapping
from typing import Any

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import OK, PARAMETER_ERROR, MessageId, Request, read_request, write_reply
from linkops.alink.ntp import read_ntp_request, write_ntp_response
from linkops.alink.tags import keys_to_delete, tags_to_set
from linkops.alink.topics import Channel, topic_for
from linkops.devices.presence.model import Accepted
from linkops.devices.tags.changing import tag_of
from linkops.devices.tags.model import MAX_OWN_TAGS, TagChange, TagOutcome
from linkops.devices.tags.service import Tags
from linkops.hub.calls import Answer, Call, Route

_METHODS = {Channel.TAGS_UPDATE: "thing.deviceinfo.update", Channel.TAGS_DELETE: "thing.deviceinfo.delete"}


def service_routes(tags: Tags) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def changing(channel: Channel, read: Callable[[int, Any], TagChange]) -> Route:
        def change(device: Accepted, payload: bytes, _now: int) -> Call | Answer | None:
            reply = _Reply(channel, device)
            try:
                request = read_request(payload)
            except Malformed as error:
                return reply.to("", code=PARAMETER_ERROR, message=str(error))
            try:
                wanted = read(device.device_id, request.params)
            except Malformed as error:
                return reply.to_request(request, code=PARAMETER_ERROR, message=str(error))
            return Call(tags.change, wanted, "tags", lambda outcome: _told(reply, request, outcome))

        return change

    return {
        Channel.NTP: _ntp,
        Channel.TAGS_UPDATE: changing(Channel.TAGS_UPDATE, _to_set),
        Channel.TAGS_DELETE: changing(Channel.TAGS_DELETE, _to_delete),
    }


class _Reply:
    """Where a device hears the answer."""

    def __init__(self, channel: Channel, device: Accepted) -> None:
        self._topic = topic_for(channel, *device.key, reply=True)
        self._method = _METHODS[channel]

    def to(self, message_id: MessageId, data: Any = None, *, code: int = OK, message: str = "success") -> Answer:
        """Return an answer."""
        return Answer(self._topic, write_reply(message_id, data, code=code, message=message, method=self._method))

    def to_request(
        self, request: Request, data: Any = None, *, code: int = OK, message: str = "success"
    ) -> Answer | None:
        """Return an answer, None to who wants none."""
        return self.to(request.id, data, code=code, message=message) if request.wants_reply else None


def _ntp(device: Accepted, payload: bytes, now: int) -> Answer:
    sent = read_ntp_request(payload)
    return Answer(topic_for(Channel.NTP, *device.key, reply=True), write_ntp_response(sent, now, now))


def _to_set(device_id: int, params: Any) -> TagChange:
    return TagChange(device_id, {entry.attr_key: tag_of(entry) for entry in tags_to_set(params)})


def _to_delete(device_id: int, params: Any) -> TagChange:
    return TagChange(device_id, {}, frozenset(keys_to_delete(params)))


def _told(reply: _Reply, request: Request, outcome: TagOutcome) -> Answer | None:
    if outcome.too_many:
        said = f"a device has at most {MAX_OWN_TAGS} tags"
        return reply.to_request(request, code=PARAMETER_ERROR, message=said)
    return reply.to_request(request, {"kept": outcome.kept} if outcome.kept else None)
