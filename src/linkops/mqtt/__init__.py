"""MQTT 3.1, 3.1.1 and 5.0 without input or output; knows nothing of devices.

Bytes in, packets or events out, and back; sockets, clocks and threads are the caller's.

| file | subject |
|---|---|
| `reasons` | reason codes, and the two ways in which a peer's bytes can be wrong |
| `packets` | what a control packet says, the same for every version |
| `properties` | the MQTT 5 properties: which exist, where they are legal, their bytes |
| `decode`, `encode` | bytes to packets, packets to bytes; either end of a connection |
| `session` | the server's end of one connection |
| `outbox` | the server's publishes on their way to one client |
| `topics` | topic names and filters |
"""
