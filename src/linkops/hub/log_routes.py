"""What is done with the logs that devices upload."""

from collections.abc import Mapping

from linkops.alink.jsontext import Malformed
from linkops.alink.logs import (
    OFF_CODE,
    TOO_FAST_CODE,
    LogPost,
    read_log_get,
    read_log_post,
    write_log_mode,
)
from linkops.alink.messages import PARAMETER_ERROR, write_reply
from linkops.alink.topics import Channel, topic_for
from linkops.devices.logs.model import Posted
from linkops.devices.logs.uplinks import LogUplinks, Taken
from linkops.devices.presence.model import Accepted
from linkops.hub.calls import Answer, Call, Route

_REFUSALS = {
    Taken.OFF: (OFF_CODE, "log upload is switched off"),
    Taken.TOO_FAST: (TOO_FAST_CODE, "too many log entries"),
}


def log_routes(logs: LogUplinks) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def post(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.LOG_POST, *device.key, reply=True)
        try:
            posted = read_log_post(payload)
        except Malformed as error:
            return Answer(topic, write_reply("", None, code=PARAMETER_ERROR, message=str(error)))
        reply = lambda taken: _answer(topic, posted, taken)  # noqa: E731 - a closure
        return Call(logs, Posted(device.device_id, posted.entries, now), "log", reply)

    def get(device: Accepted, payload: bytes, now: int) -> Call | Answer:  # noqa: ARG001 - of a route
        topic = topic_for(Channel.LOG_CONFIG_GET, *device.key, reply=True)
        try:
            message_id = read_log_get(payload)
        except Malformed as error:
            return Answer(topic, write_reply("", None, code=PARAMETER_ERROR, message=str(error)))
        reply = lambda mode: Answer(topic, write_log_mode(message_id, on=mode.on))  # noqa: E731 - a closure
        return Call(logs.mode, device.device_id, "log switch", reply)

    return {Channel.LOG_POST: post, Channel.LOG_CONFIG_GET: get}


def _answer(topic: str, posted: LogPost, taken: Taken) -> Answer | None:
    if not posted.wants_reply:
        return None
    if taken is Taken.STORED:
        return Answer(topic, write_reply(posted.id, None))
    code, message = _REFUSALS[taken]
    return Answer(topic, write_reply(posted.id, None, code=code, message=message))
