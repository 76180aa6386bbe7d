"""What a member wants to be reminded of: everything, until they switch a kind of it off."""

from __future__ import annotations

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members.facts import Reminder, ReminderSwitched
from edge.domain.members.queries import firm, require_member
from edge.journal import Tx


@asked_by(Proof.DEVICE)
def switch(tx: Tx, *, caller: Caller, about: Reminder, wanted: bool) -> None:
    """Remind the caller of these things, or no more, whichever of their phones asks. Refuses: not_registered."""
    require_member(tx, caller.member)
    for person in firm(tx, caller.member, tx.now):
        off = tx.one("SELECT 1 FROM reminders_off WHERE member=? AND about=?", person, about) is not None
        if off is wanted:
            tx.emit(ReminderSwitched(member=person, about=about, wanted=wanted))
