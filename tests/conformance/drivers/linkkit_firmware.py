"""A device's firmware on the official Python SDK, as its manual shows it; tells what happens in JSON lines on stdout.

Runs in the SDK's own environment, which has nothing of ours. Reports its version after every login; an update that it
is told of it downloads and verifies with the SDK, reports progress and then the new version. Stops when stdin closes.

usage: linkkit_firmware.py JSON with host, port, product_key, device_name, device_secret, version, folder; for TLS, ca.
"""

import json
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

from linkkit.linkkit import LinkKit

device = json.loads(sys.argv[1])
KEY = f"{device['product_key']}/{device['device_name']}"
# The SDK writes on the caller's thread while its own may still read the same TLS connection. OpenSSL does not bear it:
# the message is lost, or the connection. Well before this time the SDK's thread sleeps again.
QUIET_S = 0.2
# The SDK calls back on the thread that also receives: work that takes time is done on the main thread.
todo: "queue.SimpleQueue[dict[str, Any] | None]" = queue.SimpleQueue()


telling = threading.Lock()


def tell(event: str, **fields: Any) -> None:
    with telling:  # the SDK's thread tells things too, and print() writes a line in two pieces
        print(json.dumps({"event": event, **fields}), flush=True)


def connect() -> LinkKit:
    kit = LinkKit("127.0.0.1", device["product_key"], device["device_name"], device["device_secret"])
    ca = Path(device["ca"]).read_text() if "ca" in device else None
    kit.config_mqtt(port=device["port"], endpoint=device["host"], secure="TLS" if ca else "", cadata=ca)
    kit.on_connect = lambda _, code, __: on_connect(code)
    kit.on_disconnect = lambda code, _: tell("disconnected", code=code)
    kit.on_topic_message = lambda topic, payload, *_: tell("message", topic=topic, payload=payload.decode())
    kit.on_publish_topic = lambda mid, _: tell("acknowledged", mid=mid)
    kit.on_ota_message_arrived = on_update
    kit.connect_async()
    return kit


def on_connect(code: int) -> None:
    tell("connected", code=code)
    if code == 0:
        todo.put({"report": device["version"]})


def on_update(
    kind: int, version: str, size: int, url: str, sign_method: str, sign: str, module: str, extra: str
) -> None:
    update = {"version": version, "size": size, "url": url, "sign_method": sign_method, "sign": sign, "module": module}
    tell("update", kind={1: "push", 2: "pull"}[kind], extra=extra, **update)
    todo.put({"update": update})


def install(kit: LinkKit, update: dict[str, Any]) -> None:
    report_progress(kit, "10")
    path = str(Path(device["folder"]) / "firmware.bin")
    outcome = kit.download_ota_firmware(update["url"], path, update["sign_method"], update["sign"])
    tell("downloaded", outcome=outcome.name, path=path)
    if outcome is not LinkKit.ErrorCode.SUCCESS:
        report_progress(kit, "-3")
        return
    report_progress(kit, "100")
    report_version(kit, update["version"])


def report_version(kit: LinkKit, version: str) -> None:
    time.sleep(QUIET_S)
    kit.ota_report_version(None, version)


def report_progress(kit: LinkKit, step: str) -> None:
    time.sleep(QUIET_S)
    payload = json.dumps({"id": "1", "params": {"step": step, "desc": ""}})
    kit.publish_topic(f"/ota/device/progress/{KEY}", payload)


def wait_for_end() -> None:
    sys.stdin.read()
    todo.put(None)


def main() -> None:
    kit = connect()
    threading.Thread(target=wait_for_end, daemon=True).start()
    while (work := todo.get()) is not None:
        if "report" in work:
            report_version(kit, work["report"])
        else:
            install(kit, work["update"])
    kit.disconnect()


main()
