from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkops.devices.presence.throttle import Throttle

FAILURES, WINDOW_MS = 3, 1_000
WHO = ("10.0.0.1", "pump")
names = st.sampled_from(["a", "b", "c"])


def throttle() -> Throttle[tuple[str, str]]:
    return Throttle(FAILURES, WINDOW_MS, max_entries=2)


def test_after_so_many_failures_nobody_listens_until_the_window_ends() -> None:
    gate = throttle()
    for at in (0, 10, 20):
        assert not gate.refuses(WHO, at)
        gate.count(WHO, at)
    assert gate.refuses(WHO, 20)
    assert gate.refuses(WHO, 999)
    assert not gate.refuses(WHO, 1_000)


def test_the_same_device_may_log_in_from_elsewhere_and_others_from_there() -> None:
    gate = throttle()
    for _ in range(FAILURES):
        gate.count(WHO, 0)
    assert not gate.refuses(("10.0.0.2", "pump"), 0)
    assert not gate.refuses(("10.0.0.1", "lamp"), 0)


def test_a_success_clears_the_count() -> None:
    gate = throttle()
    gate.count(WHO, 0)
    gate.count(WHO, 0)
    gate.forget(WHO)
    gate.count(WHO, 0)
    assert not gate.refuses(WHO, 0)


def test_it_remembers_no_more_than_it_may() -> None:
    gate = throttle()
    for name in ("a", "b", "c"):
        for _ in range(FAILURES):
            gate.count(("10.0.0.1", name), 0)
    assert [gate.refuses(("10.0.0.1", name), 0) for name in ("a", "b", "c")] == [False, True, True]


class ThrottleMachine(RuleBasedStateMachine):
    """Against the list of all failures ever."""

    @initialize()
    def start(self) -> None:
        self.gate: Throttle[str] = Throttle(FAILURES, WINDOW_MS)
        self.now = 0
        self.failures: dict[str, list[int]] = {}

    @rule(by=st.integers(0, 600))
    def wait(self, by: int) -> None:
        self.now += by

    @rule(who=names)
    def fail(self, who: str) -> None:
        window = self.failures.setdefault(who, [])
        if window and self.now >= window[0] + WINDOW_MS:
            window.clear()
        window.append(self.now)
        self.gate.count(who, self.now)

    @rule(who=names)
    def succeed(self, who: str) -> None:
        self.failures.pop(who, None)
        self.gate.forget(who)

    @invariant()
    def refuses_who_failed_too_often(self) -> None:
        for who, window in self.failures.items():
            open_window = bool(window) and self.now < window[0] + WINDOW_MS
            assert self.gate.refuses(who, self.now) == (open_window and len(window) >= FAILURES)


TestThrottle = ThrottleMachine.TestCase
TestThrottle.settings = settings(max_examples=50, stateful_step_count=30)
