"""Everything about updates, put together: what doors and the composition root hold."""

from linkops.blobs import Blobs
from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.files.uploads.spool import Spool
from linkops.events.interest import Interest
from linkops.links import LinkWriter, link_key
from linkops.ota.blocks.service import Blocks
from linkops.ota.creating.service import JobMaker
from linkops.ota.device_lists.service import DeviceLists
from linkops.ota.diffs.maker import DiffMaker
from linkops.ota.diffs.service import Diffs
from linkops.ota.dispatch.service import Dispatcher
from linkops.ota.distributions.service import Statistics
from linkops.ota.filling.group_watch import GroupWatch
from linkops.ota.filling.service import Filler
from linkops.ota.jobs.service import Jobs
from linkops.ota.modules.service import Modules
from linkops.ota.package_tasks.service import PackageTasks
from linkops.ota.packages.service import Packages
from linkops.ota.signing.service import SigningKeys
from linkops.ota.signing.signer import PackageSigner
from linkops.ota.steering.service import Steering
from linkops.ota.steering.ticks import Course
from linkops.ota.tasks.changing import TaskChanges
from linkops.ota.tasks.service import Tasks
from linkops.ota.upkeep.service import Upkeep
from linkops.ota.uplinks.service import Uplinks
from linkops.ota.uploads.resuming.service import ResumableUploads
from linkops.ota.uploads.resuming.sweeping import UploadSweep
from linkops.ota.uploads.service import Uploads
from linkops.scheduler import Scheduler
from linkops.secretbox import SecretBox
from linkops.settings import Settings

_FILL = "ota fill"
_SPOOL = "uploads"
"""Folder of unfinished uploads in data_dir."""


class Ota:
    """The services of updates.

    Attributes:
        modules: parts of a product's devices.
        uploads: files on their way into a package.
        resumable: the same, as uploads that go on after an interruption.
        upload_sweep: deletes those that nobody goes on with.
        packages: what devices download.
        maker: creates jobs.
        device_lists: devices by name, for jobs.
        signing: keys that packages are signed with.
        diffs: differential packages that are being made.
        diff_maker: makes them.
        jobs: rollouts.
        steering: what running jobs are told.
        tasks: one device's part of a job.
        package_tasks: those of all jobs of a package.
        task_changes: what operators do about single tasks.
        statistics: what devices run, and how updates ended.
        uplinks: what the hub calls.
        course: what running jobs come to.
        blocks: what it calls for downloads over MQTT.
        filler: makes the tasks of new jobs.
        group_watch: makes the tasks of devices that enter a group.
        dispatcher: pushes.
        upkeep: ends and forgets.
    """

    def __init__(
        self,
        db: Database,
        bus: LocalBus,
        blobs: Blobs,
        clock: Clock,
        settings: Settings,
        box: SecretBox,
        base_url: str,
        interest: Interest | None = None,
    ) -> None:
        """Put the services together; ``base_url`` is what devices reach ``/files/…`` by, without a slash at its end.

        ``interest`` says which frequent events somebody wants to hear of; None: nobody wants any.
        """
        links = LinkWriter(base_url, link_key(box.key), settings.download_link_s)
        self._scheduler: Scheduler | None = None
        self.modules = Modules(db, clock)
        self.uploads = Uploads(db, blobs, clock, settings)
        spool = Spool(settings.data_dir / _SPOOL, settings.min_free_disk_bytes)
        self.resumable = ResumableUploads(db, blobs, spool, clock, settings)
        self.upload_sweep = UploadSweep(db, blobs, spool, clock, settings.unfinished_upload_keep_s)
        self.packages = Packages(db, clock, settings, box, links.key)
        self.signing = SigningKeys(db, clock, box)
        self.diffs = Diffs(db, clock, settings.keep_tasks_days)
        self.diff_maker = DiffMaker(db, blobs, clock, settings, PackageSigner(db, box))
        self.maker = JobMaker(db, clock, self._fill_now)
        self.device_lists = DeviceLists(db, clock)
        self.dispatcher = Dispatcher(db, bus, clock, links)
        self.jobs = Jobs(db, clock, self.dispatcher.settled)
        self.steering = Steering(db, clock, self._fill_now, self.dispatcher.settled)
        self.tasks = Tasks(db)
        self.package_tasks = PackageTasks(db)
        self.task_changes = TaskChanges(db, clock, self._fill_now)
        self.statistics = Statistics(db)
        self.uplinks = Uplinks(db, clock, links, interest or Interest())
        self.course = Course(db, clock, self._fill_now)
        self.blocks = Blocks(db, blobs, settings.block_cache_bytes)
        self.filler = Filler(db, clock)
        self.group_watch = GroupWatch(db, clock)
        self.upkeep = Upkeep(db, clock, settings.keep_tasks_days)

    def start(self, scheduler: Scheduler) -> None:
        """Let fill, push, time out, end and forget, each as a tick of its own, from now on."""
        self._scheduler = scheduler
        scheduler.every(1, "ota start of jobs", self.course.start_due)
        scheduler.every(1, "ota finish of jobs", self.course.finish_due)
        scheduler.every(1, "ota windows", self.course.open_windows)
        scheduler.every(1, "ota stages", self.course.advance_stages)
        scheduler.every(1, _FILL, self.filler.fill)
        scheduler.every(1, "ota groups", self.group_watch.look)
        scheduler.every(0.25, "ota push", self.dispatcher.push_due)
        scheduler.every(1, "ota cancel", self.jobs.go_on_canceling)
        scheduler.every(1, "ota time-out", self.upkeep.time_out)
        scheduler.every(1, "ota end of jobs", self.upkeep.end_jobs)
        scheduler.every(60, "ota deleted devices", self.upkeep.cancel_of_nobody)
        scheduler.every(60, "ota sweep of uploads", self.uploads.sweep)
        scheduler.every(60, "ota unfinished uploads", self.upload_sweep.give_up)
        scheduler.every(600, "ota spool of uploads", self.upload_sweep.delete_left)
        scheduler.every(60, "ota sweep of device lists", self.device_lists.sweep)
        scheduler.every(1, "ota diffs", self.diff_maker.make_next)
        scheduler.every(3_600, "ota old tasks", self.upkeep.delete_old_tasks)
        scheduler.every(3_600, "ota old diffs", self.diffs.delete_old)

    def _fill_now(self) -> None:
        if self._scheduler is not None:
            self._scheduler.wake(_FILL)
