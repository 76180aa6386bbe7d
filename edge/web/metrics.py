"""What Prometheus reads at `/metrics`: counted as requests pass, or read from the gateway when asked."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from edge.web.box_metrics import box_figures
from edge.web.views.cloud_queue import queue_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.metrics_core import Metric
    from starlette.types import Scope

    from edge.domain.noun import Metric as OfNoun
    from edge.gateway.parts import Parts
    from edge.web.box_watch import BoxWatch

BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the unlock's duration in seconds: from a durable commit to the patience of a shopper."""


class Metrics:
    """One registry an application, so that two gateways in one process do not meet.

    What passes is only counted: the library's own counters and its histogram, with their locks, cost an unlock as much
    as a query to the journal's tables.
    """

    def __init__(self, parts: Parts, box: BoxWatch, rehearsing: Callable[[], bool]) -> None:
        self._registry = CollectorRegistry()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        """By method, route and status."""
        self.server_errors = 0
        """Answers with an error of our own; that a device, the disk or the broker is away is none."""
        self._unlocks = [0] * (len(BUCKETS) + 1)
        """How many took at most as long as each of `BUCKETS`, and longer than the one before; the last are longer."""
        self._unlock_seconds = 0.0
        self._registry.register(_Store(parts, box, rehearsing, self._passed))

    def count(self, scope: Scope, status: int) -> None:
        """One answered request, by the pattern of its route: a code or an id never becomes a label."""
        key = (scope["method"], getattr(scope.get("route"), "path", "none"), status)
        self._requests[key] += 1
        self.server_errors += status == 500

    def unlocked(self, seconds: float) -> None:
        """One unlock that was waited for."""
        self._unlocks[bisect_left(BUCKETS, seconds)] += 1
        self._unlock_seconds += seconds

    def _passed(self) -> Iterable[Metric]:
        """What was counted as it passed."""
        requests = CounterMetricFamily(
            "storekeeper_http_requests", "HTTP requests answered", labels=["method", "route", "status"]
        )
        for (method, route, status), count in sorted(self._requests.items()):
            requests.add_metric([method, route, str(status)], count)
        yield requests
        within = zip((*map(str, BUCKETS), "+Inf"), accumulate(self._unlocks), strict=True)
        yield HistogramMetricFamily(
            "storekeeper_unlock_duration_seconds",
            "From the request to the durable end of an unlock that was waited for",
            buckets=[*within],
            sum_value=self._unlock_seconds,
        )

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)


class _Store(Collector):
    """The store's own numbers, read at the moment of the scrape, and what was counted until then."""

    def __init__(
        self, parts: Parts, box: BoxWatch, rehearsing: Callable[[], bool], passed: Callable[[], Iterable[Metric]]
    ) -> None:
        self._passed = passed
        self._parts = parts
        self._reads = parts.journal.reads
        self._box = box
        self._rehearsing = rehearsing

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: the gateway may not have started when the registry is made."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """One family each."""
        yield from self._passed()
        queue = queue_of(self._reads, self._parts.settings.gateway.sync_status)
        ready = self._parts.ready()
        yield _gauge("storekeeper_journal_last_sequence", "Newest entry of the journal", queue.last)
        yield _gauge("storekeeper_sync_acked_sequence", "Newest entry that the cloud has confirmed", queue.acked)
        yield _gauge("storekeeper_sync_backlog_entries", "Entries that wait for the cloud", queue.backlog)
        yield _gauge("storekeeper_ready", "Whether the journal writes and the broker is connected", int(ready.ready))
        for noun in self._parts.nouns:
            for metrics in noun.metrics:
                yield from map(_family, metrics(self._reads))
        yield from map(_family, self._parts.more_metrics())
        yield from self._commands()
        yield self._refused()
        yield from self._devices()
        yield self._pages()
        yield from box_figures(self._parts, self._box, self._rehearsing())

    def _commands(self) -> Iterable[Metric]:
        family = CounterMetricFamily(
            "storekeeper_commands", "Commands to devices by how they ended", labels=["verb", "outcome"]
        )
        for (verb, outcome), count in sorted(self._parts.commands.items()):
            family.add_metric([verb, outcome], count)
        yield family

    def _devices(self) -> Iterable[Metric]:
        mistakes = CounterMetricFamily(
            "storekeeper_device_mistakes", "Messages beyond contract or quota, by device", labels=["device", "what"]
        )
        for (device, what), count in sorted(self._parts.devices.mistakes.counts.items()):
            mistakes.add_metric([device, what], count)
        yield mistakes
        flaps = CounterMetricFamily(
            "storekeeper_device_flaps",
            "Flips of a device that keeps reconnecting or bouncing",
            labels=["device", "what"],
        )
        for (device, what), count in sorted(self._parts.devices.mistakes.flaps.items()):
            flaps.add_metric([device, what], count)
        yield flaps
        refusals = CounterMetricFamily(
            "storekeeper_device_refusals", "Commands that a device refused", labels=["device", "verb", "reason"]
        )
        for (device, verb, reason), count in sorted(self._parts.devices.mistakes.refusals.items()):
            refusals.add_metric([device, verb, reason], count)
        yield refusals

    def _refused(self) -> Metric:
        family = CounterMetricFamily(
            "storekeeper_bounded",
            "Refused because a bound was used up, by act and by whose bound",
            labels=["act", "side"],
        )
        for (act, side), count in sorted(self._parts.people.bounds.refused.items()):
            family.add_metric([act, side], count)
        return family

    def _pages(self) -> Metric:
        family = CounterMetricFamily(
            "storekeeper_code_pages", "Pages of codes by what fetched them", labels=["touchpoint", "kind"]
        )
        for (touchpoint, kind), count in sorted(self._parts.people.page_counts.total.items()):
            family.add_metric([touchpoint, kind], count)
        return family


def _family(metric: OfNoun) -> Metric:
    kind = GaugeMetricFamily if metric.kind == "gauge" else CounterMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for values, figure in metric.samples.items():
        family.add_metric(values, figure)
    return family


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)
