"""Messages to several devices, to all who listen, and questions that a device answers."""

import time
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from linkops.api.auth import Operator
from linkops.api.leaving import while_connected
from linkops.api.rest.device import Encoding, Key, Message, Payload
from linkops.api.rest.many_devices import DevicesNamed
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.bus import Outcome
from linkops.devices.outgoing import Sent
from linkops.devices.questions import MAX_TIMEOUT_S, MIN_TIMEOUT_S

router = APIRouter(prefix="/api/v1", tags=["messages"])


class MessageToMany(DevicesNamed, Message):
    """Devices, and a message that each of them gets."""


class SentToDevice(BaseModel):
    """What became of the message to one device."""

    product_key: str
    device_name: str
    outcome: Sent = Field(description="`not_allowed`: the rules of its product do not let it hear the topic.")


class SentToMany(BaseModel):
    """What became of a message, device by device."""

    items: list[SentToDevice]


class BroadcastSent(BaseModel):
    """To how many devices a message was written."""

    delivered: int


class Question(Payload):
    """What a device is asked."""

    path: str | None = Field(None, description="Of a custom topic, what follows `user/`; null: the system's topic.")
    timeout_s: Annotated[float, Field(ge=MIN_TIMEOUT_S, le=MAX_TIMEOUT_S)] = 5.0


class Answer(BaseModel):
    """What came of a question."""

    outcome: Outcome = Field(description="`not_subscribed`: it hears nothing there, or its SDK knows no such topics.")
    payload: str | None = Field(description="Null unless it answered.")
    encoding: Encoding = Field(description="How `payload` is written here; `base64` where it is no text.")
    took_ms: int


@router.post("/devices/messages")
async def send_message_to_devices(message: MessageToMany, actor: Operator, services: Called) -> SentToMany:
    """Publish a message on the same custom topic of several devices. What became of it is said for each of them."""
    sent = await services.outgoing.send_to_many(actor, message.keys(), message.as_message())
    return SentToMany(items=[SentToDevice(**key._asdict(), outcome=outcome) for key, outcome in sent.items()])


@router.post("/products/{product_key}/broadcasts")
async def broadcast(product_key: ProductKey, message: Message, actor: Operator, services: Called) -> BroadcastSent:
    """Publish a message on `/broadcast/{product_key}/{path}` to all devices that subscribe to it now."""
    return BroadcastSent(delivered=await services.broadcasts.send(actor, product_key, message.as_message()))


@router.post("/products/{product_key}/devices/{device_name}/rrpc")
async def ask_device(key: Key, question: Question, request: Request, actor: Operator, services: Called) -> Answer:
    """Ask a device, and wait for its answer (RRPC). That there is none is an outcome, not an error."""
    begun_s = time.perf_counter()
    asking = services.questions.ask(actor, key, question.content(), timeout_s=question.timeout_s, path=question.path)
    answered = await while_connected(request, asking)
    payload, encoding = Payload.shown(answered.payload)
    return Answer(
        outcome=answered.outcome,
        payload=payload if answered.outcome is Outcome.ANSWERED else None,
        encoding=encoding,
        took_ms=round((time.perf_counter() - begun_s) * 1_000),
    )
