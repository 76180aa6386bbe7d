"""Rehearses an outage on the store that runs: cuts, watches, ends, judges. A cut ends by itself whatever is killed."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Final

import structlog
from msgspec.structs import replace

from edge.domain.box.decisions import record
from edge.domain.box.facts import RehearsalFailed, RehearsalPassed
from edge.errors import Refusal, StorekeeperError
from edge.journal import outage as cuts
from edge.journal.outage import Of, RehearsedOutage
from edge.journal.reader import JournalReader
from edge.web.views.cloud_queue import queue_of
from operations.diagnosis.books.gather import actuations
from operations.diagnosis.rehearsal import judge
from operations.diagnosis.rehearsal.judge import RehearsalReport, Sample, Targets, UnlockSample

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from edge.gateway.parts import Parts
    from edge.web.metrics import Metrics

log = structlog.get_logger(__name__)

BEFORE_S: Final = 5.0
"""How long it watches before it cuts: who is online, how fast locks are."""
SHORTEST_S: Final = 5
KEEP_EVERY_S: Final = 5.0


class Rehearsals:
    """One at a time."""

    def __init__(self, parts: Parts, metrics: Metrics) -> None:
        self._parts = parts
        self._metrics = metrics
        self._data = parts.settings.gateway.data
        self._known = actuations(parts.nouns)
        self._task: asyncio.Task[None] | None = None
        self.now: RehearsalReport | None = None
        """The one that is under way."""

    def resume(self) -> None:
        """After a start: what a killed gateway left is watched to its end, and judged."""
        left = judge.newest(self._data)
        found = cuts.read(self._data)
        if left is None or left.over or left.broken or found is None or found.id != left.id:
            return
        log.warning("rehearsal.goes_on", rehearsal=left.id, left_s=round(found.left_s()))
        self.now = replace(left, restarts=left.restarts + 1)
        self._do(self._watch(found))

    def begin(self, of: Of, seconds: int, by: str, *, closed: bool) -> None:
        """Begin one. Raises `Refusal`: rehearsal_on, rehearsal_open, bad_request."""
        if self._task is not None and not self._task.done():
            raise Refusal("rehearsal_on")
        if not SHORTEST_S <= seconds <= cuts.LONGEST_S:
            raise Refusal("bad_request", field="seconds")
        if of == "broker" and not closed and not self._plays():
            raise Refusal("rehearsal_open")
        self._do(self._rehearse(of, seconds, by))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(self._on_end)
        self._parts.journal.on_close(self._task.cancel)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """What could not be watched to its end is under way no more, and no outage either."""
        if task.cancelled() or (error := task.exception()) is None:
            return  # the gateway stops: the next one goes on; or it was judged
        report, self.now = self.now, None
        log.error("rehearsal.broken", rehearsal=report.id if report else "", exc_info=error)
        cuts.end(self._data)
        if report is not None and report.id:
            with suppress(OSError):
                judge.keep(self._data, replace(report, broken=True))

    def end(self) -> None:
        """End the cut now; what was measured until then is judged."""
        if self.now is not None:
            cuts.end(self._data)

    def _plays(self) -> bool:
        """Whether nobody's hand hangs on the devices: all of them are simulated."""
        drivers = {device.driver for device in self._parts.settings.devices if device.driver != "elsewhere"}
        return self._parts.settings.gateway.demo or all(".simulated" in driver for driver in drivers)

    async def _rehearse(self, of: Of, seconds: int, by: str) -> None:
        self.now = RehearsalReport("", of, by, int(time.time() * 1000), seconds, False, 0, [], [], [])
        for _ in range(int(BEFORE_S)):
            self._sample(-BEFORE_S + len(self.now.samples))
            await asyncio.sleep(1)
        found = cuts.begin(self._data, of, seconds, by)
        self.now = replace(self.now, id=found.id, from_ms=found.from_ms)
        judge.keep(self._data, self.now)
        log.warning("rehearsal.begun", rehearsal=found.id, of=of, seconds=seconds, by=by)
        await self._watch(found)

    async def _watch(self, found: RehearsedOutage) -> None:
        """To the cut's end, and until the store is as before or its targets are missed for good."""
        targets, kept = self._targets(), 0.0
        patience = targets.drain_s if found.of == "uplink" else targets.back_s
        try:
            while True:
                at = self._seconds_since(found)
                self._sample(at)
                if found.of == "broker":
                    self._parts.devices.bus.hold(cuts.read(self._data) is not None and found.left_s() > 0)
                cut_over = found.left_s() <= 0 or cuts.read(self._data) is None
                if cut_over:
                    found = _shorter(found, at)
                    if self._recovered(found) or at > found.seconds + patience + 5:
                        break
                if time.monotonic() - kept > KEEP_EVERY_S:
                    kept = time.monotonic()
                    self._keep()
                await asyncio.sleep(1)
        finally:
            self._parts.devices.bus.hold(False)  # whatever went wrong: an outage always ends
        await self._judge(found, targets)

    def _seconds_since(self, found: RehearsedOutage) -> float:
        return time.monotonic() - found.from_mono_s if found.boot == cuts.boot() else (
            time.time() - found.from_ms / 1000
        )  # fmt: skip

    def _recovered(self, found: RehearsedOutage) -> bool:
        """Whether every target is decided."""
        assert self.now is not None  # noqa: S101 - one is under way
        made = judge.judged(found.of, self.now.samples, [], found.seconds, self._targets())
        return next(target.met is True for target in made if target.name in ("drained", "devices_back"))

    def _sample(self, at: float) -> None:
        assert self.now is not None  # noqa: S101 - one is under way
        parts = self._parts
        queue, ready = queue_of(parts.journal.reads, parts.settings.gateway.sync_status), parts.ready()
        online = sum(view.online for view in parts.devices.views())
        self.now.samples.append(
            Sample(
                round(at, 1), queue.backlog, queue.state == "ok", ready.broker, ready.journal, online,
                self._metrics.server_errors,
            )
        )  # fmt: skip

    async def _judge(self, found: RehearsedOutage, targets: Targets) -> None:
        assert self.now is not None  # noqa: S101 - one is under way
        rides = await asyncio.to_thread(self._rides, found)
        made = judge.judged(found.of, self.now.samples, rides, found.seconds, targets)
        report = replace(self.now, over=True, seconds=found.seconds, rides=rides, targets=made)
        self.now = None
        with suppress(OSError):
            judge.keep(self._data, report)
        cuts.end(self._data)
        said: dict[str, Any] = {
            "rehearsal": report.id,
            "of": report.of,
            "targets": len(made),
            "seconds": report.seconds,
        }
        fact = RehearsalPassed(**said) if report.passed else RehearsalFailed(**said, missed=report.missed)
        log.warning("rehearsal.ended", rehearsal=report.id, passed=report.passed, missed=report.missed)
        with suppress(StorekeeperError):
            await self._parts.decide(record, fact)

    def _rides(self, found: RehearsedOutage) -> list[UnlockSample]:
        """By the journal: it knows all of them, whatever was killed meanwhile."""
        with closing(JournalReader(self._parts.journal.path)) as journal:
            last, entries = journal.last()[0], []
            place = max(0, last - 50_000)
            while page := journal.after(place, 2000):
                entries += [entry for entry in page if entry.wall_ms >= found.from_ms - 60_000]
                place = page[-1].sequence
        return judge.rides(entries, self._known, found.from_ms)

    def _keep(self) -> None:
        assert self.now is not None  # noqa: S101 - one is under way
        with suppress(OSError):
            judge.keep(self._data, self.now)

    def _targets(self) -> Targets:
        own = self._parts.settings.gateway.rehearsal
        return Targets(own.unlock_p99_ms / 1000, own.failed_percent / 100, float(own.drain_s), float(own.back_s))


def _shorter(found: RehearsedOutage, at: float) -> RehearsedOutage:
    """The cut as long as it was: somebody may have ended it early."""
    return replace(found, seconds=max(1, round(at))) if at < found.seconds else found
