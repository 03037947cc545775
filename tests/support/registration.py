"""Devices that know only their product's secret, as they ask for one of their own."""

import hashlib
import hmac

from linkops.devices.credentials import LoginMethod, parse_login
from linkops.devices.model import DeviceKey
from linkops.devices.presence.model import LoginAttempt
from linkops.devices.registration.model import Outcome, Proof, Registered, Registration, Way
from linkops.mqtt.packets import Connect

RANDOM = "8Ygb7ULYh53B6OA"
"""A constant, as the C SDK 3 sends it."""


def sign(key: DeviceKey, product_secret: str, random: str = RANDOM, digest: str = "sha256") -> str:
    """Return the signature of a device's names."""
    text = f"deviceName{key.device_name}productKey{key.product_key}random{random}"
    return hmac.new(product_secret.encode(), text.encode(), getattr(hashlib, digest)).hexdigest()


def registration(key: DeviceKey, product_secret: str, way: Way = Way.LISTED, address: str = "10.0.0.1") -> Registration:
    """Return what a device asks for."""
    text = f"deviceName{key.device_name}productKey{key.product_key}random{RANDOM}"
    return Registration(key, way, address, Proof(text, "sha256", sign(key, product_secret).encode()))


def form(key: DeviceKey, product_secret: str, **changes: str) -> dict[str, str]:
    """Return the form that a device posts."""
    fields = {
        "productKey": key.product_key,
        "deviceName": key.device_name,
        "random": RANDOM,
        "sign": sign(key, product_secret),
        "signMethod": "hmacsha256",
    }
    return {name: value for name, value in {**fields, **changes}.items() if value}


def connect_to_register(
    key: DeviceKey,
    product_secret: str,
    method: LoginMethod = LoginMethod.REGISTRATION,
    *,
    version: int = 4,
    keep_alive_s: int = 60,
    extension: str = f"random={RANDOM},securemode=2,signmethod=hmacsha256",
) -> Connect:
    """Return the CONNECT of a device that wants to register, as the C SDK 4 spells it."""
    client_id = f"{key.device_name}.{key.product_key}|authType={method},{extension}|"
    password = sign(key, product_secret).upper().encode()
    return Connect(client_id, version, True, keep_alive_s, f"{key.device_name}&{key.product_key}", password)


def connect_by_token(key: DeviceKey, client_id: str, token: str, version: int = 4) -> Connect:
    """Return the CONNECT of a device that has a token."""
    extension = "authType=connwl,securemode=-2,_ss=1,ext=3,_v=sdk-c-4.1.0"
    return Connect(
        f"{client_id}|{extension}|", version, True, 60, f"{key.device_name}&{key.product_key}", token.encode()
    )


def attempt_by_token(outcome: Outcome, connection_id: int, session_expiry_s: int = 0) -> LoginAttempt:
    """Return the login with the token that a registration gave out."""
    assert isinstance(outcome, Registered)
    connect = connect_by_token(outcome.key, outcome.client_id, outcome.secret)
    login = parse_login(connect.client_id, connect.username or "")
    password, clean_start = outcome.secret.encode(), not session_expiry_s
    return LoginAttempt(login, password, "10.0.0.1", connection_id, clean_start, session_expiry_s)
