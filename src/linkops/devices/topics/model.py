"""What rules about custom topics are."""

from enum import StrEnum
from typing import NamedTuple

MAX_RULES = 50
"""Of one product."""
MAX_LEVELS = 7
MAX_PATH_CHARS = 96


class Access(StrEnum):
    """What devices may do on the topics of a rule."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"
    BOTH = "both"


class TopicRule(NamedTuple):
    """Devices have ``access`` to the custom topics that ``path`` matches: what follows ``user/``, as in a filter."""

    path: str
    access: Access


VENDOR_RULES = (
    TopicRule("error", Access.PUBLISH),
    TopicRule("get", Access.BOTH),
    TopicRule("update", Access.PUBLISH),
)
"""What the vendor's platform has for a new product; ``get`` both ways, since an SDK's own example publishes there."""
