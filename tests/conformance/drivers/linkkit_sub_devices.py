"""A gateway on the official Python SDK that logs sub-devices in and out; tells what happens in JSON lines on stdout.

Runs in the SDK's own environment, which has nothing of ours. Once its sub-devices are online it reports a version for
the first of them, and answers an update with the new version. Logs them out and stops when stdin closes.

usage: linkkit_sub_devices.py JSON with host, port, product_key, device_name, device_secret, and subs, a list of
[product key, device name, device secret]; for TLS, ca.
"""

import json
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

from linkkit.linkkit import LinkKit

config = json.loads(sys.argv[1])
FIRST = "/".join(config["subs"][0][:2])
# See linkkit_firmware.py: two threads of the SDK on one TLS connection lose messages.
QUIET_S = 0.2
todo: "queue.SimpleQueue[str]" = queue.SimpleQueue()
telling = threading.Lock()


def tell(event: str, **fields: Any) -> None:
    with telling:  # the SDK's thread tells things too, and print() writes a line in two pieces
        print(json.dumps({"event": event, **fields}), flush=True)


def connect() -> LinkKit:
    kit = LinkKit("127.0.0.1", config["product_key"], config["device_name"], config["device_secret"])
    ca = Path(config["ca"]).read_text() if "ca" in config else None
    kit.config_mqtt(port=config["port"], endpoint=config["host"], secure="TLS" if ca else "", cadata=ca)
    kit.on_connect = lambda _, code, __: on_connect(code)
    kit.on_gateway_login_subdev_reply = lambda _, code, data, __, ___: on_login(code, data)
    kit.on_gateway_logout_subdev_reply = lambda _, code, data, __, ___: tell("logged out", code=code, data=data)
    kit.on_topic_message = lambda topic, payload, *_: on_message(topic, payload)
    kit.connect_async()
    return kit


def on_connect(code: int) -> None:
    tell("connected", code=code)
    todo.put("log in")


def on_login(code: int, data: Any) -> None:
    tell("logged in", code=code, data=data)
    if code == 200:
        todo.put("1.0.0")


def on_message(topic: str, payload: bytes) -> None:
    tell("message", topic=topic, payload=payload.decode())
    if topic == f"/ota/device/upgrade/{FIRST}":
        todo.put(json.loads(payload)["data"]["version"])


def wait_for_end() -> None:
    sys.stdin.read()
    todo.put("log out")
    todo.put("")


def main() -> None:
    kit = connect()
    threading.Thread(target=wait_for_end, daemon=True).start()
    while work := todo.get():
        time.sleep(QUIET_S)
        if work == "log in":
            kit.gateway_login_subdev(config["subs"])
        elif work == "log out":
            kit.gateway_logout_subdev([sub[:2] for sub in config["subs"]])
            time.sleep(1)
        else:
            kit.publish_topic(f"/ota/device/inform/{FIRST}", json.dumps({"id": 1, "params": {"version": work}}))
    kit.disconnect()


main()
