"""What is asked of members: who they are, who is one with whom, what they agreed to, and what is theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from edge.domain.callers import Caller
from edge.domain.lockers.rules import THERE
from edge.domain.members.consent_texts import Purpose
from edge.domain.members.facts import CodeUsed, Reminder
from edge.domain.members.passes import LIFE_S, Pass
from edge.domain.members.rules import FIRM, LIFE_MS, NEW_MS, UNDO_MS, Consent, ErasureBlocker, Link, Session
from edge.domain.orders import queries as orders
from edge.domain.payments import queries as payments
from edge.errors import Refusal
from edge.journal import Reads


def is_new(reads: Reads, member: str, now: int) -> bool:
    """Whether somebody registered within `NEW_MS`, on whichever of their phones was the first."""
    first = reads.one(
        "SELECT min(m.registered_ms) AS at_ms FROM kin k JOIN members m ON m.member=k.other WHERE k.member=?", member
    )
    return first is not None and first["at_ms"] is not None and first["at_ms"] > now - NEW_MS


def exists(reads: Reads, member: str) -> bool:
    """Whether there is such a member."""
    return reads.one("SELECT 1 FROM members WHERE member=?", member) is not None


def require_member(reads: Reads, member: str) -> None:
    """Raises `Refusal` not_registered where there is no such member."""
    if not exists(reads, member):
        raise Refusal("not_registered")


def related(reads: Reads, member: str, other: str) -> bool:
    """Whether both are one person, or the same."""
    return reads.one("SELECT 1 FROM kin WHERE member=? AND other=?", member, other) is not None


def joined_firmly(reads: Reads, member: str, other: str) -> bool:
    """Whether both are one person without the word of staff, or the same."""
    return reads.one("SELECT 1 FROM kin WHERE member=? AND other=? AND staff_ms IS NULL", member, other) is not None


def family(reads: Reads, member: str) -> list[str]:
    """Everybody who is this person, itself first."""
    rows = reads.all("SELECT other FROM kin WHERE member=?1 ORDER BY other<>?1, other", member)
    return [row["other"] for row in rows]


def firm(reads: Reads, member: str, now: int) -> list[str]:
    """Those about whom this person may decide: a link that can still be taken back gives no such right."""
    rows = reads.all(
        f"SELECT k.other FROM kin k WHERE k.member=?1 AND {FIRM}",  # noqa: S608 - our own
        *(member, now - UNDO_MS),
    )
    return [row["other"] for row in rows]


def owner_of(reads: Reads, index: str, now: int, proof_ms: int) -> str | None:
    """Who proved that number last, not longer than `proof_ms` ago."""
    row = reads.one(
        "SELECT n.member, n.proven_ms FROM person_numbers p JOIN numbers n ON n.member=p.subject WHERE p.number=?"
        " ORDER BY n.place DESC LIMIT 1",
        index,
    )
    # A proof that seems to lie ahead is one whose age nobody knows.
    fresh = row is not None and 0 <= now - row["proven_ms"] <= proof_ms
    return str(row["member"]) if row is not None and fresh else None


def waiting_for(reads: Reads, index: str, since_ms: int) -> list[str]:
    """Persons with that number whom nobody ever acted for; not who typed it long ago: it may be another's now."""
    rows = reads.all(
        "SELECT m.member FROM person_numbers p JOIN members m ON m.member=p.subject WHERE p.number=?1 AND m.acted=0"
        " AND (m.touchpoint IS NULL OR m.named_ms>=?2)"
        " AND NOT EXISTS (SELECT 1 FROM kin k WHERE k.member=m.member AND k.other<>m.member) ORDER BY m.member",
        index,
        since_ms,
    )
    return [row["member"] for row in rows]


_SESSION: Final = "SELECT session, member, browser, agent, opened_ms, proven_ms FROM sessions "


def sessions_of(reads: Reads, caller: Caller, now: int) -> list[Session]:
    """The sessions that the caller may see and end, the newest first."""
    people = firm(reads, caller.member, now)
    marks = ",".join("?" * len(people))
    rows = reads.all(
        _SESSION + f"WHERE member IN ({marks}) AND opened_ms>? ORDER BY opened_ms DESC, session",
        *(*people, now - LIFE_MS),
    )
    return [Session(*row) for row in rows]


def phones_of(reads: Reads, member: str) -> list[Session]:
    """Returns the sessions of this person alone."""
    return [Session(*row) for row in reads.all(_SESSION + "WHERE member=?", member)]


def session(reads: Reads, session: str) -> Session | None:
    """The session of that name, while it lasts."""
    row = reads.one(_SESSION + "WHERE session=?", session)
    return Session(*row) if row else None


def session_at(reads: Reads, browser: str) -> Session | None:
    """The newest session of the browser of that name, while it lasts."""
    since = reads.now - LIFE_MS
    row = reads.one(
        _SESSION + "WHERE browser=? AND opened_ms>? ORDER BY opened_ms DESC, session LIMIT 1", browser, since
    )
    return Session(*row) if row else None


def alias_kinds(reads: Reads, member: str) -> list[str]:
    """Returns by what else this person alone is known."""
    return [row["kind"] for row in reads.all("SELECT kind FROM aliases WHERE member=? ORDER BY kind", member)]


def is_guest(reads: Reads, member: str) -> bool:
    """Whether this person never gave a number."""
    return reads.one("SELECT 1 FROM members WHERE member=? AND phone_sealed IS NULL", member) is not None


def lacking_consent(reads: Reads, member: str) -> Refusal | None:
    """Why this person may not use the service now; none where they may. Who left no number has nothing to agree to."""
    row = reads.one(_STATE, member, "service")
    if row is None or row["phone_sealed"] is None:
        return None
    state = _consent(row, "service")
    if state.current:
        return None
    return Refusal("consent_outdated" if state.given else "consent_missing", purpose="service", version=state.wanted)


def no_member(reads: Reads, member: str) -> Refusal | None:
    """Why this person may not do now what members alone may; none where they may. A guest left no number."""
    if not exists(reads, member) or is_guest(reads, member):
        return Refusal("not_registered")
    return lacking_consent(reads, member)


def consent(reads: Reads, member: str, purpose: Purpose) -> Consent:
    """Where a person stands with one purpose.

    Persons who became one want no news that one of them did not want: the narrower consent counts, also where the wider
    one is older. Persons whom nobody ever acted for have said nothing, nor have guests whom nobody asked.
    """
    if purpose == "marketing" and (rows := reads.all(_SAID, member, purpose)):
        said = [own_consent(reads, row["other"], purpose) for row in rows]
        return msgspec.structs.replace(said[0], given=all(each.given for each in said))
    return own_consent(reads, member, purpose)


_SAID: Final = """
SELECT k.other FROM kin k JOIN members m ON m.member=k.other AND m.acted
WHERE k.member=?1 AND (m.phone_sealed IS NOT NULL
    OR EXISTS (SELECT 1 FROM consents c WHERE c.member=m.member AND c.purpose=?2))
ORDER BY k.other<>?1, k.other
"""
"""Who of a person was asked, that member itself first."""


def own_consent(reads: Reads, member: str, purpose: Purpose) -> Consent:
    row = reads.one(_STATE, member, purpose)
    return _consent(row, purpose) if row else Consent(purpose, given=False, wanted=wanted_version(reads, purpose))


def wanted_version(reads: Reads, purpose: Purpose) -> str:
    """The version in force for a purpose; empty where no text is."""
    row = reads.one("SELECT coalesce(max(version), '') AS version FROM consent_texts WHERE purpose=?", purpose)
    return str(row["version"]) if row else ""


# Whoever registered before texts had versions agreed in the form itself.
_STATE: Final = """
SELECT m.phone_sealed, coalesce(c.given, iif(?2='service', m.service, m.marketing), 0) AS given,
    coalesce(c.version, m.consent_version, '') AS version, coalesce(c.at_ms, m.registered_ms) AS since_ms,
    (SELECT coalesce(max(version), '') FROM consent_texts WHERE purpose=?2) AS wanted
FROM members m LEFT JOIN consents c ON c.member=m.member AND c.purpose=?2 WHERE m.member=?1
"""


AGREES: Final = """
EXISTS (SELECT 1 FROM members m LEFT JOIN consents s ON s.member=m.member AND s.purpose='service'
    WHERE m.member=?1 AND (m.phone_sealed IS NULL OR coalesce(s.given, m.service)
    AND NOT EXISTS (SELECT 1 FROM consent_texts
        WHERE purpose='service' AND version > coalesce(s.version, m.consent_version, ''))))
"""
"""That the person `?1` lacks no consent to the service (`lacking_consent` says which), as part of another question."""


def _consent(row: sqlite3.Row, purpose: Purpose) -> Consent:
    return Consent(purpose, bool(row["given"]), row["version"], row["since_ms"], row["wanted"])


def holds(reads: Reads, family: Sequence[str]) -> tuple[ErasureBlocker, ...]:
    """What of these persons is in the store: carts that are out, parcels behind doors, paid goods to be fetched, money
    that is under way.
    """
    found: list[ErasureBlocker] = []
    for member in family:
        carts = reads.all("SELECT cart FROM carts WHERE member=? ORDER BY cart", member)
        found += [ErasureBlocker("cart", row["cart"]) for row in carts]
        parcels = reads.all(
            # What was emptied is out, though its door would open once more for a minute.
            f"SELECT bank, door FROM parcels WHERE member=? AND {THERE} AND state<>'emptied' ORDER BY bank, door",  # noqa: S608
            member,
        )
        found += [ErasureBlocker("parcel", row["bank"], row["door"]) for row in parcels]
    found += [ErasureBlocker("order", order.number) for order in orders.awaited_by(reads, family)]
    found += [ErasureBlocker("payment", each.payment[-4:].upper()) for each in payments.awaited_of(reads, family)]
    return tuple(found)


def erasure_asked_ms(reads: Reads, family: Sequence[str]) -> int | None:
    """Since when an erasure waits; none where none was asked."""
    found = [row["at_ms"] for row in reads.all("SELECT member, at_ms FROM erasures_asked") if row["member"] in family]
    return min(found, default=None)


def erased(reads: Reads) -> list[str]:
    """Everybody whom this journal calls erased, in order."""
    return [row["member"] for row in reads.all("SELECT member FROM erased ORDER BY place")]


def pass_owner(reads: Reads, shown: Pass) -> str:
    """Whose code it is, while it is good. Raises `Refusal`: code_unknown (its session is over), code_used."""
    row = reads.one(
        "SELECT p.member, p.used FROM passes p JOIN sessions s ON s.session=p.session WHERE p.pass=? AND s.opened_ms>?",
        *(shown.id, reads.now - LIFE_MS),
    )
    if row is None:
        raise Refusal("code_unknown")
    if shown.stamp <= row["used"]:
        raise Refusal("code_used")
    return str(row["member"])


def code_used(reads: Reads, shown: Pass, now: int, *, purpose: str, at: str) -> CodeUsed:
    """Returns the fact that uses a member's code up, for the decision that does what it was shown for: when that
    refuses, nothing is burned. Raises `Refusal`: code_unknown, code_used, code_expired.
    """
    if now - shown.stamp * 1000 > LIFE_S * 1000:
        raise Refusal("code_expired")  # it waited too long on its way here
    member = pass_owner(reads, shown)
    return CodeUsed(member=member, nonce=shown.nonce, stamp=shown.stamp, purpose=purpose, at=at, code_pass=shown.id)


_LINK: Final = "SELECT l.link, l.member, l.kin, l.how, l.staff, l.evidence, l.at_ms, l.parted_ms, "


def notices(reads: Reads, member: str, since_ms: int) -> list[Link]:
    """What a member's phones are told: who was let in by staff or by a number, the newest first."""
    rows = reads.all(
        _LINK + "coalesce(s.agent, '') FROM notices n JOIN links l ON l.link=n.link"
        " LEFT JOIN sessions s ON s.session=l.session"
        " WHERE n.member=? AND n.at_ms>=? ORDER BY n.at_ms DESC, l.link",
        member,
        since_ms,
    )
    return [Link(*row) for row in rows]


def confirmed_links(reads: Reads, since_ms: int) -> list[Link]:
    """What staff confirmed since then, and nobody proved or took back, the newest first."""
    rows = reads.all(
        _LINK + "coalesce(s.name, l.staff) FROM links l LEFT JOIN staff s ON s.staff=l.staff"
        " JOIN kin k ON k.member=l.member AND k.other=l.kin AND k.staff_ms IS NOT NULL"
        " WHERE l.how='staff' AND l.parted_ms IS NULL AND l.at_ms>=? ORDER BY l.at_ms DESC, l.link",
        since_ms,
    )
    return [Link(*row) for row in rows]


class Tag(msgspec.Struct, frozen=True):
    """What a code said of whoever scanned it."""

    tag: str
    touchpoint: str


def tags_of(reads: Reads, member: str) -> list[Tag]:
    """Returns the tags of a person, in the order of the alphabet."""
    rows = reads.all(
        "SELECT t.tag, min(t.touchpoint) FROM kin k JOIN member_tags t ON t.member=k.other"  # noqa: S608
        f" WHERE k.member=?1 AND {FIRM} GROUP BY t.tag ORDER BY t.tag",
        *(member, reads.now - UNDO_MS),
    )
    return [Tag(*row) for row in rows]


def tags_for_offers(reads: Reads, member: str) -> tuple[str, ...]:
    """Returns the tags that an offer may ask for: none of a person who does not want to be told of offers."""
    if not consent(reads, member, "marketing").given:
        return ()
    return tuple(each.tag for each in tags_of(reads, member))


def is_reminded(reads: Reads, member: str, about: Reminder) -> bool:
    """Whether a person is to be reminded of these things."""
    return reads.one(f"SELECT 1 WHERE {unreminded(about, '?1')}", member) is None


def switched_off(reads: Reads, member: str) -> list[str]:
    """Returns what this person alone wants no reminders of."""
    return [row["about"] for row in reads.all("SELECT about FROM reminders_off WHERE member=? ORDER BY about", member)]


def unreminded(about: Reminder, member: str) -> str:
    """What is true in SQL of a member, named by a column, who wants no reminders of these things."""
    return (
        "EXISTS (SELECT 1 FROM kin JOIN reminders_off o ON o.member=kin.other"  # noqa: S608 - our own
        f" WHERE kin.member={member} AND o.about='{about}')"
    )


class SealedNumber(msgspec.Struct, frozen=True):
    """A person's own number as the store keeps it."""

    index: str
    """Keyed blind index; empty where it is not kept any more."""
    sealed: str
    wrapped: bytes
    """The person's key, wrapped."""


def number_of(reads: Reads, member: str) -> SealedNumber | None:
    """Returns the number of a person who gave one, and whose key is there."""
    row = reads.one(
        "SELECT coalesce(p.number, ''), m.phone_sealed, k.wrapped FROM members m"
        " JOIN person_keys k ON k.subject=m.member LEFT JOIN person_numbers p ON p.subject=m.member"
        " WHERE m.member=? AND m.phone_sealed<>''",
        member,
    )
    return SealedNumber(*row) if row else None


def sealed_count(reads: Reads) -> int:
    """Returns how many numbers are kept sealed."""
    row = reads.one("SELECT count(*) AS n FROM members WHERE phone_sealed <> ''")
    return row["n"] if row else 0


def count(reads: Reads) -> int:
    """Returns how many members there are."""
    row = reads.one("SELECT count(*) AS n FROM members")
    return row["n"] if row else 0


class Member(msgspec.Struct, frozen=True):
    """A person as the table has them."""

    member: str
    language: str | None
    touchpoint: str | None
    """Where they registered."""
    registered_ms: int
    points: int | None
    """What the list said that they were taken over from; none where they were not."""
    card: bool | None
    """Whether their old card is known."""
    phones: int
    """How many browsers act for them."""


_MEMBER: Final = """
SELECT m.member, m.language, m.touchpoint, m.registered_ms, i.points, i.card,
    (SELECT count(*) FROM sessions s WHERE s.member=m.member)
FROM members m LEFT JOIN imported i ON i.member=m.member """


def member(reads: Reads, name: str) -> Member | None:
    """Returns one person."""
    row = reads.one(_MEMBER + "WHERE m.member=?", name)
    return Member(*row) if row else None


def newest(reads: Reads, limit: int) -> list[Member]:
    """Returns the members who registered last, the latest first."""
    return [Member(*row) for row in reads.all(_MEMBER + "ORDER BY m.registered_ms DESC, m.member LIMIT ?", limit)]


def scans_of(reads: Reads, member: str) -> int:
    """Returns how many scans of this person's browsers are still remembered."""
    row = reads.one(
        "SELECT count(*) AS n FROM scans WHERE visitor IN (SELECT browser FROM sessions WHERE member=?)", member
    )
    return row["n"] if row else 0
