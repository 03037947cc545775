"""Uploads of two files in any order, with everything lost and repeated, against a model that keeps bytes in a dict."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from linkops.alink.uploads import UploadFault
from linkops.clock import FixedClock
from linkops.db import open_database
from linkops.devices.files.sweeping import KEEP_UPLOADS_MS
from linkops.devices.files.uploads.model import Begun, Canceled, Complete, Damaged, Kept, Refuse
from tests.conftest import NOW
from tests.support.device_files import Site, accepted
from tests.support.devices import DeviceServices
from tests.support.uploads import sum_of

NAMES = ("a.log", "b.log")
WHOLE = {name: bytes((i * 7 + len(name) + ord(name[0])) % 251 for i in range(1_500)) for name in NAMES}
FAULTS = (UploadFault.WRONG_OFFSET, UploadFault.BLOCK_TOO_SMALL, UploadFault.BAD_PARAMETERS)


class UploadMachine(RuleBasedStateMachine):
    uploads = Bundle("uploads")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FixedClock(NOW)
        folder = Path(self.folder.name)
        self.db = open_database(str(folder / "linkops.db"))
        services = DeviceServices(self.db, self.clock)
        product = self.run(services.product())
        self.device = accepted(product, self.run(services.device(product)))
        self.site = Site(self.db, self.clock, folder)
        self.open: dict[str, tuple[str, bytes, bool, int]] = {}  # by upload: name, bytes, stream, last sign of life
        self.files: dict[str, bytes] = {}
        self.made_by: dict[str, str] = {}  # by name: the upload

    def run(self, call: Any) -> Any:
        return self.runner.run(call)

    @rule(target=uploads, name=st.sampled_from(NAMES), strategy=st.sampled_from(["overwrite", "append", "reject"]),
          stream=st.booleans(), wrong_sum=st.booleans())  # fmt: skip
    def begin(self, name: str, strategy: str, stream: bool, wrong_sum: bool) -> Any:  # noqa: FBT001 - drawn
        value = "1" if wrong_sum else sum_of(WHOLE[name])
        size = -1 if stream else len(WHOLE[name])
        call = self.site.begin(self.device, name, size, conflictStrategy=strategy, ficMode="crc64", ficValue=value)
        result = self.run(call)
        if name in self.files and strategy != "overwrite":
            assert result == Refuse(UploadFault.EXISTS)
            return multiple()
        assert isinstance(result, Begun)
        before = [key for key, upload in self.open.items() if upload[0] == name]
        if result.upload_id in self.open:
            assert strategy == "append"
            assert (name, stream) == (self.open[result.upload_id][0], self.open[result.upload_id][2])
            assert result.offset == len(self.open[result.upload_id][1])
            return multiple()
        assert result.offset == 0
        for key in before:  # one upload of a name
            del self.open[key]
        self.open[result.upload_id] = (name, b"", stream, self.clock.now())
        self.sums = {**getattr(self, "sums", {}), result.upload_id: wrong_sum}
        return result.upload_id

    @rule(upload=uploads, step=st.sampled_from([-256, 0, 0, 0, 256]), size=st.sampled_from([1, 300, 600, 1_500]),
          last=st.booleans(), lost=st.booleans())  # fmt: skip
    def send(self, upload: str, step: int, size: int, last: bool, lost: bool) -> None:  # noqa: FBT001 - drawn
        name, have, _, _ = self.open.get(upload, ("", b"", False, 0))
        offset = max(0, len(have) + step)
        content = WHOLE[name or NAMES[0]][offset : offset + size]
        for _ in range(1 + lost):  # the answer is lost, so that the device sends the same once more
            known = self.open.get(upload)
            result = self.run(self.site.block(self.device, upload, offset, content, last=last))
            self.check(upload, known, (offset, content, last), result)

    def check(self, upload: str, known: Any, sent: tuple[int, bytes, bool], result: object) -> None:
        offset, content, last = sent
        if known is None:
            name = next((name for name, key in self.made_by.items() if key == upload), None)
            again = name is not None and offset + len(content) == len(self.files[name])
            gone = UploadFault.NOT_FOUND if name is None else UploadFault.FINISHED
            assert isinstance(result, Complete) if again else result == Refuse(gone)
            return
        name, have, stream, _ = known
        end = offset + len(content)
        if isinstance(result, Refuse):
            assert result.fault in FAULTS
            assert result.next_offset in (None, len(have))
            return
        if end > len(have):
            assert offset == len(have)
            have += content
            self.open[upload] = (name, have, stream, self.clock.now())
        complete = last and end == len(have) if stream else len(have) == len(WHOLE[name])
        assert isinstance(result, Kept) is not complete
        if complete:
            self.completed(upload, name, have, result)

    def completed(self, upload: str, name: str, have: bytes, result: object) -> None:
        del self.open[upload]
        right = not self.sums[upload] and have == WHOLE[name]
        assert isinstance(result, Complete if right else Damaged)
        if right:
            self.files[name] = have
            self.made_by[name] = upload

    @rule(upload=uploads)
    def cancel(self, upload: str) -> None:
        finished = upload in self.made_by.values()
        result = self.run(self.site.cancel(self.device, upload))
        assert result == (Refuse(UploadFault.FINISHED) if finished else Canceled())
        self.open.pop(upload, None)

    @rule()
    def restart(self) -> None:
        self.site.restart()

    @rule(hours=st.sampled_from([1, 25]))
    def wait_and_sweep(self, hours: int) -> None:
        self.clock.advance(hours * 3_600_000)
        self.run(self.site.sweep())
        before = self.clock.now() - KEEP_UPLOADS_MS
        self.open = {key: upload for key, upload in self.open.items() if upload[3] >= before}
        assert self.site.stored == len(self.files)
        assert {path.name for path in self.site.spooled} == {key for key, upload in self.open.items() if upload[1]}

    @invariant()
    def files_and_what_they_hold_are_right(self) -> None:
        if not hasattr(self, "site"):
            return
        found = {file.file_name: self.run(self.site.content(file)) for file in self.run(self.site.files())}
        assert found == self.files
        reserved = sum(16 * 2**20 if upload[2] else len(WHOLE[upload[0]]) for upload in self.open.values())
        assert self.run(self.site.held_bytes()) == reserved + sum(map(len, self.files.values()))

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.db.close()
            self.runner.close()
            self.folder.cleanup()


TestUploads = UploadMachine.TestCase
TestUploads.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
