"""What needs a hand of staff now: what the nouns see in the tables, and what is only in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from edge.domain.needs import Need, Source, collect
from edge.domain.noun import Noun
from edge.journal import Reads

log = structlog.get_logger(__name__)


class StaffNeeds:
    """Asks everybody who may need something."""

    def __init__(self, nouns: Sequence[Noun], reads: Reads, in_memory: Sequence[Callable[[int], list[Need]]]) -> None:
        self._nouns = [_by_itself(noun.name, source) for noun in nouns for source in noun.needs]
        self._in_memory = in_memory
        self._reads = reads

    def by_tables(self, now: int) -> list[Need]:
        """Returns what the tables show at `now` (wall ms), the most urgent first."""
        return collect(self._nouns, self._reads, now)

    def all(self, now: int) -> list[Need]:
        """Returns also what this process alone has seen, such as requests beyond the bounds."""
        in_memory = [lambda _, moment, needs=needs: needs(moment) for needs in self._in_memory]
        return collect((*self._nouns, *in_memory), self._reads, now)


def _by_itself(noun: str, source: Source) -> Source:
    """A noun that cannot say what it needs keeps nobody from seeing what the others do."""

    def ask(reads: Reads, now: int) -> list[Need]:
        try:
            return source(reads, now)
        except Exception:  # whatever it is: the board is how staff would learn of it
            log.exception("needs.failed", noun=noun)
            return []

    return ask
