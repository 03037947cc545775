"""What devices ask and say about configuration, as it reaches the database."""

import msgspec


class Pull(msgspec.Struct, frozen=True, gc=False):
    """A device asks for its configuration."""

    device_id: int
    product_id: int
    at: int


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a device says to a push: ``code`` 200, or why not."""

    device_id: int
    push_id: int
    code: int
    message: str
    at: int


class Fetched(msgspec.Struct, frozen=True, gc=False):
    """A device was sent the last byte of a content."""

    device_id: int
    content_id: int
    at: int
