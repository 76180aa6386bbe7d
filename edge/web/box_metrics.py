"""Figures of the box for Prometheus, in base units: seconds, bytes, ratios, Unix time. None of them names a person."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.core import GaugeMetricFamily

from device_drivers.trusted_time import kernel
from edge.domain.printing.queries import printers
from operations.diagnosis.findings import Health

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from edge.gateway.parts import Parts
    from edge.web.box_watch import BoxWatch
    from operations.diagnosis.standing import BoxStatus

STATES: Final = ("ok", "offline", "diverged", "starting", "fenced")
DAY_S: Final = 86_400


def box_figures(parts: Parts, box: BoxWatch, rehearsing: bool) -> Iterable[Metric]:
    """Everything but what requests and commands count."""
    yield from _of_program(box)
    yield from _of_devices(parts)
    yield from _of_needs(parts)
    yield from _of_clock()
    yield gauge("rehearsing", "Whether an outage is being rehearsed", {(): float(rehearsing)})
    if box.last is not None:
        yield from _of_standing(box.last)


def gauge(name: str, text: str, samples: Mapping[Any, float], labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    """One family."""
    family = GaugeMetricFamily(f"storekeeper_{name}", text, labels=labels)
    for values, figure in samples.items():
        family.add_metric(values, figure)
    return family


def _of_program(box: BoxWatch) -> Iterable[Metric]:
    known = box.versions
    values = (known.running, known.python, known.sqlite)
    yield gauge("build_info", "Always 1; the labels say what runs", {values: 1}, ("version", "python", "sqlite"))
    yield gauge("start_time_seconds", "When this gateway started, Unix time", {(): box.began_s})


def _of_devices(parts: Parts) -> Iterable[Metric]:
    views = parts.devices.views()
    named = ("device", "kind")
    online = {(view.id, view.kind): float(view.online) for view in views}
    yield gauge("device_online", "Whether the device is connected", online, named)
    silent = {(view.id, view.kind): view.last_seen for view in views if view.last_seen is not None}
    yield gauge("device_silence_seconds", "For how long the device has said nothing", silent, named)
    charge = {(view.id, view.kind): view.battery for view in views if view.battery is not None}
    yield gauge("device_battery_ratio", "Charge of the device's battery, 0 to 1", charge, named)
    waiting = {(printer.device,): float(printer.waiting) for printer in printers(parts.journal.reads)}
    yield gauge("print_queue_slips", "Slips that wait for this printer", waiting, ("printer",))


def _of_needs(parts: Parts) -> Iterable[Metric]:
    counted = Counter((need.kind, str(need.urgency)) for need in parts.needs.all(parts.journal.reads.now))
    samples = {key: float(number) for key, number in counted.items()}
    yield gauge("needs", "What needs a hand now; urgency 0 is at once", samples, ("kind", "urgency"))


def _of_clock() -> Iterable[Metric]:
    state = kernel()
    if state is not None:
        synchronised = {(): float(state.synchronised)}
        yield gauge("clock_synchronised", "Whether the kernel says that its clock is kept", synchronised)
        yield gauge("clock_error_seconds", "By how much it may be wrong, by its own account", {(): state.error_s})


def _of_standing(found: BoxStatus) -> Iterable[Metric]:
    room, uplink = found.room, found.uplink
    yield gauge("disk_size_bytes", "Size of the disk that the data lies on", {(): room.total})
    yield gauge("disk_free_bytes", "What of it is free", {(): room.free})
    yield gauge("journal_size_bytes", "The journal with its side files", {(): room.journal})
    lasts = {} if room.days is None else {(): room.days * DAY_S}
    yield gauge("disk_full_in_seconds", "When it is full at the journal's pace; none while too young to tell", lasts)
    states = {(state,): float(uplink.state == state) for state in STATES} if uplink else {}
    yield gauge("sync_state", "1 for the state that the uplink is in", states, ("state",))
    age = {(): uplink.age_s} if uplink and uplink.age_s != float("inf") else {}
    yield gauge("sync_report_age_seconds", "How old the uplink's own report is", age)
    ahead = uplink.ahead_s() if uplink else None
    told = {} if ahead is None else {(): ahead}
    yield gauge("clock_cloud_ahead_seconds", "By how much the cloud's clock is ahead of ours", told)
    ends = {(ending.subject, ending.serves): ending.ends.timestamp() for ending in found.certificates}
    yield gauge("certificate_expiry_timestamp_seconds", "When it ends, Unix time", ends, ("name", "serves"))
    wrong = {
        (finding.part, finding.code, finding.health.name.lower()): 1.0
        for finding in found.findings
        if finding.health is not Health.WELL
    }
    yield gauge("finding", "1 for each finding of the doctor that is not well", wrong, ("part", "code", "health"))
    yield gauge(
        "backup_last_timestamp_seconds", "When the last backup ended, Unix time; 0: never", {(): found.backed_up_s}
    )
    books = found.books
    odd = {} if books is None else {(): float(len(books.differences))}
    yield gauge("reconciliation_differences", "What the last daily comparison found", odd)
    ran = {} if books is None else {(): books.at_ms / 1000}
    yield gauge("reconciliation_last_timestamp_seconds", "When it ran, Unix time", ran)
    yield gauge("scrape_timestamp_seconds", "This box's own clock at this scrape, Unix time", {(): time.time()})
