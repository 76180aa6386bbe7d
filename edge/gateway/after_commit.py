"""What happens once facts are durable: their commands begin, and whoever waits or watches is told.

What each kind of fact brings about is looked up in tables that are made once, from what the nouns declare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from edge.domain.actuations import Actuation
from edge.domain.commands import DeviceCommand
from edge.domain.noun import Change, Noun, Part
from edge.gateway.effects import Effects
from edge.gateway.feed import ChangeFeed
from edge.gateway.outcomes import Outcomes
from edge.gateway.tracing import Traces
from edge.journal import Entry, Fact, Reads

log = structlog.get_logger(__name__)

Notice = Callable[[Any], None]
"""Takes a fact that concerns it."""
Follower = Callable[[Entry, Any], None]


class AfterCommit:
    """Follows each commit of the journal."""

    def __init__(
        self,
        nouns: Sequence[Noun],
        reads: Reads,
        effects: Effects,
        outcomes: Outcomes,
        feed: ChangeFeed,
        parts: Mapping[Part, Notice],
    ) -> None:
        self._reads = reads
        self._effects = effects
        self._outcomes = outcomes
        self._feed = feed
        self.traces: Traces | None = None
        """Who takes note of where an unlock spends its time."""
        self.commands: Counter[tuple[str, str]] = Counter()
        """How many commands ended how, by verb and outcome."""
        self._follow = self._followers(nouns, parts)
        self._watched = {fact: fields for noun in nouns for fact, fields in _watched(noun)}
        self._changes = {fact: change for noun in nouns for fact, change in noun.changes.items()}

    def __call__(self, placed: list[tuple[Entry, Fact]]) -> None:
        """Follow one commit. Never raises: a fact that cannot be followed is logged, and the others go on."""
        follow = self._follow
        for entry, fact in placed:
            follower = follow.get(type(fact))
            if follower is not None:
                self._guarded(follower, entry, fact)
        if self._feed.watched:
            for entry, fact in placed:
                self._guarded(self._tell, entry, fact)

    def _guarded(self, follower: Follower, entry: Entry, fact: Fact) -> None:
        try:
            follower(entry, fact)
        except Exception:  # one fact's; the commands of the others in its commit go out
            log.exception("fact.not_followed", sequence=entry.sequence, type=entry.type)

    def _followers(self, nouns: Sequence[Noun], parts: Mapping[Part, Notice]) -> dict[type[Fact], Follower]:
        notices: dict[type[Fact], list[Notice]] = {}
        follow: dict[type[Fact], Follower] = {}
        for noun in nouns:
            for part, facts in noun.notices.items():
                for fact in facts:
                    notices.setdefault(fact, []).append(parts[part])
        for fact, concerned in notices.items():
            follow[fact] = partial(self._notice, concerned)
        for noun in nouns:
            follow |= {fact: partial(self._begin, command) for fact, command in noun.commands.items()}
            for actuation in noun.actuations:
                follow[actuation.granted] = partial(self._grant, actuation)
                follow |= dict.fromkeys(actuation.ends, partial(self._end, actuation))
        return follow

    def _notice(self, concerned: Iterable[Notice], _: Entry, fact: Fact) -> None:
        for notice in concerned:
            notice(fact)

    def _begin(self, command: Callable[[Entry, Any], DeviceCommand], entry: Entry, fact: Fact) -> None:
        self._effects.begin(command(entry, fact))

    def _grant(self, actuation: Actuation, entry: Entry, fact: Any) -> None:
        command = actuation.command(entry, fact)
        self._outcomes.granted(command.id, getattr(fact, "member", None))
        if self.traces is not None:
            self.traces.granted(command.id, entry.wall_ms)
        self._effects.begin(command)

    def _end(self, actuation: Actuation, _: Entry, fact: Any) -> None:
        end = self._outcomes.ended(actuation, fact)
        self.commands[actuation.verb, end.reason or "done"] += 1
        if self.traces is not None:
            about = {"hop": end.hop or "", "reason": end.reason or ""}
            self.traces.ended(end.grant, actuation.verb, end.device, end.stage, about)

    def _tell(self, entry: Entry, fact: Fact) -> None:
        tell = self._feed.tell
        tell(Change("entry", str(entry.sequence)))
        for field, kind in self._watched[type(fact)]:
            if name := getattr(fact, field):
                tell(Change(kind, name))
        if (more := self._changes.get(type(fact))) is not None:
            for change in more(self._reads, fact):
                tell(change)


def _watched(noun: Noun) -> Iterable[tuple[type[Fact], tuple[tuple[str, Any], ...]]]:
    """The watched fields that each fact has; grants before devices, as who waits for one also sees the other."""
    fields = sorted(noun.watched.items(), key=lambda item: item[1], reverse=True)
    for fact in noun.facts:
        yield fact, tuple((field, kind) for field, kind in fields if field in fact.__struct_fields__)
