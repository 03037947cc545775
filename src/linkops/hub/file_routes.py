"""What is done with files that devices upload."""

from collections.abc import Callable, Mapping

from linkops.alink.topics import Channel, topic_for
from linkops.alink.uploads import (
    UploadBlock,
    UploadCancel,
    UploadInit,
    UploadRefused,
    read_upload_block,
    read_upload_cancel,
    read_upload_init,
    write_block_refusal,
    write_block_reply,
    write_cancel_reply,
    write_complete_reply,
    write_damaged_reply,
    write_init_refusal,
    write_init_reply,
)
from linkops.devices.files.uploads.model import (
    Arrived,
    Begun,
    BlockResult,
    Canceled,
    Complete,
    Damaged,
    GivenUp,
    Refuse,
    Wanted,
)
from linkops.devices.files.uploads.service import Uploads
from linkops.devices.presence.model import Accepted
from linkops.hub.calls import Answer, Call, Route


def file_routes(uploads: Uploads) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def begin(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.FILE_UPLOAD_INIT, *device.key, reply=True)
        init = read_upload_init(payload)
        reply = lambda result: Answer(topic, _init_reply(init, result))  # noqa: E731 - a closure
        return Call(uploads.begin, Wanted(device, init, now), "upload", reply)

    def block(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.FILE_UPLOAD_SEND, *device.key, reply=True)
        sent = read_upload_block(payload)
        reply = lambda result: Answer(topic, _block_reply(sent, result))  # noqa: E731 - a closure
        return Call(uploads.block, Arrived(device, sent, now), "upload block", reply)

    def cancel(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.FILE_UPLOAD_CANCEL, *device.key, reply=True)
        asked = read_upload_cancel(payload)
        reply = lambda result: Answer(topic, _cancel_reply(asked, result))  # noqa: E731 - a closure
        return Call(uploads.cancel, GivenUp(device, asked, now), "upload canceled", reply)

    return {
        Channel.FILE_UPLOAD_INIT: _answering(Channel.FILE_UPLOAD_INIT, begin),
        Channel.FILE_UPLOAD_SEND: _answering(Channel.FILE_UPLOAD_SEND, block),
        Channel.FILE_UPLOAD_CANCEL: _answering(Channel.FILE_UPLOAD_CANCEL, cancel),
    }


def _answering(channel: Channel, route: Callable[[Accepted, bytes, int], Call | Answer]) -> Route:
    """Return a route that tells the device what was wrong with what it sent."""

    def answering(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        try:
            return route(device, payload, now)
        except UploadRefused as refused:
            return Answer(topic_for(channel, *device.key, reply=True), refused.reply)

    return answering


def _init_reply(init: UploadInit, result: Begun | Refuse) -> bytes:
    return write_init_refusal(init, result.fault) if isinstance(result, Refuse) else write_init_reply(init, *result)


def _cancel_reply(cancel: UploadCancel, result: Canceled | Refuse) -> bytes:
    return write_cancel_reply(cancel, result.fault if isinstance(result, Refuse) else None)


def _block_reply(block: UploadBlock, result: BlockResult) -> bytes:
    if isinstance(result, Refuse):
        return write_block_refusal(block, result.fault, result.next_offset)
    if isinstance(result, Complete):
        return write_complete_reply(block, *result)
    if isinstance(result, Damaged):
        return write_damaged_reply(block, *result)
    return write_block_reply(block)
