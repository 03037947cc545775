"""Pushes of configuration as the API takes and shows them."""

from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.paging import Shown
from linkops.remote_config.pushes.creating import NewPush
from linkops.remote_config.pushes.model import (
    MAX_DEVICES,
    FailureKind,
    Hold,
    Push,
    PushStatus,
    ResultStatus,
    StopReason,
    Strategy,
    Target,
)
from linkops.remote_config.pushes.rules import MAX_STAGES

Word = Annotated[str, Field(max_length=64)]


class StageShown(Shown):
    """A part of a push that comes before the rest."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    percent: float = Field(description="Of all devices of the push, that are reached by its end.")
    success_percent: float | None = Field(
        None, description="The next stage begins by itself once so many succeeded; null: when somebody says so."
    )
    wait_s: int = Field(0, description="The next begins no sooner after the last device of this one was reached.")


class FailureLimitShown(Shown):
    """When a push stops by itself."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    percent: float = Field(description="Of the devices with a result, that failed.")
    least: int = Field(1, description="It counts once so many devices have a result.")


class PushToBegin(BaseModel):
    """Whom a push is for, and how it goes about it; without a group or names: the whole product, all at once."""

    model_config = ConfigDict(extra="forbid")

    group_id: int | None = Field(None, ge=1, le=2**62)
    device_names: Annotated[list[Word], Field(max_length=MAX_DEVICES)] = []
    stages: Annotated[list[StageShown], Field(max_length=MAX_STAGES)] = []
    stop_at: FailureLimitShown | None = None

    def of(self, product_key: str) -> NewPush:
        """Return the push to be."""
        how = {"stages": [stage.model_dump() for stage in self.stages]}
        limit = None if self.stop_at is None else self.stop_at.model_dump()
        strategy = msgspec.convert({**how, "stop_at": limit}, Strategy)
        names = tuple(self.device_names)
        return NewPush(product_key=product_key, group_id=self.group_id, device_names=names, strategy=strategy)


class PushPreview(Shown):
    """What a push would do if it began now."""

    version: int = Field(description="Of the product's document; 0: it has none.")
    devices: int
    devices_capped: bool = Field(
        validation_alias="devices_is_more", description="Whether there are more than `devices`, which stops at 10,000."
    )
    refusal: str | None = Field(description="Why it may not begin; null: it may.")
    possible_at: int | None = Field(description="When it may, if that is a matter of time.")


class PushShown(Shown):
    """A push, and its devices counted by what became of it."""

    id: int
    product_key: str
    version: int = Field(description="Of the product's document; 0: it has none.")
    target: Target
    group_id: int | None
    group_name: str
    stages: list[StageShown]
    stop_at: FailureLimitShown | None
    status: PushStatus
    hold: Hold = Field(
        description="`stage`: somebody must continue it; `gate`: too few devices of the stage succeeded."
    )
    stop_reason: StopReason
    stage: int | None = Field(description="That is being reached, from 0; as many as there are: the rest.")
    total: int
    offered: int = Field(description="Devices that were reached at least once.")
    counts: dict[ResultStatus, int]
    created_by: str
    created_at: int
    updated_at: int
    filled_at: int | None
    ended_at: int | None
    closed_at: int | None = Field(description="Since when devices that were away are not told any more.")


class StageToLeave(BaseModel):
    """The stage that a push goes on behind, so that nobody skips one that they have not seen."""

    model_config = ConfigDict(extra="forbid")

    stage: int = Field(ge=0, le=MAX_STAGES)


class ResultShown(Shown):
    """What became of a push for one device."""

    push_id: int
    device_name: str = Field(description="Empty when the device is deleted.")
    status: ResultStatus
    failure_kind: FailureKind
    code: int | None = Field(description="Of the device's answer; null: it gave none.")
    message: str = Field(description="What the device said.")
    config_id: str = Field(description="Of what was sent last.")
    attempt: int = Field(description="How often it was sent.")
    created_at: int
    updated_at: int
    sent_at: int | None
    downloaded_at: int | None
    answered_at: int | None


def push_shown(push: Push) -> PushShown:
    """Return what is shown of a push."""
    strategy = push.strategy
    return PushShown.model_validate(
        {
            **{name: getattr(push, name) for name in PushShown.model_fields if hasattr(push, name)},
            "stages": strategy.stages,
            "stop_at": strategy.stop_at,
        }
    )
