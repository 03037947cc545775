from linkops.devices.credentials import parse_login
from linkops.devices.presence.model import Accepted, LoginAttempt, Refusal
from tests.support.devices import DeviceServices

FAILURES, WINDOW_MS = 5, 60_000


async def test_guessing_is_throttled_from_that_address_only(services: DeviceServices) -> None:
    device = await services.device(await services.product())
    for _ in range(FAILURES):
        assert await services.log_in(services.attempt(device, secret="guess")) is Refusal.WRONG_CREDENTIALS
    assert await services.log_in(services.attempt(device)) is Refusal.THROTTLED
    assert isinstance(await services.log_in(services.attempt(device, address="10.0.0.2")), Accepted)
    services.clock.advance(WINDOW_MS)
    assert isinstance(await services.log_in(services.attempt(device)), Accepted)


async def test_a_device_behind_the_same_address_is_not_locked_out(services: DeviceServices) -> None:
    product = await services.product()
    victim, neighbour = await services.device(product), await services.device(product)
    for _ in range(FAILURES):
        await services.log_in(services.attempt(victim, secret="guess"))
    assert isinstance(await services.log_in(services.attempt(neighbour)), Accepted)


async def test_a_device_that_was_mistaken_starts_afresh_after_it_was_right(services: DeviceServices) -> None:
    device = await services.device(await services.product())
    for _ in range(3):
        for _ in range(FAILURES - 1):
            await services.log_in(services.attempt(device, secret="guess"))
        assert isinstance(await services.log_in(services.attempt(device)), Accepted)


async def test_who_only_registers_does_not_log_in(services: DeviceServices) -> None:
    registration = parse_login("pump-1|authType=register,random=1|", "pump-1&a1B2c3D4e5F")
    assert await services.log_in(LoginAttempt(registration, b"", "10.0.0.1", 1, True, 0)) is Refusal.UNSUPPORTED
