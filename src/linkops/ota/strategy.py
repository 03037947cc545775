"""How a job goes about it: when, how fast, how often, and what stops it. Durations are seconds, times Unix ms."""

from enum import StrEnum
from functools import lru_cache

import msgspec


class DownloadProtocol(StrEnum):
    """How devices fetch the file."""

    HTTPS = "HTTPS"
    MQTT = "MQTT"


class DynamicMode(StrEnum):
    """Whom a dynamic job is for."""

    ALL_MATCHING = "all_matching"
    """Devices that match now, and those that will."""
    NEW_REPORTS = "new_reports"
    """Only devices that report a matching version from now on."""


class AbortKind(StrEnum):
    """Which failures count towards stopping a job."""

    ANY = "any"
    REPORTED = "reported"
    TIMEOUT = "timeout"
    WRONG_VERSION = "wrong_version"


class Growth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rate that grows by ``factor`` each time so many more devices were notified, or have succeeded.

    Attributes:
        base_per_minute: the rate at the start.
        notified: devices per step; None: this does not count.
        succeeded: the same, of successes.
        most_per_minute: the rate grows no further.
    """

    base_per_minute: int
    factor: float
    notified: int | None = None
    succeeded: int | None = None
    most_per_minute: int = 10_000


class Retry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is done about a device that failed.

    Attributes:
        interval_s: from the failure to the next offer.
        count: how often at most.
        backoff: the interval is multiplied by this from one retry to the next.
        timeouts: whether a time-out is retried, too.
    """

    interval_s: int
    count: int
    backoff: float = 1.0
    timeouts: bool = False


class Abort(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stops everything that was not notified yet, once failures of a kind reach a share or a number.

    Attributes:
        percent: of the devices that are done.
        failures: in all.
        after: devices that must be done first.
    """

    kind: AbortKind = AbortKind.ANY
    percent: float | None = None
    failures: int | None = None
    after: int = 1


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the devices that is finished before the next ones are offered anything.

    Attributes:
        percent: of all devices of the job, this stage and those before it.
        success_percent: of the finished ones, needed to go on by itself; None: somebody decides.
    """

    percent: float
    success_percent: float | None = None


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time of the week at which devices may be told of updates.

    Attributes:
        days: of the beginning, 1 Monday to 7 Sunday.
        start: as "22:00", in ``zone``.
        end: as "04:00"; not after ``start``: on the next day.
        zone: an IANA name, as "Europe/Berlin".
    """

    days: tuple[int, ...]
    start: str
    end: str
    zone: str


class Strategy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a job goes about it.

    Attributes:
        rate_per_minute: offers a minute; None: as fast as it goes, or as ``growth`` says.
        timeout_s: from a device's first progress report; None: never.
        notify_timeout_s: from the first offer to the first progress report; None: never.
        need_push: False: devices get it only by asking.
        need_confirm: devices are told nothing until their task is confirmed.
        overwrite: an unfinished task of another job is canceled, unless its device is updating.
        multi_module: a device may update several modules at once.
        start_at: None: at once.
        finish_at: what is unfinished then is canceled.
        dynamic_mode: of dynamic jobs.
        windows: pushes happen only then; empty: as the product says, or always.
        approval: somebody else than the creator must let the job start.
    """

    rate_per_minute: int | None = None
    growth: Growth | None = None
    timeout_s: int | None = None
    notify_timeout_s: int | None = None
    retry: Retry | None = None
    need_push: bool = True
    need_confirm: bool = False
    overwrite: bool = False
    multi_module: bool = False
    download: DownloadProtocol = DownloadProtocol.HTTPS
    start_at: int | None = None
    finish_at: int | None = None
    dynamic_mode: DynamicMode = DynamicMode.ALL_MATCHING
    abort: tuple[Abort, ...] = ()
    stages: tuple[Stage, ...] = ()
    windows: tuple[Window, ...] = ()
    approval: bool = False


_decode = msgspec.json.Decoder(Strategy).decode
_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=1_024)
def read_strategy(text: str) -> Strategy:
    """Return what `write_strategy` wrote; most rows of a query have the same text."""
    return _decode(text)


def write_strategy(strategy: Strategy) -> str:
    """Return a strategy as it is stored."""
    return _encode(strategy).decode()
