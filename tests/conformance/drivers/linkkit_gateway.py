"""A gateway on the official Python SDK, as its manual shows it; tells what happens in JSON lines on stdout.

Runs in the SDK's own environment, which has nothing of ours. Does what lines on stdin say, one JSON object each:
{"do": "add" | "remove", "devices": [[product key, device name, secret], ...]}. Stops when stdin closes.

usage: linkkit_gateway.py JSON with host, port, product_key, device_name, device_secret; for TLS, ca.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from linkkit.linkkit import LinkKit

device = json.loads(sys.argv[1])
# See linkkit_firmware.py: two threads of the SDK on one TLS connection lose messages.
QUIET_S = 0.2
telling = threading.Lock()


def tell(event: str, **fields: Any) -> None:
    with telling:  # the SDK's thread tells things too, and print() writes a line in two pieces
        print(json.dumps({"event": event, **fields}), flush=True)


def connect() -> LinkKit:
    kit = LinkKit("127.0.0.1", device["product_key"], device["device_name"], device["device_secret"])
    ca = Path(device["ca"]).read_text() if "ca" in device else None
    kit.config_mqtt(port=device["port"], endpoint=device["host"], secure="TLS" if ca else "", cadata=ca)
    kit.on_connect = lambda _, code, __: tell("connected", code=code)
    kit.on_gateway_add_subdev_topo_reply = lambda _, code, data, message, __: tell(
        "added", code=code, data=data, message=message
    )
    kit.on_gateway_delete_subdev_topo_reply = lambda _, code, data, message, __: tell(
        "removed", code=code, data=data, message=message
    )
    kit.on_gateway_topo_change = lambda _, params, __: tell("changed", params=params)
    kit.connect_async()
    return kit


def main() -> None:
    kit = connect()
    for line in sys.stdin:
        wanted = json.loads(line)
        time.sleep(QUIET_S)
        if wanted["do"] == "add":
            kit.gateway_add_subdev_topo(wanted["devices"])
        else:
            kit.gateway_delete_subdev_topo(wanted["devices"])
    kit.disconnect()


main()
