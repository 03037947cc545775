"""What is done with messages about configuration: pulls, and answers to pushes."""

from collections.abc import Mapping

from linkops.alink.configuration import (
    Configuration,
    WrongPull,
    push_id_of,
    read_config_get,
    read_push_reply,
    write_config_refusal,
    write_config_reply,
)
from linkops.alink.jsontext import Malformed
from linkops.alink.messages import PARAMETER_ERROR
from linkops.alink.topics import Channel, topic_for
from linkops.devices.presence.model import Accepted
from linkops.hub.calls import Answer, Call, Route
from linkops.remote_config.pulls import reports
from linkops.remote_config.pulls.service import ConfigUplinks


def config_routes(uplinks: ConfigUplinks) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def config_get(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.CONFIG_GET, *device.key, reply=True)
        try:
            message_id = read_config_get(payload)
        except WrongPull as wrong:
            return Answer(topic, write_config_refusal(wrong.message_id, PARAMETER_ERROR))
        except Malformed:
            return Answer(topic, write_config_refusal("", PARAMETER_ERROR))

        def reply(told: Configuration | int) -> Answer:
            if isinstance(told, int):
                return Answer(topic, write_config_refusal(message_id, told))
            return Answer(topic, write_config_reply(message_id, told))

        return Call(uplinks.pull, reports.Pull(device.device_id, device.product_id, now), "config_pull", reply)

    def push_reply(device: Accepted, payload: bytes, now: int) -> Call | None:
        said = read_push_reply(payload)
        push_id = push_id_of(said.id)
        if push_id is None:
            return None
        answer = reports.Answer(device.device_id, push_id, said.code, said.message, now)
        return Call(uplinks.answer, answer, "config_answer")

    return {Channel.CONFIG_GET: config_get, Channel.CONFIG_PUSH: push_reply}
