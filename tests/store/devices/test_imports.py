from collections.abc import AsyncIterator

import pytest

from linkops.devices.imports.rows import RowResult
from linkops.devices.model import DeviceKey
from linkops.errors import Forbidden, TooLarge
from linkops.events.actor import SYSTEM, Actor, Role
from tests.support.devices import DeviceServices, actor

SECRET = "S" * 32


async def pieces(text: bytes, size: int = 1_024) -> AsyncIterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


async def run(services: DeviceServices, product_key: str, text: bytes, by: Actor = SYSTEM) -> list[RowResult]:
    return [result async for result in services.imports.run(by, product_key, pieces(text))]


async def test_good_lines_become_devices_and_bad_ones_say_why(services: DeviceServices) -> None:
    product = await services.product()
    await services.device(product, "pump-0")
    text = f"device_name,nickname,secret\npump-1,Hall east,{SECRET}\npump-0\nx\npump-2\npump-2\n".encode()
    results = await run(services, product.product_key, text)
    assert [(result.line, result.device_name, result.code) for result in results] == [
        (2, "pump-1", None),
        (3, "pump-0", "device.name_taken"),
        (4, "x", "device.name_invalid"),
        (5, "pump-2", None),
        (6, "pump-2", "device.name_taken"),
    ]
    assert results[0].secret == SECRET
    second = await services.devices.secret(SYSTEM, DeviceKey(product.product_key, "pump-2"))
    assert (results[3].secret, results[4].secret) == (second, None)
    assert (await services.devices.get(SYSTEM, DeviceKey(product.product_key, "pump-1"))).nickname == "Hall east"


async def test_a_long_list_is_stored_in_parts_and_can_be_sent_again(services: DeviceServices) -> None:
    product = await services.product()
    text = b"".join(b"pump-%d\n" % number for number in range(2_500))
    assert [result.code for result in await run(services, product.product_key, text)] == [None] * 2_500
    assert {result.code for result in await run(services, product.product_key, text)} == {"device.name_taken"}
    assert (await services.products.counts(SYSTEM, product.product_key)).devices == 2_500


async def test_who_may_not_create_devices_is_told_before_the_list_is_read(services: DeviceServices) -> None:
    product = await services.product()
    with pytest.raises(Forbidden):
        await run(services, product.product_key, b"x" * 10_000, by=actor(Role.VIEWER, product))


async def test_a_line_without_end_stops_the_import(services: DeviceServices) -> None:
    product = await services.product()
    with pytest.raises(TooLarge):
        await run(services, product.product_key, b"pump-1\n" + b"x" * 10_000)
