"""What staff must see of the box: what went wrong with it and was not mended or noted since."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from edge.domain.box.facts import (
    BackupFailed,
    BackupMade,
    ReconciliationDiffered,
    RehearsalFailed,
    RehearsalPassed,
    SettingsApplied,
    SettingsRolledBack,
    TelemetryLost,
    UpdateInstalled,
    UpdateRolledBack,
    UpdateWaits,
    UpdateWanted,
)
from edge.domain.box.queries import Said, every, last, noted
from edge.domain.box.rules import words_of
from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.journal import Fact, Reads
from edge.journal.facts import StreamOpened


class Trouble(msgspec.Struct, frozen=True):
    """A fact that staff must see."""

    kind: str
    """Names the sentence, `[needs]` in the words; the fact's fields fill its gaps."""
    urgency: int
    ends: tuple[type[Fact], ...]
    """Facts about the same thing that end it."""
    action: str = "note_box"
    """What staff can do about it, an action of the staff page."""
    may_be_noted: bool = True
    """Whether it is over once somebody has seen it; otherwise only what ends it does."""


TROUBLES: Final[dict[type[Fact], Trouble]] = {
    ReconciliationDiffered: Trouble("reconciliation_differed", LOOK, ()),
    RehearsalFailed: Trouble("rehearsal_failed", LOOK, (RehearsalPassed,)),
    SettingsRolledBack: Trouble("settings_rolled_back", SOON, (SettingsApplied,)),
    UpdateRolledBack: Trouble("update_rolled_back", WHEN_FREE, (UpdateInstalled,)),
    UpdateWaits: Trouble("update_waits", SOON, (UpdateInstalled, UpdateRolledBack, UpdateWanted), "want_update"),
    TelemetryLost: Trouble("telemetry_lost", LOOK, ()),
    StreamOpened: Trouble("store_restored", SOON, ()),
    BackupFailed: Trouble("backup_failed", SOON, (BackupMade,)),
}


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """Each trouble that nothing has ended since."""
    return [
        _need(fact, said, trouble)
        for fact, trouble in TROUBLES.items()
        for said in every(reads, fact)
        if not _is_over(reads, fact, said, trouble)
    ]


def _is_over(reads: Reads, fact: type[Fact], said: Said[Any], trouble: Trouble) -> bool:
    about = getattr(said.fact, "about", "")
    ends = [found.place for end in trouble.ends if (found := last(reads, end, about))]
    if trouble.may_be_noted:
        ends.append(noted(reads, words_of(fact)[0], about))
    return any(place > said.place for place in ends)


def _need(fact: type[Fact], said: Said[Any], trouble: Trouble) -> Need:
    subject, happened = words_of(fact)
    about = getattr(said.fact, "about", "")
    return Need(
        id=f"box/{subject}/{about}/{happened}" if about else f"box/{subject}/{happened}",
        urgency=trouble.urgency,
        device="",
        kind=trouble.kind,
        since_ms=said.at_ms,
        details=msgspec.structs.asdict(said.fact) | {"subject": subject, "about": about},
        action=trouble.action if trouble.may_be_noted else None,
    )
