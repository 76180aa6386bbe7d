"""What happens when the journal's file is damaged: it is made whole, or the store says so; it never begins anew."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from edge.domain.needs import NOW, Need
from edge.domain.noun import Metric, Noun
from edge.errors import JournalDamaged
from edge.journal import Projections
from operations.retention.repair import NotRepaired, end_old, put_in_place, repair
from operations.retention.soundness import acknowledged, at_start, each_hour, ends_early

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from edge.journal.journal import Journal
    from operations.retention.repair import Fetch

log = structlog.get_logger(__name__)

FIRST_S: Final = 5.0
"""The whole file is looked at once shoppers are served."""
HOUR_S: Final = 3600.0


def doubt(journal: Path, why: str) -> None:
    """Whoever opens the journal next looks at all of it first."""
    with suppress(OSError):
        _mark(journal).write_text(why, encoding="utf-8")


def recover(journal: Path, status: Path, nouns: Sequence[Noun], fetch: Fetch | None = None) -> bool:
    """Make a journal whole before it is opened. Returns whether it had to be. Raises `JournalDamaged` with a sentence.

    `status` is what sync tells of the cloud.
    """
    end_old(journal)
    placed = put_in_place(journal)
    said = at_start(journal, status)
    if not said and _mark(journal).exists():
        said = each_hour(journal)
    if said:
        log.critical("journal.damaged", said=said)
        doubt(journal, said)
        try:
            repair(journal, Projections(nouns), fetch, acknowledged(status))
        except NotRepaired as error:
            raise JournalDamaged(f"{said}; {error}") from error
        placed = put_in_place(journal)
    elif fetch is not None and (early := ends_early(journal, status)):
        placed = _complete(journal, early, status, nouns, fetch) or placed
    _mark(journal).unlink(missing_ok=True)
    return placed


def _complete(journal: Path, said: str, status: Path, nouns: Sequence[Noun], fetch: Fetch) -> bool:
    """Fetch a lost end. Without the cloud the store opens all the same: sync tells later that two histories began."""
    log.critical("journal.ends_early", said=said)
    try:
        repair(journal, Projections(nouns), fetch, acknowledged(status))
    except NotRepaired as error:
        log.critical("journal.not_completed", error=str(error), then="storekeeper restore --here")
        return False
    return put_in_place(journal, keep=False)


class SoundnessWatch:
    """One task beside the caretaker: looks at the whole file soon after the start, and each hour."""

    def __init__(
        self,
        journal: Journal,
        status: Path,
        fetch: Fetch | None = None,
        first_s: float = FIRST_S,
        pause_s: float = HOUR_S,
    ) -> None:
        self._journal, self._status, self._fetch = journal, status, fetch
        self._first_s, self._pause_s = first_s, pause_s
        self._since_ms = 0
        self.looked_s = 0.0
        """How long the last look took, seconds."""

    async def run(self) -> None:
        """Until it is cancelled."""
        await asyncio.sleep(self._first_s)
        while True:
            await self.look()
            await asyncio.sleep(self._pause_s)

    async def look(self) -> str:
        """Returns what is wrong, "" where nothing is. Nothing is recorded then, and a whole copy is put together.

        Where that is possible, the gateway ends, and begins again with it.
        """
        began = time.monotonic()
        end_old(self._journal.path)
        said = self._journal.damaged or await asyncio.to_thread(each_hour, self._journal.path)
        self.looked_s = time.monotonic() - began
        if not said:
            return ""
        log.critical("journal.damaged", said=said)
        self._journal.refuse(said)
        doubt(self._journal.path, said)
        await asyncio.sleep(0.1)  # what is being flushed is on the disk
        try:
            at_least = acknowledged(self._status)
            await asyncio.to_thread(repair, self._journal.path, self._journal.nouns, self._fetch, at_least)
        except NotRepaired as error:
            log.critical("journal.not_repaired", error=str(error), then="storekeeper restore")
        else:
            self._journal.pulse.broken.set()
        return said

    def needs(self, now_ms: int) -> list[Need]:
        """What staff must see."""
        if not self._journal.damaged:
            return []
        self._since_ms = self._since_ms or now_ms
        return [Need("journal", NOW, "", "journal_damaged", self._since_ms, {"said": self._journal.damaged})]

    def metrics(self) -> Iterable[Metric]:
        """The file's figures."""
        damaged = int(bool(self._journal.damaged))
        yield Metric("storekeeper_journal_damaged", "Whether the journal's file is not what was written", {(): damaged})
        took = "How long the last look at all of it took"
        yield Metric("storekeeper_journal_check_seconds", took, {(): self.looked_s})


def _mark(journal: Path) -> Path:
    return journal.with_name(f"{journal.name}.doubted")
