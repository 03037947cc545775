"""How a job goes about it, as REST reads and shows it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from linkops.ota.strategy import AbortKind, DownloadProtocol, DynamicMode
from linkops.ota.strategy_check import MOST_OF_A_KIND

DAY_S = 86_400


class Part(BaseModel):
    """A part of a strategy."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class GrowthShown(Part):
    """A rate that grows with each full threshold."""

    base_per_minute: int = Field(description="The rate at the start.")
    factor: float = Field(description="1.1 to 5.")
    notified: int | None = Field(None, description="It grows each time so many more devices were notified.")
    succeeded: int | None = Field(None, description="It grows each time so many more devices have succeeded.")
    most_per_minute: int = 10_000


class RetryShown(Part):
    """What is done about a device that failed."""

    interval_s: int = Field(description="From the failure to the next offer; up to a tenth is added.")
    count: int
    backoff: float = Field(1.0, description="The interval is multiplied by this each time.")
    timeouts: bool = Field(default=False, description="Whether a time-out is retried, too.")


class AbortShown(Part):
    """Stops everything that was not notified yet, once failures reach a share or a number."""

    kind: AbortKind = AbortKind.ANY
    percent: float | None = Field(None, description="Of the devices that are done.")
    failures: int | None = Field(None, description="In all.")
    after: int = Field(1, description="Devices that must be done first.")


class StageShown(Part):
    """A part of the devices that is finished before the next ones are offered anything."""

    percent: float = Field(description="Of all devices, this stage and those before it.")
    success_percent: float | None = Field(None, description="Needed to go on; null: somebody resumes the job.")


class WindowShown(Part):
    """A time of the week at which devices may be told of updates."""

    days: tuple[int, ...] = Field(max_length=7, description="Of the beginning, 1 Monday to 7 Sunday.")
    start: str = Field(max_length=5, examples=["22:00"])
    end: str = Field(max_length=5, examples=["04:00"])
    zone: str = Field(max_length=64, examples=["Europe/Berlin"])


Windows = Annotated[tuple[WindowShown, ...], Field(max_length=MOST_OF_A_KIND)]
Aborts = Annotated[tuple[AbortShown, ...], Field(max_length=MOST_OF_A_KIND)]


class StrategyShown(BaseModel):
    """How a job goes about it."""

    rate_per_minute: int | None = Field(None, description="Offers a minute; null: as fast as it goes.")
    growth: GrowthShown | None = Field(None, description="Instead of a rate.")
    timeout_s: int | None = Field(None, description="From a device's first progress report; null: never.")
    notify_timeout_s: int | None = Field(DAY_S, description="From the first offer to the first progress; null: never.")
    retry: RetryShown | None = None
    need_push: bool = Field(default=True, description="False: devices get it only by asking.")
    need_confirm: bool = Field(default=False, description="Devices are told nothing until their task is confirmed.")
    overwrite: bool = Field(default=False, description="Cancels unfinished tasks of other jobs, unless updating.")
    multi_module: bool = Field(default=False, description="A device may update several modules at once.")
    download: DownloadProtocol = DownloadProtocol.HTTPS
    start_at: int | None = Field(None, description="5 minutes to 7 days ahead; null: at once.")
    finish_at: int | None = Field(None, description="1 hour to 30 days after the start; null: when all have ended.")
    dynamic_mode: DynamicMode = DynamicMode.ALL_MATCHING
    abort: Aborts = ()
    stages: tuple[StageShown, ...] = Field((), max_length=MOST_OF_A_KIND)
    windows: Windows = ()
    approval: bool = Field(default=False, description="Somebody else must let the job start.")


STRATEGY_FIELDS = frozenset(StrategyShown.model_fields)
