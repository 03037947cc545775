"""A device on the official Python SDK that knows only its product's secret; tells what happens in JSON lines on stdout.

Runs in the SDK's own environment, which has nothing of ours. It registers, then logs in with what it got; a gateway
(``subs``) then registers its sub-devices. Stops when stdin closes.

usage: linkkit_registering.py JSON with host, port, ca, product_key, device_name, product_secret; way: https, register
or regnwl; for https, https_port: where the name that is built into the SDK leads.
For a gateway: device_secret in place of product_secret and way, and subs: [[product_key, device_name, product_secret]].
"""

import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from linkkit.linkkit import LinkKit

device = json.loads(sys.argv[1])
REGION = "cn-shanghai"
BUILT_IN = f"iot-auth.{REGION}.aliyuncs.com"
telling = threading.Lock()
resolve = socket.getaddrinfo


def lead_home(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    """Resolve the built-in name as an entry in the hosts file would, and the port besides."""
    return (
        resolve("127.0.0.1", device["https_port"], *rest, **more)
        if host == BUILT_IN
        else resolve(host, port, *rest, **more)
    )


def tell(event: str, **fields: Any) -> None:
    with telling:
        print(json.dumps({"event": event, **fields}), flush=True)


def kit_of(**proof: Any) -> LinkKit:
    secret = proof.pop("device_secret", "")
    kit = LinkKit(REGION, device["product_key"], device["device_name"], secret, **proof)
    kit.config_mqtt(port=device["port"], endpoint=device["host"], secure="TLS", cadata=Path(device["ca"]).read_text())
    kit.on_connect = lambda _, code, __: tell("connected", code=code)
    kit.on_disconnect = lambda code, _: tell("disconnected", code=code)
    return kit


def log_in(**proof: Any) -> None:
    # Not on the SDK's own thread, which is busy with the connection that it just left.
    threading.Thread(target=lambda: kit_of(**proof).connect_async()).start()


def on_secret(code: int, secret: str, _: Any) -> None:
    tell("registered", code=code, secret=secret)
    if code == 0 and device["way"] == "register":
        log_in(device_secret=secret)


def on_token(code: int, client_id: str, user_name: str, password: str) -> None:
    tell("registered", code=code, client_id=client_id)
    if code == 0:
        log_in(client_id=client_id, username=user_name, password=password)


def register() -> None:
    way = device["way"]
    kit = kit_of(product_secret=device["product_secret"], auth_type=None if way == "https" else way)
    kit.on_device_dynamic_register = on_secret
    kit.on_device_dynamic_register_nwl_reply = on_token
    kit.connect_async()


def be_a_gateway() -> None:
    kit = kit_of(device_secret=device["device_secret"])
    kit.on_gateway_register_subdev_reply = lambda _, code, data, *__: tell("subs", code=code, data=data)
    kit.on_gateway_product_register_subdev_reply = lambda _, code, data, *__: tell("proven", code=code, data=data)
    kit.on_connect = lambda _, code, __: ask(kit, code)
    kit.connect_async()


def ask(kit: LinkKit, code: int) -> None:
    tell("connected", code=code)
    kit.gateway_register_subdev([sub[:2] for sub in device["subs"]])
    kit.gateway_product_register_subdev(device["subs"])


socket.getaddrinfo = lead_home
be_a_gateway() if "subs" in device else register()
sys.stdin.read()
