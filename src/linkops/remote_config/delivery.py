"""Getting configuration to devices, put together: what doors and the composition root hold."""

from linkops.bus import LocalBus
from linkops.clock import Clock
from linkops.db import Database
from linkops.events.interest import Interest
from linkops.links import LinkWriter, Opens, link_key
from linkops.remote_config.pulls.downloads import Downloads
from linkops.remote_config.pulls.service import ConfigUplinks
from linkops.remote_config.pushes.course import Course
from linkops.remote_config.pushes.dispatch.service import Dispatcher
from linkops.remote_config.pushes.filling.service import Filler
from linkops.remote_config.pushes.lists.service import Results
from linkops.remote_config.pushes.rules import Limits
from linkops.remote_config.pushes.service import Pushes
from linkops.remote_config.states.drift.service import Drift
from linkops.remote_config.upkeep.service import Upkeep
from linkops.scheduler import Scheduler
from linkops.secretbox import SecretBox
from linkops.settings import Settings

_FILL, _PUSH = "config fill", "config push"


class ConfigDelivery:
    """The services of pushing and pulling.

    Attributes:
        pushes: what operators do.
        results: what became of pushes.
        drift: which devices do not have what they should.
        uplinks: what the hub calls.
        downloads: what links open.
        filler: makes the results of new pushes.
        dispatcher: publishes.
        course: advances, ends and forgets.
        upkeep: forgets what is left of documents.
    """

    def __init__(
        self,
        db: Database,
        bus: LocalBus,
        clock: Clock,
        settings: Settings,
        box: SecretBox,
        base_url: str,
        interest: Interest | None = None,
    ) -> None:
        """Put the services together; ``base_url`` is what devices reach ``/files/…`` by, without a slash at its end.

        ``interest`` says which frequent events somebody wants to hear of; None: nobody wants any.
        """
        heard = interest or Interest()
        links = LinkWriter(base_url, link_key(box.key), settings.config_link_s, Opens.CONFIGURATION)
        limits = Limits(settings.config_push_interval_s, settings.config_push_once)
        self._scheduler: Scheduler | None = None
        self.dispatcher = Dispatcher(db, bus, clock, links, heard)
        self.pushes = Pushes(db, clock, limits, self.dispatcher.settled, self._work_now)
        self.results = Results(db)
        self.drift = Drift(db, clock)
        self.uplinks = ConfigUplinks(db, clock, links, heard)
        self.downloads = Downloads(db, clock, links.key, self.uplinks.fetched)
        self.filler = Filler(db, clock)
        self.course = Course(db, clock, heard, settings.keep_config_results_days)
        self.upkeep = Upkeep(db, clock, links.valid_s)

    def start(self, scheduler: Scheduler) -> None:
        """Let fill, push, advance, time out and forget, each as a tick of its own, from now on."""
        self._scheduler = scheduler
        scheduler.every(1, _FILL, self.filler.fill)
        scheduler.every(0.25, _PUSH, self.dispatcher.push_due)
        scheduler.every(0.5, "config course", self.course.advance)
        scheduler.every(1, "config links run out", self.course.time_out)
        scheduler.every(0.5, "config switched off", self.course.stop_switched_off)
        scheduler.every(3_600, "config old results", self.course.delete_old)
        scheduler.every(3_600, "config old merges", self.upkeep.forget_merges)
        scheduler.every(3_600, "config unused contents", self.upkeep.mark_unused)
        scheduler.every(3_600, "config old contents", self.upkeep.delete_unused)

    def _work_now(self) -> None:
        if self._scheduler is not None:
            self._scheduler.wake(_FILL)
            self._scheduler.wake(_PUSH)
