"""Logs that devices upload, and the switches that say whether they shall."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import NEWEST, PageOf, Shown, next_after, number_in
from linkops.api.rest.device import Key, Switch
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.logs.model import LogFilter

router = APIRouter(prefix="/api/v1/products/{product_key}", tags=["device logs"])
Moment = Annotated[int, Field(ge=0, le=2**53)]
Text = Annotated[str, Field(max_length=128)]


class LineShown(Shown):
    """An entry of a device's log; whatever the device wrote, control characters too."""

    id: int
    received_at: int
    logged_at: int | None = Field(description="What the device says, where that can be read.")
    utc_time: str = Field(description="How the device says it.")
    level: str
    module: str
    code: str
    trace_context: str
    content: str


class LogAsked(BaseModel):
    """Which entries; what is absent is left open."""

    model_config = ConfigDict(extra="forbid")

    level: Text | None = Field(None, description="As in ERROR; case does not count.")
    module: Text | None = None
    text_prefix: Text = Field("", description="How the content begins.")
    since: Moment | None = Field(None, description="Unix milliseconds at which it came, inclusive.")
    until: Moment | None = Field(None, description="Unix milliseconds, exclusive.")
    after: int | None = Field(
        None, ge=0, le=2**62, description="Give what came behind this entry, the oldest first; without `cursor`."
    )
    cursor: str | None = Field(None, max_length=500, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)

    def filter(self) -> LogFilter:
        """Return the filter."""
        return LogFilter(**self.model_dump(exclude={"after", "cursor", "limit"}))


class OwnSwitch(BaseModel):
    """On, off, or as the product."""

    on: bool | None = Field(description="Null: as the product.")


class SwitchShown(Shown):
    """Whether a device uploads its log."""

    on: bool
    own: bool | None = Field(description="What was said about this device; null: what holds for its product.")


@router.get("/devices/{device_name}/log")
async def read_device_log(
    key: Key, actor: Operator, services: Called, asked: Annotated[LogAsked, Query()]
) -> PageOf[LineShown]:
    """List the entries of a device's log, newest first; or those behind `after`, oldest first."""
    if asked.after is not None:
        lines = await services.logs.follow(actor, key, asked.filter(), after=asked.after, limit=asked.limit)
        return PageOf(items=[LineShown.model_validate(line) for line in lines], next=None)
    before = number_in(asked.cursor, NEWEST)
    lines = await services.logs.page(actor, key, asked.filter(), before=before, limit=asked.limit)
    items = [LineShown.model_validate(line) for line in lines]
    return PageOf(items=items, next=next_after(items, asked.limit, lambda line: line.id))


@router.get("/devices/{device_name}/log-switch")
async def get_device_log_switch(key: Key, actor: Viewer, services: Called) -> SwitchShown:
    """Show whether a device uploads its log."""
    return SwitchShown.model_validate(await services.logs.switch_of(actor, key))


@router.put("/devices/{device_name}/log-switch")
async def turn_device_log_switch(key: Key, switch: OwnSwitch, actor: Operator, services: Called) -> SwitchShown:
    """Let a device upload its log, or not, or as its product says. If it is online it is told at once."""
    return SwitchShown.model_validate(await services.logs.switch(actor, key, on=switch.on))


@router.get("/log-switch")
async def get_product_log_switch(product_key: ProductKey, actor: Viewer, services: Called) -> Switch:
    """Show whether the devices of a product upload their logs."""
    return Switch(on=await services.logs.switch_of_product(actor, product_key))


@router.put("/log-switch", status_code=204)
async def turn_product_log_switch(product_key: ProductKey, switch: Switch, actor: Operator, services: Called) -> None:
    """Let the devices of a product upload their logs, or not. Those that are online are told by and by."""
    await services.logs.switch_product(actor, product_key, on=switch.on)
