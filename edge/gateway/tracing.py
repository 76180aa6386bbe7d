"""Where an unlock spends its time, told to a collector by OpenTelemetry. Off unless the settings name one.

A trace is made when the unlock has ended, of moments that were noted on its way: nothing is sent while somebody waits.
It names the device and how it ended, and no person.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Final

import msgspec
import structlog

log = structlog.get_logger(__name__)

OPEN: Final = 1000
"""Unlocks under way that are kept in mind; of more than that the oldest are forgotten."""
WHOLE_S: Final = 5
"""How long the collector may take."""


class _UnlockTrace(msgspec.Struct):
    """One unlock on its way, in Unix nanoseconds."""

    decided: int
    committed: int
    sent: int = 0


class Traces:
    """Takes note of grants. Make it once, and `close` it in the end."""

    def __init__(self, endpoint: str, store: str, version: str) -> None:
        """Raises `ImportError` where the "tracing" part is not installed."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        from edge.http_client.requests_session import session  # noqa: PLC0415

        named = {"service.name": "storekeeper", "service.version": version, "service.instance.id": store}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        traces = f"{endpoint.rstrip('/')}/v1/traces"
        exporter = OTLPSpanExporter(endpoint=traces, timeout=WHOLE_S, session=session(WHOLE_S))
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=2048))
        self._tracer = self._provider.get_tracer("storekeeper.unlock")
        self._open: OrderedDict[str, _UnlockTrace] = OrderedDict()

    def granted(self, grant: str, decided_ms: int) -> None:
        """It is durable."""
        self._open[grant] = _UnlockTrace(decided_ms * 1_000_000, time.time_ns())
        if len(self._open) > OPEN:
            self._open.popitem(last=False)

    def sent(self, grant: str) -> None:
        """The device is told."""
        way = self._open.get(grant)
        if way is not None and not way.sent:
            way.sent = time.time_ns()

    def ended(self, grant: str, verb: str, device: str, stage: str, about: dict[str, str]) -> None:
        """It has ended: the trace is made."""
        way = self._open.pop(grant, None)
        if way is None:
            return
        now = time.time_ns()
        told: dict[str, Any] = {"storekeeper.device": device, "storekeeper.stage": stage, "storekeeper.grant": grant}
        told |= {f"storekeeper.{name}": value for name, value in about.items() if value}
        root = self._tracer.start_span(verb, start_time=way.decided, attributes=told)
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415 - only where traces are made

        inside = set_span_in_context(root)
        spans = [("commit", way.decided, way.committed)]
        if way.sent:
            spans += [("begin", way.committed, way.sent), ("device", way.sent, now)]
        for name, start, end in spans:
            self._tracer.start_span(name, context=inside, start_time=start).end(max(start, end))
        root.end(now)

    def close(self) -> None:
        """What was noted goes out, as far as the collector is there."""
        self._provider.shutdown()


def traces(endpoint: str | None, store: str, version: str) -> Traces | None:
    """Returns what takes note of unlocks; none where nobody asked for it, or the part is missing."""
    if not endpoint:
        return None
    try:
        return Traces(endpoint, store, version)
    except ImportError as error:
        log.warning("tracing.missing", install='pip install "storekeeper[tracing]"', error=str(error))
        return None
