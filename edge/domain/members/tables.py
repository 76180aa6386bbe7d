"""How each fact changes the tables of members, their sessions, consents and passes."""

from __future__ import annotations

from typing import Final

from edge.domain.members.facts import (
    AliasGone,
    AliasProven,
    BirthdayForgotten,
    BirthdayNamed,
    CodeUsed,
    ConsentGiven,
    ConsentTextPublished,
    ConsentWithdrawn,
    ErasureAsked,
    ErasureDropped,
    GuestCame,
    LoginLinkUsed,
    MemberAwaited,
    MemberErased,
    MemberImported,
    MemberRecognised,
    MemberRegistered,
    MembersLinked,
    MembersParted,
    MemberTagged,
    NumberProven,
    PassIssued,
    ReminderSwitched,
    SessionEnded,
    SessionOpened,
    SessionPassIssued,
)
from edge.domain.members.family_tables import forget, joined, parted
from edge.domain.members.rules import DAY_MS
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE members (
    member TEXT PRIMARY KEY, phone_sealed TEXT, language TEXT, service INTEGER,
    marketing INTEGER, consent_version TEXT, touchpoint TEXT, request TEXT, acted INTEGER,
    registered_ms INTEGER, named_ms INTEGER) STRICT;
CREATE INDEX guests_by ON members (request) WHERE phone_sealed IS NULL;
CREATE TABLE links (
    link TEXT PRIMARY KEY, member TEXT, kin TEXT, how TEXT, session TEXT, staff TEXT, evidence TEXT, at_ms INTEGER,
    place INTEGER, parted_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX links_of ON links (kin);
CREATE INDEX links_by ON links (member);
CREATE TABLE kin (
    member TEXT, other TEXT, since INTEGER, staff_ms INTEGER, PRIMARY KEY (member, other)) STRICT, WITHOUT ROWID;
CREATE INDEX kin_of ON kin (other);
CREATE TABLE notices (
    member TEXT, link TEXT, at_ms INTEGER, PRIMARY KEY (member, link)) STRICT, WITHOUT ROWID;
CREATE TABLE aliases (member TEXT, kind TEXT, place INTEGER, PRIMARY KEY (member, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE used_links (link TEXT PRIMARY KEY, browser TEXT, until_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE birthdays (member TEXT PRIMARY KEY, named_ms INTEGER, there INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE numbers (member TEXT PRIMARY KEY, proven_ms INTEGER, place INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE imported (member TEXT PRIMARY KEY, card INTEGER, points INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    session TEXT PRIMARY KEY, member TEXT, browser TEXT, agent TEXT, opened_ms INTEGER,
    proven_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions (member);
CREATE INDEX sessions_at ON sessions (browser);
CREATE INDEX sessions_since ON sessions (opened_ms);
CREATE TABLE consent_texts (text TEXT PRIMARY KEY, purpose TEXT, version TEXT, digest TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE consents (
    member TEXT, purpose TEXT, given INTEGER, version TEXT, at_ms INTEGER, PRIMARY KEY (member, purpose))
    STRICT, WITHOUT ROWID;
CREATE TABLE member_tags (member TEXT, tag TEXT, touchpoint TEXT, PRIMARY KEY (member, tag)) STRICT, WITHOUT ROWID;
CREATE TABLE awaited (member TEXT PRIMARY KEY, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE reminders_off (member TEXT, about TEXT, PRIMARY KEY (member, about)) STRICT, WITHOUT ROWID;
CREATE TABLE erasures_asked (member TEXT PRIMARY KEY, by TEXT, request TEXT, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE erased (member TEXT PRIMARY KEY, place INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE passes (pass TEXT PRIMARY KEY, member TEXT, session TEXT, used INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX passes_of ON passes (session);
"""


def _registered(rows: Rows, entry: Entry, fact: MemberRegistered) -> None:
    rows.run(
        "INSERT INTO members VALUES (?1,?2,?3,?4,?5,?6,?7,?8,0,?9,?9)",
        (
            fact.member,
            fact.phone_sealed,
            fact.language,
            fact.consents.service,
            fact.consents.marketing,
            fact.consents.version,
            fact.touchpoint,
            fact.request,
            entry.wall_ms,
        ),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))


def _recognised(rows: Rows, entry: Entry, fact: MemberRecognised) -> None:
    rows.run(
        "UPDATE members SET language=?, marketing=?, consent_version=?, request=?, named_ms=? WHERE member=?",
        (
            *(fact.language, fact.consents.marketing, fact.consents.version, fact.request),
            *(entry.wall_ms, fact.member),
        ),
    )


def _proven(rows: Rows, entry: Entry, fact: NumberProven) -> None:
    rows.run("INSERT OR REPLACE INTO numbers VALUES (?,?,?)", (fact.member, entry.wall_ms, entry.sequence))
    rows.run("UPDATE sessions SET proven_ms=? WHERE session=?", (entry.wall_ms, fact.session))


def _named(rows: Rows, entry: Entry, fact: AliasProven) -> None:
    rows.run("INSERT OR REPLACE INTO aliases VALUES (?,?,?)", (fact.member, fact.kind, entry.sequence))


def _unnamed(rows: Rows, _: Entry, fact: AliasGone) -> None:
    rows.run("DELETE FROM aliases WHERE member=? AND kind=?", (fact.member, fact.kind))


def _birthday(rows: Rows, entry: Entry, fact: BirthdayNamed) -> None:
    rows.run("INSERT OR REPLACE INTO birthdays VALUES (?,?,1)", (fact.member, entry.wall_ms))


def _no_birthday(rows: Rows, _: Entry, fact: BirthdayForgotten) -> None:
    rows.run("UPDATE birthdays SET there=0 WHERE member=?", (fact.member,))


def _unseen(rows: Rows, entry: Entry, fact: MemberAwaited | MemberImported) -> None:
    rows.run(
        "INSERT INTO members (member, phone_sealed, service, marketing, acted, registered_ms, named_ms)"
        " VALUES (?1,?2,0,0,0,?3,?3)",
        (fact.member, fact.phone_sealed, entry.wall_ms),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))
    if isinstance(fact, MemberImported):
        rows.run("INSERT INTO imported VALUES (?,?,?)", (fact.member, fact.card, fact.points))
    else:
        rows.run("INSERT INTO awaited VALUES (?,?)", (fact.member, entry.wall_ms))


def _link_used(rows: Rows, entry: Entry, fact: LoginLinkUsed) -> None:
    rows.run("DELETE FROM used_links WHERE until_ms<?", (entry.wall_ms - DAY_MS,))
    rows.run("INSERT OR IGNORE INTO used_links VALUES (?,?,?)", (fact.link, fact.browser, fact.until_ms))


def _opened(rows: Rows, entry: Entry, fact: SessionOpened) -> None:
    rows.run(
        "INSERT INTO sessions VALUES (?,?,?,?,?,NULL)",
        (fact.session, fact.member, fact.browser, fact.agent, entry.wall_ms),
    )
    rows.run("UPDATE members SET acted=1 WHERE member=?", (fact.member,))


def _ended(rows: Rows, _: Entry, fact: SessionEnded) -> None:
    rows.run("DELETE FROM sessions WHERE session=?", (fact.session,))
    rows.run("DELETE FROM passes WHERE session=?", (fact.session,))


def _came(rows: Rows, entry: Entry, fact: GuestCame) -> None:
    rows.run(
        "INSERT INTO members"
        " (member, language, service, marketing, touchpoint, request, acted, registered_ms, named_ms)"
        " VALUES (?1,?2,0,0,?3,?4,1,?5,?5)",
        (fact.member, fact.language, fact.touchpoint, fact.request, entry.wall_ms),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))


def _published(rows: Rows, _: Entry, fact: ConsentTextPublished) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consent_texts VALUES (?,?,?,?)", (fact.text, fact.purpose, fact.version, fact.digest)
    )


def _gave(rows: Rows, entry: Entry, fact: ConsentGiven) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consents VALUES (?,?,1,?,?)", (fact.member, fact.purpose, fact.version, entry.wall_ms)
    )


def _withdrew(rows: Rows, entry: Entry, fact: ConsentWithdrawn) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consents VALUES (?,?,0,?,?)", (fact.member, fact.purpose, fact.version, entry.wall_ms)
    )
    if fact.purpose == "marketing":
        rows.run("DELETE FROM member_tags WHERE member=?", (fact.member,))


def _tagged(rows: Rows, _: Entry, fact: MemberTagged) -> None:
    rows.run("INSERT OR IGNORE INTO member_tags VALUES (?,?,?)", (fact.member, fact.tag, fact.touchpoint))


def _switched(rows: Rows, _: Entry, fact: ReminderSwitched) -> None:
    how = (
        "DELETE FROM reminders_off WHERE member=? AND about=?"
        if fact.wanted
        else ("INSERT OR IGNORE INTO reminders_off VALUES (?,?)")
    )
    rows.run(how, (fact.member, fact.about))


OF_PERSONS: Final = (
    "members", "sessions", "passes", "numbers", "imported", "consents", "erasures_asked", "aliases", "birthdays",
    "member_tags", "reminders_off", "awaited",
)  # fmt: skip
"""What is forgotten with a person."""


def _erased(rows: Rows, entry: Entry, fact: MemberErased) -> None:
    forget(rows, fact.member)
    for table in OF_PERSONS:
        rows.run(f"DELETE FROM {table} WHERE member=?", (fact.member,))  # noqa: S608 - our own tables
    rows.run("INSERT OR IGNORE INTO erased VALUES (?,?)", (fact.member, entry.sequence))


def _asked(rows: Rows, entry: Entry, fact: ErasureAsked) -> None:
    asked = (fact.member, fact.by, fact.request, entry.wall_ms)
    rows.run("INSERT OR IGNORE INTO erasures_asked VALUES (?,?,?,?)", asked)


def _dropped(rows: Rows, _: Entry, fact: ErasureDropped) -> None:
    rows.run("DELETE FROM erasures_asked WHERE member=?", (fact.member,))


def _issued(rows: Rows, _: Entry, fact: PassIssued | SessionPassIssued) -> None:
    session = fact.session if isinstance(fact, SessionPassIssued) else ""
    if session:
        rows.run("DELETE FROM passes WHERE session=?", (session,))
    rows.run("INSERT OR REPLACE INTO passes VALUES (?,?,?,0)", (fact.code_pass, fact.member, session))


def _used(rows: Rows, _: Entry, fact: CodeUsed) -> None:
    which, name = ("pass", fact.code_pass) if fact.code_pass else ("member", fact.member)
    rows.run(f"UPDATE passes SET used=max(used, ?) WHERE {which}=?", (fact.stamp, name))  # noqa: S608 - two names


APPLIES: Final[Applies] = {
    MemberRegistered: _registered,
    MemberRecognised: _recognised,
    MembersLinked: joined,
    MembersParted: parted,
    NumberProven: _proven,
    AliasProven: _named,
    BirthdayNamed: _birthday,
    BirthdayForgotten: _no_birthday,
    AliasGone: _unnamed,
    MemberAwaited: _unseen,
    MemberImported: _unseen,
    SessionOpened: _opened,
    LoginLinkUsed: _link_used,
    SessionEnded: _ended,
    GuestCame: _came,
    ConsentTextPublished: _published,
    ConsentGiven: _gave,
    ConsentWithdrawn: _withdrew,
    MemberTagged: _tagged,
    ReminderSwitched: _switched,
    ErasureAsked: _asked,
    ErasureDropped: _dropped,
    MemberErased: _erased,
    PassIssued: _issued,
    SessionPassIssued: _issued,
    CodeUsed: _used,
}
