"""Everything about carrying events to applications, put together: what doors and the composition root hold."""

from linkops.clock import Clock
from linkops.db import Database
from linkops.events.interest import Interest
from linkops.scheduler import Scheduler
from linkops.secretbox import SecretBox
from linkops.settings import Settings
from linkops.subscriptions.addresses import parse_networks
from linkops.subscriptions.counts import Counts
from linkops.subscriptions.delivery.client import Poster, Resolve
from linkops.subscriptions.delivery.resolving import Resolver
from linkops.subscriptions.delivery.service import Deliverer
from linkops.subscriptions.letters.service import DeadLetters
from linkops.subscriptions.streams.feed import Feed
from linkops.subscriptions.streams.service import Streams
from linkops.subscriptions.webhooks.service import Webhooks
from linkops.subscriptions.wishes import Wishes

_DELIVER = "webhooks"
_LOOK_S = 0.25
_SETTLE_S = 10.0
_SELDOM_S = 600.0


class Subscriptions:
    """The services of webhooks and streams; all are used on one loop.

    Attributes:
        webhooks: where events are posted to.
        letters: what could not be delivered.
        streams: who listens live.
        deliverer: posts.
        feed: what streams read.
        counts: for `/metrics`.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        box: SecretBox,
        interest: Interest,
        resolve: Resolve | None = None,
    ) -> None:
        """Put the services together.

        Args:
            db: the database, whose event log is the outbox.
            clock: tells the time.
            settings: of webhooks and streams.
            box: seals the secrets of webhooks.
            interest: is kept true from now on: which kinds of events somebody wants.
            resolve: finds addresses; None: by the system's resolver, judged by `linkops.subscriptions.addresses`.

        Raises:
            ValueError: ``webhook_allowed_networks`` lists something that is no network.
        """
        resolver = resolve or Resolver(parse_networks(settings.webhook_allowed_networks))
        poster = Poster(resolver, settings.webhook_timeout_s)
        wishes = Wishes(interest)
        self._scheduler: Scheduler | None = None
        self.counts = Counts()
        self.webhooks = Webhooks(db, clock, box, poster, self._deliver_now)
        self.letters = DeadLetters(db, clock, settings.keep_dead_letters_days, self._deliver_now)
        self.deliverer = Deliverer(db, clock, box, poster, wishes, self.counts, settings.webhook_batch_events)
        self.feed = Feed(db)
        self.streams = Streams(db, self.feed, wishes, self.counts, settings.max_event_streams)

    def start(self, scheduler: Scheduler) -> None:
        """Deliver, feed and forget, each as a tick of its own, from now on."""
        self._scheduler = scheduler
        scheduler.every(_LOOK_S, _DELIVER, self.deliverer.deliver)
        scheduler.every(_SETTLE_S, "places of webhooks", self.deliverer.settle)
        scheduler.every(_LOOK_S, "event feed", self.feed.read)
        scheduler.every(_SELDOM_S, "old dead letters", self.letters.delete_old)

    async def stop(self) -> None:
        """End streams and deliveries; after the scheduler, before the HTTP door and the database."""
        await self.streams.stop()
        await self.deliverer.stop()

    def _deliver_now(self) -> None:
        if self._scheduler is not None:
            self._scheduler.wake(_DELIVER)
