"""Which message goes to which service: one line a channel.

A route reads a payload and returns the `Call` that it asks for, or None when there is nothing to do. The connection
runs the call, acknowledges the message after the commit, and sends what `Call.reply` makes of the result.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from linkops.alink.firmware import read_firmware_get, read_progress, read_version_report, write_firmware_reply
from linkops.alink.jsontext import Malformed
from linkops.alink.messages import PARAMETER_ERROR, write_reply
from linkops.alink.topics import Channel, topic_for
from linkops.db import Batcher
from linkops.devices.presence.model import Accepted
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion
from linkops.ota.uplinks.service import Uplinks

Answer: TypeAlias = tuple[str, bytes]
"""Topic and payload of a message to the device."""


class Call(NamedTuple):
    """Something to do in the database, what it is counted as, and what to say afterwards."""

    batcher: Batcher[Any, Any]
    item: Any
    counted: str
    reply: Callable[[Any], Answer] | None = None


Route: TypeAlias = Callable[[Accepted, bytes, int], Call | Answer | None]
"""Takes the device, the payload and the time (ms).

Raises:
    Malformed: the payload is no such message.
"""


def routes(uplinks: Uplinks) -> Mapping[Channel, Route]:
    """Return what is done with each channel; messages of other channels are accepted, and seen in the log only."""

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
            return topic, write_reply("", None, code=PARAMETER_ERROR, message=str(error))
        pull = Pull(device.device_id, module, now)
        return Call(uplinks.pull, pull, "pull", lambda firmware: (topic, write_firmware_reply(message_id, firmware)))

    return {
        Channel.VERSION_REPORT: version_report,
        Channel.PROGRESS: progress,
        Channel.FIRMWARE_GET: firmware_get,
    }
