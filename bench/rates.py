"""Two rates in real time, the highest and the lowest: across a power cut, and one of them changed midway.

In any 60 seconds there is at most one push more than the rate allows; each full minute in which devices wait uses at
least 95 % of it. The minute of the change and of the power cut has only the upper bound.
"""

import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.ended import database_in
from bench.figures import Row, Run
from bench.fleet import Fleet, fleet
from bench.rollouts import Rollouts
from bench.seed import Seed, seed
from bench.server import System, started
from bench.wire import Credential

_FAST, _FAST_LATER, _SLOW = 10_000, 2_500, 10
_FAST_DEVICES, _SLOW_DEVICES = 17_000, 60
_MINUTE_S = 60.0
_CHANGED_S, _CUT_S, _END_S = 61.0, 70.0, 181.0


class Pushed:
    """When pushes of one job came, in seconds since the job was made."""

    def __init__(self, clients: Fleet) -> None:
        self.clients = clients
        self.times: list[float] = []

    def watch(self, until: float) -> None:
        """Listen until the clock of ``perf_counter`` shows this."""
        self.clients.start("await_pushes", max(0.0, until - time.perf_counter()))

    def note(self, began: float) -> None:
        """Take what was heard."""
        self.times += [moment - began for moment in self.clients.pushes()]

    def in_minute(self, number: int) -> int:
        """Return how many came in a minute counted from the start of the job."""
        return sum(number * _MINUTE_S <= at < (number + 1) * _MINUTE_S for at in self.times)

    def most_in_a_minute(self, since: float = 0.0) -> int:
        """Return the most that came in any 60 seconds."""
        times = sorted(at for at in self.times if at >= since)
        return max((bisect_left(times, at + _MINUTE_S) - number for number, at in enumerate(times)), default=0)


def rows(run: Run) -> Iterator[Row]:
    """Roll out to two parts of a connected fleet at once."""
    if run.quick:
        return
    with tempfile.TemporaryDirectory(prefix="linkops-bench-") as folder:
        data_dir = Path(folder) / "data"
        seeded = seed(data_dir, database_in(data_dir), _FAST_DEVICES + _SLOW_DEVICES)
        run.say(f"rates, in real time: {_END_S:.0f} s")
        fast, slow = _measure(data_dir, seeded)
    yield from _rows(fast, slow)


def _measure(data_dir: Path, seeded: Seed) -> tuple[Pushed, Pushed]:
    many, few = seeded.devices[:_FAST_DEVICES], seeded.devices[_FAST_DEVICES:]
    with started(data_dir, seeded) as running:
        port = running.server.mqtt
        with fleet(port, many, processes=2) as fast_clients, fleet(port, few) as slow_clients:
            fast, slow = Pushed(fast_clients), Pushed(slow_clients)
            _connect(fast, slow)
            began = _before_the_cut(running, many, few, fast, slow)
            with started(data_dir, seeded, mqtt_port=port.port):
                _connect(fast, slow)
                _watch(fast, slow, began, began + _END_S)
    return fast, slow


def _before_the_cut(
    running: System, many: Sequence[Credential], few: Sequence[Credential], fast: Pushed, slow: Pushed
) -> float:
    rollouts, rest = Rollouts(running), running.rest
    package_id = rollouts.package()
    listed = rest.post_text(f"/api/v1/products/{running.product_key}/device-lists", _names(many))
    began = time.perf_counter()
    to_many = {"targets": "SPECIFIC", "device_list_id": listed["id"], "rate_per_minute": _FAST}
    job_id = rest.post("/api/v1/ota/jobs", {"package_id": package_id, **to_many})["id"]
    names = [device.device_name for device in few]
    to_few = {"targets": "SPECIFIC", "device_names": names, "rate_per_minute": _SLOW}
    rest.post("/api/v1/ota/jobs", {"package_id": package_id, **to_few})
    for pushed in (fast, slow):
        pushed.watch(began + _CUT_S)
    time.sleep(began + _CHANGED_S - time.perf_counter())
    rest.patch(f"/api/v1/ota/jobs/{job_id}", {"rate_per_minute": _FAST_LATER})
    for pushed in (fast, slow):
        pushed.note(began)
    running.server.kill()
    return began


def _names(devices: Sequence[Credential]) -> str:
    return "\n".join(device.device_name for device in devices)


def _connect(*parts: Pushed) -> None:
    for pushed in parts:
        pushed.clients.connect(at_once=500)


def _watch(fast: Pushed, slow: Pushed, began: float, until: float) -> None:
    for pushed in (fast, slow):
        pushed.watch(until)
    for pushed in (fast, slow):
        pushed.note(began)


def _rows(fast: Pushed, slow: Pushed) -> Iterator[Row]:
    first, third = fast.in_minute(0), fast.in_minute(2)
    least_first, least_third = _FAST * 0.95 - 1, _FAST_LATER * 0.95 - 1
    yield Row(
        f"pushes at {_FAST:,} a minute: the first minute", f"{first:,}", f"≥ {least_first:,.0f}", first >= least_first
    )
    most = fast.most_in_a_minute()
    yield Row(
        "… the most in any 60 s, with the change and the power cut", f"{most:,}", f"≤ {_FAST + 1:,}", most <= _FAST + 1
    )
    name = f"… changed to {_FAST_LATER:,} midway: the minute after the power cut"
    yield Row(name, f"{third:,}", f"≥ {least_third:,.0f}", third >= least_third)
    later = fast.most_in_a_minute(since=_CUT_S)
    yield Row("… and the most in any 60 s since", f"{later:,}", f"≤ {_FAST_LATER + 1:,}", later <= _FAST_LATER + 1)
    minutes, most = [slow.in_minute(number) for number in range(3)], slow.most_in_a_minute()
    met = minutes[0] >= 9 and minutes[2] >= 9 and most <= _SLOW + 1
    shown = f"{minutes[0]} / {minutes[1]} / {minutes[2]}, most {most} in any 60 s"
    yield Row(
        f"pushes at {_SLOW} a minute: three minutes, a power cut in the second", shown, "≥ 9, any, ≥ 9; ≤ 11", met
    )
