"""What the hub counts, for `/metrics`: plain numbers, changed on the hub's loop only and read from anywhere."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class Counts:
    """Counts since the start."""

    __slots__ = (
        "accepted",
        "block_bytes",
        "closed",
        "connections",
        "denied",
        "downlinks",
        "refused",
        "reports",
        "sub_devices",
        "uplinks",
    )

    def __init__(self) -> None:
        self.connections = 0
        self.sub_devices = 0
        self.accepted = 0
        self.uplinks = 0
        self.downlinks = 0
        self.block_bytes = 0
        self.reports: Counter[tuple[str, bool]] = Counter()
        self.refused: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.denied: Counter[str] = Counter()

    def collect(self) -> Iterator[Metric]:
        """Yield them as Prometheus reads them."""
        yield GaugeMetricFamily("linkops_hub_connections", "Open device connections", self.connections)
        yield GaugeMetricFamily("linkops_hub_sub_devices", "Sub-devices online over gateways", self.sub_devices)
        yield CounterMetricFamily("linkops_hub_logins", "Accepted logins", self.accepted)
        yield CounterMetricFamily("linkops_hub_uplinks", "Messages from devices", self.uplinks)
        yield CounterMetricFamily("linkops_hub_downlinks", "Messages written to devices", self.downlinks)
        yield CounterMetricFamily("linkops_hub_block_bytes", "Bytes of block downloads", self.block_bytes)
        yield self._reports()
        yield _labelled("linkops_hub_refused_logins", "Refused logins", self.refused)
        yield _labelled("linkops_hub_closed_connections", "Connections that the server closed", self.closed)
        yield _labelled("linkops_hub_denied_messages", "Messages that were dropped", self.denied)

    def _reports(self) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "linkops_hub_reports", "Committed reports, and whether they changed a row", labels=["channel", "changed"]
        )
        for (channel, changed), count in list(self.reports.items()):
            family.add_metric([channel, "yes" if changed else "no"], count)
        return family


def _labelled(name: str, text: str, counts: Counter[str]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=["reason"])
    for reason, count in list(counts.items()):
        family.add_metric([reason], count)
    return family
