"""A device on the official Python SDK that uses small services; tells what happens in JSON lines on stdout.

Runs in the SDK's own environment, which has nothing of ours. After login it listens on its custom topic ``get``, to
messages and to calls (RRPC), then sets two tags, deletes one of them, and says so. Stops when stdin closes.

usage: linkkit_services.py JSON with host, port, product_key, device_name, device_secret.
"""

import json
import queue
import sys
import threading
from typing import Any

from linkkit.linkkit import LinkKit

device = json.loads(sys.argv[1])
GET = f"/{device['product_key']}/{device['device_name']}/user/get"
# The SDK calls back on the thread that also receives: everything else is done on the main thread.
todo: "queue.SimpleQueue[str | None]" = queue.SimpleQueue()
telling = threading.Lock()


def tell(event: str, **fields: Any) -> None:
    with telling:
        print(json.dumps({"event": event, **fields}), flush=True)


def connect() -> LinkKit:
    kit = LinkKit("127.0.0.1", device["product_key"], device["device_name"], device["device_secret"])
    kit.config_mqtt(port=device["port"], endpoint=device["host"], secure="")
    kit.thing_setup()
    kit.on_connect = lambda *_: tell("connected")
    kit.on_thing_enable = lambda _: todo.put("enabled")
    kit.on_subscribe_topic = lambda *_: todo.put("subscribed")
    kit.on_topic_message = lambda topic, payload, *_: tell("message", topic=topic, payload=payload.decode())
    kit.on_topic_rrpc_message = lambda call, topic, payload, *_: on_call(kit, call, topic, payload)
    kit.on_thing_device_info_update = lambda _, code, data, text, __: on_reply("tags set", code, data, text)
    kit.on_thing_device_info_delete = lambda _, code, data, text, __: on_reply("tag deleted", code, data, text)
    kit.connect_async()
    return kit


def on_call(kit: LinkKit, call: str, topic: str, payload: bytes) -> None:
    tell("call", topic=topic, payload=payload.decode())
    kit.thing_answer_rrpc(call, f"echo {payload.decode()}")


def on_reply(event: str, code: int, data: Any, text: str) -> None:
    tell(event, code=code, data=data, message=text)
    todo.put(event)


def go_on(kit: LinkKit, done: str) -> None:
    if done == "enabled":
        # The SDK does not tell of a subscription to calls: the answer to the second one says that both are there.
        kit.subscribe_rrpc_topic(GET)
        kit.subscribe_topic(GET)
    elif done == "subscribed":
        kit.thing_update_tags({"site": "here", "room": "7"})
    elif done == "tags set":
        kit.thing_remove_tags(["room"])


def wait_for_end() -> None:
    sys.stdin.read()
    todo.put(None)


def main() -> None:
    kit = connect()
    threading.Thread(target=wait_for_end, daemon=True).start()
    while (done := todo.get()) is not None:
        go_on(kit, done)
    kit.disconnect()


main()
