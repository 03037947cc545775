"""What carrying events counts, for `/metrics`: plain numbers, changed on one loop and read from anywhere."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class Counts:
    """Counts since the start, and how far behind webhooks were when last looked at.

    Attributes:
        requests: by what came of them.
        behind: events of the log behind the place of each enabled webhook.
    """

    __slots__ = ("behind", "dead_letters", "events", "requests", "streams")

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.events = 0
        self.behind: Mapping[int, int] = {}
        self.dead_letters = 0
        self.streams = 0

    def collect(self) -> Iterator[Metric]:
        """Yield them as Prometheus reads them."""
        yield self._requests()
        yield CounterMetricFamily("linkops_webhook_events", "Events that webhooks took", self.events)
        yield self._behind()
        yield GaugeMetricFamily("linkops_webhook_dead_letters", "Events that webhooks did not take", self.dead_letters)
        yield GaugeMetricFamily("linkops_event_streams", "Open streams of events", self.streams)

    def _requests(self) -> CounterMetricFamily:
        family = CounterMetricFamily("linkops_webhook_requests", "Requests to webhooks", labels=["outcome"])
        for outcome, count in list(self.requests.items()):
            family.add_metric([outcome], count)
        return family

    def _behind(self) -> GaugeMetricFamily:
        text = "Events of the log that a webhook has yet to take or pass over"
        family = GaugeMetricFamily("linkops_webhook_events_behind", text, labels=["webhook"])
        for webhook_id, events in list(self.behind.items()):
            family.add_metric([str(webhook_id)], events)
        return family
