"""Who may take an umbrella, and how each comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from edge.domain.actuations import Actuation
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.commands import DeviceCommand
from edge.domain.endings import Hop, How
from edge.domain.members.queries import exists, lacking_consent
from edge.journal import Entry, Tx, id_text
from umbrella_stand import queries
from umbrella_stand.facts import (
    UmbrellaFreed,
    UmbrellaLapsed,
    UmbrellaLent,
    UmbrellaReturned,
    UmbrellaRules,
    UmbrellaRulesSet,
    UmbrellaSeen,
    UmbrellaShown,
    UmbrellaStuck,
)

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over what the settings say; only what differs becomes a fact."""
    wanted: UmbrellaRules = settings.tables["umbrellas"]
    if queries.rules(tx) != wanted:
        tx.emit(UmbrellaRulesSet(wanted))


@asked_by(Proof.DEVICE)
def lend(tx: Tx, *, stand: str, caller: Caller, request: str) -> str:
    """Lend a member an umbrella of this stand. Returns the id of the grant; the same request gets the same one.

    Refuses: not_registered, consent_missing, consent_outdated, umbrellas.have_one, umbrellas.none_left.
    """
    earlier = tx.one("SELECT grant_id, member FROM umbrella_loans WHERE request=?", request)
    if earlier is not None:
        if earlier["member"] != caller.member:
            raise tx.refuse("bad_request", request=request)
        return str(earlier["grant_id"])
    if not exists(tx, caller.member):
        raise tx.refuse("not_registered")
    if (lacking := lacking_consent(tx, caller.member)) is not None:
        raise lacking
    if (loan := queries.loan_of(tx, caller.member)) is not None:
        raise tx.refuse("umbrellas.have_one", door=loan.door)
    places = queries.free(tx, stand)
    if not places:
        raise tx.refuse("umbrellas.none_left", stand=stand)
    lent = UmbrellaLent(stand=stand, door=places[0], member=caller.member, request=request, fence=_fence(tx))
    return id_text(tx.emit(lent))


def _fence(tx: Tx) -> int:
    """Above every earlier one, also of a box that this one replaces."""
    return tx.fence_floor + tx.now // 1000


def _on_done(tx: Tx, row: sqlite3.Row, how: How) -> None:
    tx.emit(UmbrellaFreed(grant=row["grant_id"], stand=row["stand"], door=row["door"], outcome=how))
    if screen := queries.rules(tx).screen:
        tx.emit(UmbrellaShown(screen=screen, door=row["door"], fence=_fence(tx)))


UNLOCK: Final = Actuation(
    verb="unlock",
    device="stand",
    args=("door",),
    granted=UmbrellaLent,
    done=UmbrellaFreed,
    failed=UmbrellaStuck,
    lapsed=UmbrellaLapsed,
    select="SELECT g.* FROM umbrella_loans g WHERE",
    done_stage="unlocked",
    on_done=_on_done,
    progress=queries.progress,
)


def show(entry: Entry, fact: UmbrellaShown) -> DeviceCommand:
    """What the screen at the stand is told."""
    scene = {"type": "umbrella", "door": fact.door}
    return DeviceCommand(id_text(entry.id), fact.screen, "show", {"scene": scene}, fact.fence, settle_show, 2000)


@asked_by("machine")
def settle_show(tx: Tx, command: str, outcome: str, reason: str | None, hop: Hop) -> None:
    """A scene that was not shown is nothing to record."""


@asked_by("machine")
def on_state(tx: Tx, device: str, parts: Mapping[str, Any]) -> bool:
    """Take over which places hold an umbrella. Returns whether that was new."""
    places = {door: bool(seen.get("occupied")) for door, seen in parts.items()}
    rows = tx.all("SELECT door, there FROM umbrella_places WHERE stand=?", device)
    known = {row["door"]: bool(row["there"]) for row in rows}
    new = {door: there for door, there in places.items() if known.get(door) != there}
    if new:
        tx.emit(UmbrellaSeen(stand=device, places=new))
    return bool(new)


@asked_by("machine")
def on_event(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> None:
    """An umbrella was put back."""
    if event != "umbrella_returned":
        return
    row = tx.one(
        "SELECT grant_id, door FROM umbrella_loans WHERE stand=? AND door=? AND state='unlocked' AND back_ms IS NULL",
        device,
        data.get("door"),
    )
    if row is not None:
        tx.emit(UmbrellaReturned(grant=row["grant_id"], stand=device, door=row["door"]))
