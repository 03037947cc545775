"""Pulls: units over all that waited for the last commit; who asks is told whatever its pushes and stages say."""

from collections.abc import Mapping, Sequence

from linkops.alink.configuration import NO_CONFIGURATION, SWITCHED_OFF, Configuration
from linkops.db import Tx
from linkops.events.interest import Interest
from linkops.links import LinkWriter
from linkops.remote_config.documents.effective import Effective, effective, switched_on
from linkops.remote_config.pulls import store
from linkops.remote_config.pulls.reports import Pull
from linkops.remote_config.pushes import progress
from linkops.remote_config.pushes.progress import ResultState
from linkops.remote_config.pushes.results import store as results
from linkops.remote_config.pushes.results.saving import save
from linkops.remote_config.pushes.results.store import Change
from linkops.remote_config.pushes.staging import store as staging
from linkops.remote_config.states.store import Given, record_sent


def answer_pulls(tx: Tx, pulls: Sequence[Pull], links: LinkWriter, interest: Interest) -> list[Configuration | int]:
    """Return what each device is told: its configuration, or the code that says why there is none."""
    by_product: dict[int, list[Pull]] = {}
    for pull in pulls:
        by_product.setdefault(pull.product_id, []).append(pull)
    contents: dict[int, Effective] = {}
    off = set()
    for product_id, asked in sorted(by_product.items()):
        if switched_on(tx, product_id):
            contents |= effective(tx, product_id, sorted({pull.device_id for pull in asked}), asked[-1].at)
        else:
            off.add(product_id)
    _record(tx, pulls, contents, links, interest)
    return [_answer(pull, contents, links, off) for pull in pulls]


def _answer(pull: Pull, contents: Mapping[int, Effective], links: LinkWriter, off: set[int]) -> Configuration | int:
    content = contents.get(pull.device_id)
    if content is None:
        return SWITCHED_OFF if pull.product_id in off else NO_CONFIGURATION
    url = links.url(pull.device_id, content.content_id, pull.at)
    return Configuration.of(content.config_id, content.size_bytes, content.sha256, url)


def _record(
    tx: Tx, pulls: Sequence[Pull], contents: Mapping[int, Effective], links: LinkWriter, interest: Interest
) -> None:
    """Remember the links, and let pushes that would bring the same know that they need not any more."""
    asked = {pull.device_id: pull.at for pull in pulls if pull.device_id in contents}
    record_sent(tx, [Given(device_id, contents[device_id].content_id, at) for device_id, at in asked.items()])
    states = [
        state for state in results.open_of_devices(tx, asked) if state.version == contents[state.device_id].version
    ]
    changes = [_told(state, contents[state.device_id], asked[state.device_id], links) for state in states]
    made = save(tx, [change for change in changes if change.after is not change.before], interest)
    reached = store.charge(tx, [(change.after.push_id, change.after.device_id) for change in made])
    for push_id, devices in sorted(reached.items()):
        staging.charge(tx, push_id, devices, max(asked.values()))


def _told(state: ResultState, content: Effective, at: int, links: LinkWriter) -> Change:
    fetch_by = at + links.valid_s * 1_000
    return Change(state, progress.pulled(state, content.content_id, content.config_id, fetch_by, at), at)
