"""How links change the tables: `kin` says for each person whose things it also reaches, and since when.

What a person did keeps that person's id: links join persons, and no row of any person is rewritten. A link that staff
made reaches nothing that was deposited before it. Whoever asks for a member's things joins `kin`:

    JOIN kin k ON k.member=<the caller's> AND k.other=<the row's>            what all of a family share
    … AND <the row's place> > k.since                                        what lies behind doors
"""

from __future__ import annotations

import sqlite3
from typing import Final

from edge.domain.members.facts import MembersLinked, MembersParted
from edge.journal import Entry, Rows


def joined(rows: Rows, entry: Entry, fact: MembersLinked) -> None:
    """How a link changes the tables. Every phone of whoever was there before is told, unless it let the other in."""
    rows.run(
        "INSERT INTO links VALUES (?,?,?,?,?,?,?,?,?,NULL)",
        (
            entry.id.hex(),
            *(fact.member, fact.kin, fact.how, fact.session, fact.staff, fact.evidence),
            entry.wall_ms,
            entry.sequence,
        ),
    )
    if fact.how != "phone":
        rows.run(
            "INSERT OR IGNORE INTO notices SELECT other, ?1, ?2 FROM kin WHERE (member=?3 OR member=?4) AND other<>?4",
            (entry.id.hex(), entry.wall_ms, fact.kin, fact.member),
        )
    rows.run("DELETE FROM awaited WHERE member IN (?,?)", (fact.member, fact.kin))
    _relate(rows, {fact.member, fact.kin})


def parted(rows: Rows, entry: Entry, fact: MembersParted) -> None:
    """How a link's end changes the tables."""
    rows.run("UPDATE links SET parted_ms=? WHERE link=?", (entry.wall_ms, fact.link))
    _relate(rows, {fact.member, fact.kin})
    _awaits_again(rows, {fact.member, fact.kin})


def forget(rows: Rows, member: str) -> None:
    """A person is gone; those that were linked through it are linked no more."""
    others = {row[0] for row in rows.run("SELECT other FROM kin WHERE member=?", (member,))}
    rows.run("DELETE FROM links WHERE member=?1 OR kin=?1", (member,))
    rows.run("DELETE FROM notices WHERE member=?1 OR link NOT IN (SELECT link FROM links)", (member,))
    rows.run("DELETE FROM kin WHERE member=?1 OR other=?1", (member,))
    _relate(rows, others - {member})
    _awaits_again(rows, others - {member})


def _awaits_again(rows: Rows, people: set[str]) -> None:
    """Who waits for their number, and was taken for somebody by mistake, is forgotten in time as before."""
    for person in people:
        rows.run(
            "INSERT OR IGNORE INTO awaited SELECT member, registered_ms FROM members m WHERE member=? AND acted=0"
            " AND touchpoint IS NULL AND NOT EXISTS (SELECT 1 FROM imported i WHERE i.member=m.member)"
            " AND NOT EXISTS (SELECT 1 FROM kin k WHERE k.member=m.member AND k.other<>m.member)",
            (person,),
        )


Since = tuple[int, int | None]
"""After which entry things are reached, and when staff made the youngest link on the way."""
FIRM: Final[Since] = (0, None)


def _relate(rows: Rows, touched: set[str]) -> None:
    """Make `kin` anew for everybody who is or was linked with these."""
    people = set(touched)
    for person in touched:
        people |= {row[0] for row in rows.run("SELECT other FROM kin WHERE member=?", (person,))}
    marks = ",".join("?" * len(people))
    links = rows.run(
        f"SELECT member, kin, how, at_ms, place FROM links WHERE parted_ms IS NULL AND member IN ({marks})"  # noqa: S608
        f" AND kin IN ({marks})",
        (*people, *people),
    ).fetchall()
    for (one, other), since in _reach(people, links).items():
        rows.run("INSERT OR REPLACE INTO kin VALUES (?,?,?,?)", (one, other, *since))
    kept = _reach(people, links)
    for one in people:
        for other in people:
            if (one, other) not in kept:
                rows.run("DELETE FROM kin WHERE member=? AND other=?", (one, other))


def _reach(people: set[str], links: list[sqlite3.Row]) -> dict[tuple[str, str], Since]:
    """Who reaches whom, by the way whose youngest link of staff is the oldest."""
    reach: dict[tuple[str, str], Since] = {(person, person): FIRM for person in people}
    for one, other, how, at_ms, place in links:
        since = (place, at_ms) if how == "staff" else FIRM
        reach[one, other] = reach[other, one] = min(reach.get((one, other), since), since, key=_age)
    for via in sorted(people):
        for one in people:
            for other in people:
                if (one, via) in reach and (via, other) in reach:
                    way = max(reach[one, via], reach[via, other], key=_age)
                    reach[one, other] = min(reach.get((one, other), way), way, key=_age)
    return reach


def _age(since: Since) -> int:
    return since[0]
