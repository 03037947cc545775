"""One device: changing it, its secret, what it runs and what it says."""

import base64
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from linkops.api.auth import Operator, Viewer
from linkops.api.paging import Shown
from linkops.api.rest.devices import DeviceName, DeviceShown, Word
from linkops.api.rest.products import ProductKey, Secret
from linkops.api.services import Called
from linkops.devices.model import DeviceKey
from linkops.devices.outgoing import MAX_PAYLOAD_BYTES, Sent
from linkops.devices.outgoing import Message as Outgoing
from linkops.devices.tags.model import Origin
from linkops.errors import Invalid

router = APIRouter(prefix="/api/v1/products/{product_key}/devices/{device_name}", tags=["devices"])


def _key(product_key: ProductKey, device_name: DeviceName) -> DeviceKey:
    return DeviceKey(product_key, device_name)


Key = Annotated[DeviceKey, Depends(_key)]


class Nickname(BaseModel):
    """What people call a device."""

    nickname: str = Field(max_length=64)


class TagChanges(BaseModel):
    """Tags to add or replace; null removes one."""

    tags: dict[Word, Word | None] = Field(max_length=100)


class ModuleShown(Shown):
    """What a device said that one of its modules runs."""

    module: str
    version: str
    reported_at: int


class Modules(BaseModel):
    """What all modules of a device run."""

    items: list[ModuleShown]


class Switch(BaseModel):
    """On or off."""

    on: bool


Encoding = Literal["text", "base64"]


class TagShown(BaseModel):
    """A tag and who set it."""

    key: str
    value: str
    origin: Origin = Field(description="`system`: the device's SDK, about itself.")


class TagList(BaseModel):
    """All tags of a device."""

    items: list[TagShown]


class Payload(BaseModel):
    """What a message says."""

    payload: str = Field(max_length=MAX_PAYLOAD_BYTES)
    encoding: Encoding = Field("text", description="How `payload` is written here.")

    def content(self) -> bytes:
        """Return the bytes on the wire.

        Raises:
            Invalid: it is not base64.
        """
        if self.encoding == "text":
            return self.payload.encode()
        try:
            return base64.b64decode(self.payload, validate=True)
        except ValueError:  # binascii.Error is one; text beyond ASCII raises the plain one
            raise Invalid("message.payload", field="payload") from None

    @staticmethod
    def shown(content: bytes) -> tuple[str, Encoding]:
        """Return bytes as they are written here, and how."""
        try:
            return content.decode(), "text"
        except UnicodeDecodeError:
            return base64.b64encode(content).decode(), "base64"


class Message(Payload):
    """A message to a device."""

    path: str = Field(description="What follows `/{product_key}/{device_name}/user/` in the topic.")
    qos: Literal[0, 1] = 1

    def as_message(self) -> Outgoing:
        """Return the message.

        Raises:
            Invalid: the payload is not base64.
        """
        return Outgoing(self.path, self.content(), self.qos)


class MessageSent(BaseModel):
    """What became of a message."""

    outcome: Sent = Field(description="`stored`: the device is away, and its session keeps messages of QoS 1.")


class MessageShown(Shown):
    """One message that a device sent or got."""

    number: int = Field(description="Counts up per device.")
    at: int
    uplink: bool = Field(description="Whether the device sent it.")
    topic: str
    payload: str = Field(description="The first bytes, as text.")
    size_bytes: int
    qos: int
    outcome: str


class Messages(BaseModel):
    """The live message log of a device."""

    on: bool
    items: list[MessageShown]


@router.patch("")
async def edit_device(key: Key, change: Nickname, actor: Operator, services: Called) -> DeviceShown:
    """Change a device's nickname."""
    await services.devices.set_nickname(actor, key, change.nickname)
    return DeviceShown.of(await services.devices.get(actor, key), await services.devices.tags(actor, key))


@router.delete("", status_code=204)
async def delete_device(key: Key, actor: Operator, services: Called) -> None:
    """Delete a device, for good; it is cut off."""
    await services.devices.delete(actor, [key])


@router.post("/enable", status_code=204)
async def enable_device(key: Key, actor: Operator, services: Called) -> None:
    """Let a device connect."""
    await services.devices.set_enabled(actor, [key], enabled=True)


@router.post("/disable", status_code=204)
async def disable_device(key: Key, actor: Operator, services: Called) -> None:
    """Cut a device off and refuse it until it is enabled again."""
    await services.devices.set_enabled(actor, [key], enabled=False)


@router.get("/tags")
async def list_tags(key: Key, actor: Viewer, services: Called) -> TagList:
    """List a device's tags: yours, the device's own, and those of its SDK."""
    tags = await services.tags.of(actor, key)
    return TagList(items=[TagShown(key=name, **tag._asdict()) for name, tag in tags.items()])


@router.patch("/tags")
async def change_tags(key: Key, change: TagChanges, actor: Operator, services: Called) -> dict[str, str]:
    """Add, replace or remove tags of a device; the answer is what it has then."""
    await services.devices.change_tags(actor, [key], change.tags)
    return await services.devices.tags(actor, key)


@router.post("/secret")
async def show_device_secret(key: Key, actor: Operator, services: Called) -> Secret:
    """Show a device's secret."""
    return Secret(secret=await services.devices.secret(actor, key))


@router.post("/reset-secret")
async def reset_device_secret(key: Key, actor: Operator, services: Called) -> Secret:
    """Give a device a new secret. With the old one it is cut off and refused from now on."""
    return Secret(secret=await services.devices.reset_secret(actor, key))


@router.get("/modules")
async def list_device_modules(key: Key, actor: Viewer, services: Called) -> Modules:
    """List what a device reported that its modules run."""
    versions = await services.devices.module_versions(actor, key)
    return Modules(items=[ModuleShown.model_validate(version) for version in versions])


@router.put("/messages", status_code=204)
async def switch_message_log(key: Key, switch: Switch, actor: Operator, services: Called) -> None:
    """Begin to keep a device's messages in memory, or stop and forget them. A restart of the server switches it off."""
    await services.messages.switch(actor, key, on=switch.on)


@router.get("/messages")
async def read_message_log(
    key: Key,
    actor: Operator,
    services: Called,
    after: Annotated[int, Query(ge=0, le=2**62, description="The highest `number` that you have.")] = 0,
) -> Messages:
    """Show a device's kept messages."""
    messages = await services.messages.read(actor, key, after)
    return Messages(on=messages is not None, items=[MessageShown.model_validate(m) for m in messages or []])


@router.post("/messages", status_code=202)
async def send_message(key: Key, message: Message, actor: Operator, services: Called) -> MessageSent:
    """Publish a message on one of the device's custom topics."""
    return MessageSent(outcome=await services.outgoing.send(actor, key, message.as_message()))
