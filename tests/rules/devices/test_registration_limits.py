from linkops.alink.registration import RegistrationFault as Fault
from linkops.devices.model import DeviceKey
from linkops.devices.registration.limits import WINDOW_MS, Limits
from linkops.devices.registration.model import Registered, Registration, Way

FAILURES, WINDOW_S, PER_ADDRESS, PER_PRODUCT = 3, 60, 10, 5
KEY = DeviceKey("pumps", "pump-1")


def limits() -> Limits:
    return Limits(FAILURES, WINDOW_S, PER_ADDRESS, PER_PRODUCT)


def wanted(name: str = "pump-1", address: str = "10.0.0.1", gateway_id: int | None = None) -> Registration:
    return Registration(KEY._replace(device_name=name), Way.LISTED, address, None, gateway_id)


def done(each: Registration) -> Registered:
    return Registered(1, each.key, "s", "", starts_over=False)


def test_guesses_count_for_the_address_and_the_device() -> None:
    judge = limits()
    for _ in range(FAILURES):
        assert judge.admit(wanted(), 0)
        judge.record(wanted(), Fault.WRONG_SIGNATURE, 0)
    assert not judge.admit(wanted(), 59_999)
    assert judge.admit(wanted("pump-2"), 59_999)
    assert judge.admit(wanted(address="10.0.0.2"), 59_999)
    assert judge.admit(wanted(), 60_000)


def test_whoever_was_right_starts_afresh_and_what_is_no_guess_does_not_count() -> None:
    judge = limits()
    for outcome in (Fault.WRONG_SIGNATURE, Fault.WRONG_SIGNATURE, Fault.ACTIVE, Fault.OFF, done(wanted())):
        assert judge.admit(wanted(), 0)
        judge.record(wanted(), outcome, 0)
    for _ in range(FAILURES - 1):
        judge.record(wanted(), Fault.NO_DEVICE, 0)
    assert judge.admit(wanted(), 0)


def test_tries_count_for_the_address_whatever_becomes_of_them() -> None:
    judge = limits()
    for number in range(PER_ADDRESS):
        assert judge.admit(wanted(f"pump-{number}"), 0)
        judge.record(wanted(f"pump-{number}"), Fault.WRONG_SIGNATURE, 0)
    assert not judge.admit(wanted("pump-99"), WINDOW_MS - 1)
    assert judge.admit(wanted("pump-99", "10.0.0.2"), WINDOW_MS - 1)
    assert judge.admit(wanted("pump-99", "", gateway_id=7), WINDOW_MS - 1)
    assert judge.admit(wanted("pump-99"), WINDOW_MS)


def test_nobody_without_the_secret_can_use_up_what_a_product_may() -> None:
    judge = limits()
    for number in range(4 * PER_PRODUCT):
        each = wanted(f"pump-{number}", f"10.0.1.{number}")
        assert judge.admit(each, 0)
        judge.record(each, Fault.WRONG_SIGNATURE, 0)
    for number in range(PER_PRODUCT):
        each = wanted(f"pump-{number}", f"10.0.2.{number}")
        assert judge.admit(each, 0)
        judge.record(each, done(each), 0)
    assert not judge.admit(wanted("pump-x", "10.0.3.1"), 0)
    assert judge.admit(wanted("pump-x", "10.0.3.1")._replace(key=DeviceKey("lamps", "lamp-1")), 0)
