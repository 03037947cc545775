"""What devices upload, files and logs, put together."""

from linkops.blobs import Blobs
from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.files.model import Quotas
from linkops.devices.files.service import DeviceFiles
from linkops.devices.files.sweeping import Sweep
from linkops.devices.files.uploads.service import Uploads
from linkops.devices.files.uploads.spool import Spool
from linkops.devices.logs.keeping import LogKeeping
from linkops.devices.logs.service import Logs
from linkops.devices.logs.uplinks import LogUplinks
from linkops.scheduler import Scheduler
from linkops.settings import Settings

_SPOOL = "spool"
"""Folder of unfinished uploads in data_dir."""


class FilesAndLogs:
    """The services of files and logs that devices upload.

    Attributes:
        uploads: what the hub calls for files.
        files: what operators do with them.
        log_uplinks: what the hub calls for logs.
        logs: what operators do with them.
        sweep: gives up uploads and deletes files.
        keeping: deletes log entries.
    """

    def __init__(self, db: Database, clock: Clock, blobs: Blobs, bus: LocalBus, settings: Settings) -> None:
        spool = Spool(settings.data_dir / _SPOOL, settings.min_free_disk_bytes)
        quotas = Quotas(
            settings.max_files_per_device, settings.max_file_bytes_per_device, settings.max_device_files_bytes
        )
        self.uploads = Uploads(db, blobs, spool, quotas)
        self.files = DeviceFiles(db, clock, blobs)
        self.log_uplinks = LogUplinks(db, settings.log_entries_per_minute)
        self.logs = Logs(db, clock, bus)
        self.sweep = Sweep(db, blobs, spool, clock, settings.keep_device_files_days)
        self.keeping = LogKeeping(
            db, clock, self.log_uplinks, settings.keep_device_logs_days, settings.max_log_entries_per_device
        )

    def start(self, scheduler: Scheduler) -> None:
        """Let tell, give up and forget, each as a tick of its own, from now on."""
        scheduler.every(1, "log switches", self.logs.tell_devices)
        scheduler.every(10, "long logs", self.keeping.trim)
        scheduler.every(60, "old logs", self.keeping.delete_old)
        scheduler.every(60, "unfinished uploads of devices", self.sweep.give_up_uploads)
        scheduler.every(600, "old files of devices", self.sweep.delete_old_files)
        scheduler.every(60, "deleted files of devices", self.sweep.delete_abandoned)
        scheduler.every(600, "spool of uploads", self.sweep.delete_left_spool)
