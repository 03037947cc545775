"""Documents saved, restored and removed in any order, against a naive model: versions as lists, merges word by word."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.errors import Conflict, Invalid, NotFound, Refused
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents.effective import content, effective
from linkops.remote_config.documents.model import Target
from tests.conftest import NOW
from tests.support.configuration import Office
from tests.support.groups import static

# As typed: blanks are kept where no other document applies.
TEXTS = ['{ "a":1 }', '{"a":2,"b":{"x":1}}', '{"b":{"x":null,"y":2}}', '{"b":null}', '{"a":{"b":1},"b":[1]}\n', "{}"]
DOCUMENTS = ["product", "low", "high", "pump-1", "pump-2"]
# Who is in which groups.
GROUPS = {"pump-1": {"low", "high"}, "pump-2": {"high"}, "pump-3": set[str]()}

which = st.sampled_from(DOCUMENTS)
texts = st.sampled_from(TEXTS)
Kept = tuple[str | None, int]
"""Of a version: its text, None if it was removed, and its priority."""


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        result[name] = merged(result.get(name), value)
        if value is None:
            del result[name]
    return result


class DocumentsMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.db = open_database(str(Path(self.folder.name) / "linkops.db"))
        self.office = Office(self.db, FixedClock(NOW))
        self.targets: dict[str, Target] = {}
        self.ids: dict[str, int] = {}
        self.run(self.furnish())
        self.kept: dict[str, list[Kept]] = {name: [] for name in DOCUMENTS}

    async def furnish(self) -> None:
        await self.office.start()
        groups = {name: await static(self.office.devices, name, self.office.product) for name in ("low", "high")}
        for name, of in GROUPS.items():
            device = await self.office.device(name)
            self.ids[name] = device.id
            for group in of:
                await self.office.devices.members.add(SYSTEM, groups[group].id, [device.key])
        self.targets = {name: self.office.of_device(name) for name in GROUPS}
        self.targets |= {name: self.office.of_group(group.id) for name, group in groups.items()}
        self.targets["product"] = self.office.of_product

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    def tried(self, call: Any) -> Any:
        try:
            return self.run(call)
        except Refused as refused:
            return type(refused)

    def expected(self, name: str, wanted: Kept, base: int) -> Any:
        """Return what a change is answered, and keep it if it makes a version."""
        kept = self.kept[name]
        if kept and kept[-1] == wanted:
            return len(kept), False
        if not kept and wanted[0] is None:
            return NotFound
        if base != len(kept):
            return Conflict
        kept.append(wanted)
        return len(kept), True

    def priority(self, name: str) -> int:
        return self.kept[name][-1][1] if self.kept[name] else 0

    @staticmethod
    def summary(answer: Any) -> Any:
        return answer if isinstance(answer, type) else (answer.version.number, answer.made)

    @rule(name=which, text=texts, behind=st.sampled_from([0, 0, 0, 1]), priority=st.sampled_from([None, 0, 1, 2]))
    def save(self, name: str, text: str, behind: int, priority: int | None) -> None:
        base = max(len(self.kept[name]) - behind, 0)
        given = priority if name in {"low", "high"} else None
        answer = self.tried(self.office.save(self.targets[name], text, base, priority=given))
        wanted = (text, self.priority(name) if given is None else given)
        assert self.summary(answer) == self.expected(name, wanted, base)

    @rule(name=which, number=st.integers(1, 4), behind=st.sampled_from([0, 0, 1]))
    def restore(self, name: str, number: int, behind: int) -> None:
        kept = self.kept[name]
        base = max(len(kept) - behind, 0)
        answer = self.tried(self.office.config.editing.restore(SYSTEM, self.targets[name], number, base))
        if number > len(kept):
            assert answer is NotFound
        elif kept[number - 1][0] is None:
            assert answer is Invalid
        else:
            assert self.summary(answer) == self.expected(name, (kept[number - 1][0], self.priority(name)), base)

    @rule(name=which, behind=st.sampled_from([0, 0, 1]))
    def remove(self, name: str, behind: int) -> None:
        base = max(len(self.kept[name]) - behind, 0)
        answer = self.tried(self.office.config.editing.remove(SYSTEM, self.targets[name], base))
        if name == "product":
            assert answer is Invalid
        else:
            assert self.summary(answer) == self.expected(name, (None, self.priority(name)), base)

    @invariant()
    def every_version_is_kept_byte_for_byte(self) -> None:
        for name, kept in self.kept.items():
            versions = self.run(self.office.config.documents.versions(SYSTEM, self.targets[name], 2**40, 200))
            assert [version.number for version in versions] == list(range(len(kept), 0, -1))
            for number, (text, priority) in enumerate(kept, 1):
                version, read = self.run(self.office.config.documents.version(SYSTEM, self.targets[name], number))
                assert (read, version.priority) == (text, priority)

    @invariant()
    def every_device_has_what_the_model_says(self) -> None:
        given = self.run(self.db.write(effective, self.office.product.id, list(self.ids.values()), NOW))
        for name, device_id in self.ids.items():
            found = given.get(device_id)
            read = None if found is None else self.run(self.db.read(content, found.content_id)).decode()
            assert read == self.configuration(name)
        told = {(found.config_id, found.content_id) for found in given.values()}
        assert len(told) == len({config_id for config_id, _ in told})

    def configuration(self, name: str) -> str | None:
        """Return what a device has."""
        groups = sorted(GROUPS[name], key=lambda group: (self.priority(group), group == "high"))
        narrower = [self.text(document) for document in [*groups, name] if self.text(document) is not None]
        product = self.text("product")
        if not narrower:
            return product
        whole = {} if product is None else json.loads(product)
        for text in narrower:
            whole = merged(whole, json.loads(text or ""))
        return json.dumps(whole, sort_keys=True, separators=(",", ":"))

    def text(self, name: str) -> str | None:
        return self.kept[name][-1][0] if self.kept.get(name) else None

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()
            self.runner.close()
            self.folder.cleanup()


DocumentsMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestDocuments = DocumentsMachine.TestCase
