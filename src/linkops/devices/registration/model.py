"""What registering is about."""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from linkops.alink.registration import RegistrationFault
from linkops.devices.model import AuthType, DeviceKey, NodeType

MAX_TOKENS = 5
"""Tokens of one device that somebody has logged in with."""


class Way(StrEnum):
    """How a device comes to something that it can log in with."""

    LISTED = "register"
    UNLISTED = "regnwl"
    GATEWAY = "gateway"


class Proof(NamedTuple):
    """What was signed with a product's secret.

    Attributes:
        text: what is signed.
        digest: of the HMAC, as hashlib calls it.
        sign: hexadecimal, in any case.
    """

    text: str
    digest: str
    sign: bytes


class Registration(NamedTuple):
    """A device that wants to come to a secret (`Way.UNLISTED`: a token).

    Attributes:
        address: IP address that it came from, '' through a gateway.
        proof: None: a gateway answers for it, which may be done for its sub-devices only.
        gateway_id: who asks for it; None: it does so itself.
    """

    key: DeviceKey
    way: Way
    address: str
    proof: Proof | None
    gateway_id: int | None = None


class Candidate(NamedTuple):
    """What is known of a device that wants to register; without a ``device_id`` only the product exists.

    Attributes:
        registration: whether devices of the product may register at all.
        listed_only: whether only those may that somebody created beforehand.
        activated_at: of its first login ever.
        online_at: of its last login.
        register_again_at: when an operator let it register again.
        tokens_used: how many of its tokens somebody has logged in with.
        gateway_id: whose sub-device it is.
    """

    product_id: int
    product_secret_sealed: str
    node_type: NodeType
    auth_type: AuthType
    registration: bool
    listed_only: bool
    device_id: int | None = None
    enabled: bool = True
    activated_at: int | None = None
    online_at: int | None = None
    register_again_at: int | None = None
    tokens_used: int = 0
    gateway_id: int | None = None

    @property
    def starts_over(self) -> bool:
        """Whether an operator let it register again, and it has not logged in since."""
        return self.register_again_at is not None and (self.online_at or 0) < self.register_again_at


class Registered(NamedTuple):
    """What a device logs in with from now on; it is told once and to nobody else.

    Attributes:
        secret: of the device; with a ``client_id`` the token that belongs to it.
        client_id: '' where there is no token.
        starts_over: whether this took the place of what the device logged in with before.
    """

    device_id: int
    key: DeviceKey
    secret: str
    client_id: str
    starts_over: bool


Outcome: TypeAlias = Registered | RegistrationFault
