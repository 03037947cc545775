"""What is done with messages about firmware: versions, progress, pulls and blocks of files."""

from collections.abc import Mapping

from linkops.alink.blocks import BlockFault, BlockRequest, read_block_request, write_block_error, write_block_reply
from linkops.alink.firmware import (
    read_firmware_get,
    read_progress,
    read_version_report,
    write_firmware_push,
    write_firmware_reply,
)
from linkops.alink.jsontext import Malformed
from linkops.alink.messages import PARAMETER_ERROR, write_reply
from linkops.alink.topics import Channel, topic_for
from linkops.devices.presence.model import Accepted
from linkops.hub.calls import Answer, Call, Route
from linkops.ota.blocks.service import Block, Blocks, Wanted
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from linkops.ota.uplinks.service import Uplinks


def firmware_routes(uplinks: Uplinks, blocks: Blocks) -> Mapping[Channel, Route]:
    """Return the routes of these channels."""

    def version_report(device: Accepted, payload: bytes, now: int) -> Call:
        report = read_version_report(payload)
        item = ReportedVersion(device.device_id, device.product_id, report.module, report.version, now)
        return Call(uplinks.report_version, item, "version")

    def progress(device: Accepted, payload: bytes, now: int) -> Call:
        report = read_progress(payload)
        item = ReportedProgress(device.device_id, device.product_id, report.module, report.step, report.desc, now)
        return Call(uplinks.report_progress, item, "progress")

    def firmware_get(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.FIRMWARE_GET, *device.key, reply=True)
        try:
            message_id, module = read_firmware_get(payload)
        except Malformed as error:
            return Answer(topic, write_reply("", None, code=PARAMETER_ERROR, message=str(error)))
        pull = Pull(device.device_id, module, now)
        reply = lambda firmware: Answer(topic, write_firmware_reply(message_id, firmware))  # noqa: E731 - a closure
        return Call(uplinks.pull, pull, "pull", reply)

    def firmware_request(device: Accepted, payload: bytes, now: int) -> Call:
        """The pull of the first SDKs, which is answered by a push or not at all."""
        _, module = read_firmware_get(payload)
        topic = topic_for(Channel.FIRMWARE_PUSH, *device.key)
        push = lambda firmware: firmware and Answer(topic, write_firmware_push(firmware, now))  # noqa: E731 - a closure
        return Call(uplinks.pull, Pull(device.device_id, module, now), "pull", push)

    def file_download(device: Accepted, payload: bytes, now: int) -> Call | Answer:
        topic = topic_for(Channel.FILE_DOWNLOAD, *device.key, reply=True)
        try:
            request = read_block_request(payload)
        except Malformed:
            return Answer(topic, write_block_error("", BlockFault.BAD_PARAMETERS))
        wanted = Wanted(device.device_id, request, now)
        found = blocks.at_once(wanted)
        if found is None:
            return Call(blocks, wanted, "block", lambda fetched: _block_answer(topic, request, fetched))
        return _block_answer(topic, request, found)

    return {
        Channel.VERSION_REPORT: version_report,
        Channel.PROGRESS: progress,
        Channel.FIRMWARE_GET: firmware_get,
        Channel.FIRMWARE_REQUEST: firmware_request,
        Channel.FILE_DOWNLOAD: file_download,
    }


def _block_answer(topic: str, request: BlockRequest, found: Block | BlockFault) -> Answer:
    if isinstance(found, BlockFault):
        return Answer(topic, write_block_error(request.id, found))
    return Answer(topic, write_block_reply(request, found.content, found.file_bytes), is_block=True)
