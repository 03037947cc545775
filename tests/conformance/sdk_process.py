"""A device on an official SDK, running in its own process, that tells what happens to it."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_EVENT_WITHIN_S = 60.0
_STOP_WITHIN_S = 20.0

Event = dict[str, Any]


class SdkProcess:
    """What the driver told so far, and waiting for what it tells next."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.events: list[Event] = []
        self._process = process
        self._errors = errors
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, event: str, **fields: Any) -> Event:
        """Return the next event of this kind with these fields; what comes before it is kept in ``events``."""
        deadline = time.monotonic() + _EVENT_WITHIN_S
        wanted = {"event": event, **fields}
        while (told := self._next(deadline, wanted)) is not None:
            self.events.append(told)
            if wanted.items() <= told.items():
                return told
        raise AssertionError(f"the SDK ended before {wanted}; {self._story()}")

    def do(self, what: str, **fields: Any) -> None:
        """Tell the driver to do something, as drivers of gateways understand it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self._process.stdin.flush()

    def stop(self) -> list[Event]:
        """End the device and return everything that it told."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_WITHIN_S)
        finally:
            self._process.kill()
            self._reader.join()
        while (told := self._next(time.monotonic() + _STOP_WITHIN_S, {})) is not None:
            self.events.append(told)
        return self.events

    def _next(self, deadline: float, wanted: Event) -> Event | None:
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"no {wanted} within {_EVENT_WITHIN_S:g} s; {self._story()}") from None
        if line is None:
            self._lines.put(None)  # the end stays the end, however often it is asked for
            return None
        told: Event = json.loads(line)
        return told

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def _story(self) -> str:
        return f"it told {self.events} and wrote {self._errors.read_text()[-2000:]!r}"


@contextmanager
def sdk_process(
    command: Sequence[str], config: Mapping[str, Any], folder: Path, environment: Mapping[str, str]
) -> Iterator[SdkProcess]:
    """Run a driver with ``config`` as its only argument, and end it."""
    errors = folder / "stderr.txt"
    with open(errors, "w") as stderr:
        process = subprocess.Popen(
            [*command, json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=dict(environment),
        )
    device = SdkProcess(process, errors)
    try:
        yield device
    finally:
        device.stop()
