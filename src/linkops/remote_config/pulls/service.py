"""What the hub calls about configuration. A repeated or late message changes nothing."""

from linkops.alink.configuration import Configuration
from linkops.clock import Clock
from linkops.db import Batcher, Database
from linkops.events.interest import Interest
from linkops.links import LinkWriter
from linkops.remote_config.pulls.answering import answer_pulls
from linkops.remote_config.pulls.evidence import offer_again, record_answers, record_fetched
from linkops.remote_config.pulls.reports import Answer, Fetched, Pull

_PULLS_PER_UNIT = 200
"""Each may be of a device whose documents are merged then for the first time."""


class ConfigUplinks:
    """Units over all that waited for the last commit: ``await uplinks.pull(item)`` or ``uplinks.pull.put(item, done)``.

    Attributes:
        pull: answers what the device is told, or the code that says why it gets nothing.
        answer: answers whether what a device said to a push changed its result.
        fetched: takes what a device was sent the last byte of.
        device_online: takes the id of a device whose connection takes downlinks from now on.
    """

    def __init__(self, db: Database, clock: Clock, links: LinkWriter, interest: Interest) -> None:
        self.pull: Batcher[Pull, Configuration | int] = db.batcher(
            lambda tx, pulls: answer_pulls(tx, pulls, links, interest), max_items=_PULLS_PER_UNIT
        )
        self.answer: Batcher[Answer, bool] = db.batcher(lambda tx, answers: record_answers(tx, answers, interest))
        self.fetched: Batcher[Fetched, None] = db.batcher(lambda tx, items: record_fetched(tx, items, interest))
        self.device_online: Batcher[int, None] = db.batcher(
            lambda tx, device_ids: offer_again(tx, device_ids, interest, clock.now())
        )
