"""Uplinks: units over all reports that waited for the last commit. A repeated or late report changes nothing."""

from linkops.alink.firmware import Firmware
from linkops.clock import Clock
from linkops.db import Batcher, Database
from linkops.events.interest import Interest
from linkops.links import LinkWriter
from linkops.ota.uplinks.progress import record_progress, record_versions
from linkops.ota.uplinks.pulls import answer_pulls, queue_reconnected
from linkops.ota.uplinks.reports import Pull, ReportedProgress, ReportedVersion


class Uplinks:
    """What the hub calls: ``await uplinks.report_progress(report)`` or ``uplinks.report_progress.put(report, done)``.

    Attributes:
        report_progress: answers whether the report changed a task.
        report_version: answers whether the version is another than before.
        pull: answers what the device gets, None when nothing is pending.
        device_online: takes the id of a device whose connection takes downlinks from now on.
    """

    def __init__(self, db: Database, clock: Clock, links: LinkWriter, interest: Interest) -> None:
        self.report_progress: Batcher[ReportedProgress, bool] = db.batcher(
            lambda tx, reports: record_progress(tx, reports, interest)
        )
        self.report_version: Batcher[ReportedVersion, bool] = db.batcher(record_versions)
        self.pull: Batcher[Pull, Firmware | None] = db.batcher(lambda tx, pulls: answer_pulls(tx, pulls, links))
        self.device_online: Batcher[int, None] = db.batcher(
            lambda tx, device_ids: queue_reconnected(tx, device_ids, clock.now())
        )
