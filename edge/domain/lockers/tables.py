"""How each fact of the locker banks changes the tables of doors, parcels and openings."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.lockers.facts import (
    LockerBackInOrder,
    LockerCodeRefused,
    LockerDoorAdded,
    LockerDoorRemoved,
    LockerHeard,
    LockerOpened,
    LockerOpenFailed,
    LockerOpenGranted,
    LockerOpenLapsed,
    LockerOutOfOrder,
    LockerRulesSet,
    LockerScanRefused,
    LockerSeen,
    LockerSilent,
    LockerTrouble,
    LockerTroubleOver,
    ParcelBegun,
    ParcelFeeDue,
    ParcelMoved,
    ParcelReminderDue,
    ParcelShared,
    ParcelShareEnded,
)
from edge.domain.lockers.rules import ENDED, HOUR_MS
from edge.journal import Applies, Entry, Rows, id_text

SCHEMA: Final = """
CREATE TABLE locker_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE doors (
    bank TEXT, door TEXT, size TEXT, low INTEGER, parcel TEXT, opening TEXT, fence INTEGER,
    lock TEXT, shut TEXT, occupied INTEGER, opened_ms INTEGER, closed_ms INTEGER, unasked INTEGER,
    fault TEXT, fault_ms INTEGER, out_of_order TEXT, out_by TEXT, out_ms INTEGER,
    was_lock TEXT, was_shut TEXT, was_occupied INTEGER, unheard INTEGER,
    PRIMARY KEY (bank, door)) STRICT, WITHOUT ROWID;
CREATE TABLE doors_away (
    bank TEXT, door TEXT, out_of_order TEXT, out_by TEXT, out_ms INTEGER,
    PRIMARY KEY (bank, door)) STRICT, WITHOUT ROWID;
CREATE TABLE parcels (
    parcel TEXT PRIMARY KEY, bank TEXT, door TEXT, size TEXT, member TEXT, filler TEXT, order_ref TEXT, state TEXT,
    seed TEXT UNIQUE, begun_ms INTEGER, changed_ms INTEGER, due_ms INTEGER, reminded INTEGER, owed INTEGER,
    slip TEXT, place INTEGER, adviser TEXT, fee INTEGER, fee_most INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX parcels_of ON parcels (member) WHERE state NOT IN ('cancelled', 'collected', 'cleared');
CREATE TABLE parcel_codes (seed TEXT PRIMARY KEY, parcel TEXT, shared INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX codes_of ON parcel_codes (parcel);
CREATE TABLE openings (
    grant_id TEXT PRIMARY KEY, bank TEXT, door TEXT, why TEXT, by TEXT, parcel TEXT, member TEXT, request TEXT UNIQUE,
    state TEXT, hop TEXT, reason TEXT, observed INTEGER, granted_ms INTEGER, ended_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX open_openings ON openings (state) WHERE state='granted';
CREATE INDEX good_openings ON openings (bank, ended_ms) WHERE state='opened';
CREATE TABLE locker_troubles (
    bank TEXT, door TEXT, trouble TEXT, since_ms INTEGER, PRIMARY KEY (bank, door, trouble)) STRICT, WITHOUT ROWID;
CREATE TABLE wrong_codes (
    bank TEXT, place TEXT, wrong INTEGER, last_ms INTEGER, until_ms INTEGER, PRIMARY KEY (bank, place)) STRICT;
CREATE INDEX wrong_codes_of_late ON wrong_codes (last_ms);
"""

ENDS: Final = (
    """WITH successes AS MATERIALIZED (
            SELECT bank, max(ended_ms) AS last FROM openings WHERE state='opened' GROUP BY bank)
        DELETE FROM openings WHERE ended_ms<=?1 AND state<>'granted'
        AND grant_id NOT IN (SELECT opening FROM doors WHERE opening IS NOT NULL)
        AND ended_ms < (SELECT last FROM successes s WHERE s.bank=openings.bank)""",
)
"""Openings that are over. Each door's last one stays, each bank's last success, and everything of parcels."""


def _rules_set(rows: Rows, _: Entry, fact: LockerRulesSet) -> None:
    rows.run("INSERT OR REPLACE INTO locker_rules VALUES (1,?)", (msgspec.json.encode(fact.rules).decode(),))


def _door_added(rows: Rows, _: Entry, fact: LockerDoorAdded) -> None:
    # One that comes back to a parcel that was being put in or taken out: its sensors are waited for; one that staff
    # took out of use stays so.
    rows.run(
        "INSERT INTO doors SELECT ?1,?2,?3,?4,p.parcel,"
        " NULL,0,'unknown','unknown',NULL,NULL,NULL,0,NULL,NULL,a.out_of_order,a.out_by,a.out_ms,NULL,NULL,NULL,"
        " coalesce(p.state IN ('filling', 'taking', 'clearing'), 0)"
        " FROM (SELECT 1) LEFT JOIN parcels p ON p.bank=?1 AND p.door=?2"
        " AND p.state NOT IN ('cancelled', 'collected', 'cleared')"
        " LEFT JOIN doors_away a ON a.bank=?1 AND a.door=?2 WHERE true"
        " ON CONFLICT (bank, door) DO UPDATE SET size=excluded.size, low=excluded.low",
        (fact.bank, fact.door, fact.size, fact.low),
    )
    rows.run("DELETE FROM doors_away WHERE bank=? AND door=?", (fact.bank, fact.door))


def _door_removed(rows: Rows, _: Entry, fact: LockerDoorRemoved) -> None:
    rows.run(
        "INSERT INTO doors_away SELECT bank, door, out_of_order, out_by, out_ms FROM doors"
        " WHERE bank=? AND door=? AND out_of_order IS NOT NULL",
        (fact.bank, fact.door),
    )
    rows.run("DELETE FROM doors WHERE bank=? AND door=?", (fact.bank, fact.door))
    rows.run("DELETE FROM locker_troubles WHERE bank=? AND door=?", (fact.bank, fact.door))


def _begun(rows: Rows, entry: Entry, fact: ParcelBegun) -> None:
    parcel, now = id_text(entry.id), entry.wall_ms
    rows.run(
        "INSERT INTO parcels SELECT ?,?,?,?,?,?,?,'reserved',?,?,?,NULL,0,0,?,?,?,"
        # What is agreed now holds for this parcel, whatever is agreed later.
        " coalesce(json_extract(r.rules, '$.fee'), 0), coalesce(json_extract(r.rules, '$.fee_most'), 0)"
        " FROM (SELECT 1) LEFT JOIN locker_rules r",
        (
            parcel,
            *(fact.bank, fact.door, fact.size, fact.member, fact.filler, fact.order, fact.seed),
            now,
            now,
            fact.slip,
            entry.sequence,
            fact.adviser,
        ),
    )
    rows.run("INSERT INTO parcel_codes VALUES (?,?,0)", (fact.seed, parcel))
    rows.run("UPDATE doors SET parcel=? WHERE bank=? AND door=?", (parcel, fact.bank, fact.door))


def _moved(rows: Rows, entry: Entry, fact: ParcelMoved) -> None:
    rows.run(
        "UPDATE parcels SET state=?, changed_ms=?, due_ms=coalesce(due_ms, ?) WHERE parcel=?",
        (fact.state, entry.wall_ms, fact.due_ms, fact.parcel),
    )
    if fact.state in ENDED:
        rows.run("UPDATE doors SET parcel=NULL WHERE parcel=?", (fact.parcel,))
    else:
        rows.run(
            "UPDATE doors SET parcel=?, unasked=iif(?, 0, unasked) WHERE bank=? AND door=?",
            (fact.parcel, fact.event == "vouched", fact.bank, fact.door),
        )


def _reminded(rows: Rows, _: Entry, fact: ParcelReminderDue) -> None:
    rows.run("UPDATE parcels SET reminded=? WHERE parcel=?", (fact.number, fact.parcel))


def _fee_due(rows: Rows, _: Entry, fact: ParcelFeeDue) -> None:
    rows.run("UPDATE parcels SET owed=? WHERE parcel=?", (fact.amount, fact.parcel))


def _shared(rows: Rows, _: Entry, fact: ParcelShared) -> None:
    rows.run("INSERT INTO parcel_codes VALUES (?,?,1)", (fact.seed, fact.parcel))


def _share_ended(rows: Rows, _: Entry, fact: ParcelShareEnded) -> None:
    rows.run("DELETE FROM parcel_codes WHERE parcel=? AND shared", (fact.parcel,))


def _granted(rows: Rows, entry: Entry, fact: LockerOpenGranted) -> None:
    grant = id_text(entry.id)
    rows.run(
        "INSERT INTO openings VALUES (?,?,?,?,?,?,?,?,'granted',NULL,NULL,0,?,NULL)",
        (grant, fact.bank, fact.door, fact.why, fact.by, fact.parcel, fact.member, fact.request, entry.wall_ms),
    )
    rows.run("UPDATE doors SET fence=? WHERE bank=?", (fact.fence, fact.bank))
    rows.run("UPDATE doors SET opening=? WHERE bank=? AND door=?", (grant, fact.bank, fact.door))


def _opened(rows: Rows, entry: Entry, fact: LockerOpened) -> None:
    rows.run(
        "UPDATE openings SET state='opened', hop=NULL, reason=NULL, ended_ms=?,"
        " observed=max(observed, ?, (SELECT shut='open' FROM doors WHERE bank=openings.bank AND door=openings.door))"
        " WHERE grant_id=?",
        (entry.wall_ms, fact.outcome == "observed", fact.grant),
    )
    rows.run(
        "UPDATE doors SET fault=NULL, fault_ms=NULL, unasked=0 WHERE bank=? AND door=?",
        (fact.bank, fact.door),
    )


def _ended(rows: Rows, entry: Entry, fact: LockerOpenFailed | LockerOpenLapsed) -> None:
    state = "failed" if isinstance(fact, LockerOpenFailed) else "lapsed"
    rows.run(
        "UPDATE openings SET state=?, hop=?, reason=?, ended_ms=? WHERE grant_id=?",
        (state, fact.hop, fact.reason, entry.wall_ms, fact.grant),
    )
    if fact.reason not in BLAMELESS:
        rows.run(
            "UPDATE doors SET fault=?, fault_ms=? WHERE bank=? AND door=?",
            (fact.reason, entry.wall_ms, fact.bank, fact.door),
        )


BLAMELESS = frozenset({"gateway_restarted", "broker_away", "expired", "stale_fence", "busy", "no_expiry"})
"""Reasons for which an opening ended badly that say nothing about the door."""


def _seen(rows: Rows, entry: Entry, fact: LockerSeen) -> None:
    where = (fact.bank, fact.door)
    opens = fact.shut == "open"
    rows.run(
        "UPDATE doors SET opened_ms=iif(?1 AND shut<>'open', ?2, opened_ms),"
        " closed_ms=iif(NOT ?1 AND shut='open', ?2, closed_ms), unasked=iif(?1, unasked OR ?3, unasked),"
        " fault=iif(fault='jammed' AND ?4<>'jammed' AND lock='jammed', NULL, fault),"
        " lock=?4, shut=?5, occupied=?6, unheard=0, was_lock=NULL, was_shut=NULL, was_occupied=NULL"
        " WHERE bank=?7 AND door=?8",
        (opens, entry.wall_ms, fact.unasked, fact.lock, fact.shut, fact.occupied, *where),
    )
    if opens and not fact.unasked:
        rows.run(
            "UPDATE openings SET observed=1 WHERE grant_id=(SELECT opening FROM doors WHERE bank=? AND door=?)", where
        )


def _silent(rows: Rows, entry: Entry, fact: LockerSilent) -> None:
    for door in fact.doors:
        rows.run(
            "UPDATE doors SET was_lock=lock, was_shut=shut, was_occupied=occupied,"
            " closed_ms=iif(shut='open', ?, closed_ms), fault=iif(fault='jammed' AND lock='jammed', NULL, fault),"
            " lock='unknown', shut='unknown', occupied=NULL WHERE bank=? AND door=?",
            (entry.wall_ms, fact.bank, door),
        )


def _heard(rows: Rows, _: Entry, fact: LockerHeard) -> None:
    for door in fact.doors:
        rows.run(
            "UPDATE doors SET lock=was_lock, shut=was_shut, occupied=was_occupied,"
            " was_lock=NULL, was_shut=NULL, was_occupied=NULL"
            " WHERE bank=? AND door=? AND was_lock IS NOT NULL",
            (fact.bank, door),
        )


def _trouble(rows: Rows, entry: Entry, fact: LockerTrouble) -> None:
    rows.run(
        "INSERT OR REPLACE INTO locker_troubles VALUES (?,?,?,?)",
        (fact.bank, fact.door, fact.trouble, entry.wall_ms),
    )


def _trouble_over(rows: Rows, _: Entry, fact: LockerTroubleOver) -> None:
    where = (fact.bank, fact.door, fact.trouble)
    rows.run("DELETE FROM locker_troubles WHERE bank=? AND door=? AND trouble=?", where)


def _code_refused(rows: Rows, entry: Entry, fact: LockerCodeRefused) -> None:
    rows.run(
        "INSERT OR REPLACE INTO wrong_codes VALUES (?,?,?,?,?)",
        (fact.bank, fact.place, fact.wrong, entry.wall_ms, fact.until_ms),
    )
    rows.run("DELETE FROM wrong_codes WHERE last_ms < ?", (entry.wall_ms - 2 * HOUR_MS,))


def _scan_refused(_rows: Rows, _: Entry, _fact: LockerScanRefused) -> None:
    """Worth a line in the journal, and no row."""


def _out_of_order(rows: Rows, entry: Entry, fact: LockerOutOfOrder) -> None:
    rows.run(
        "UPDATE doors SET out_of_order=?, out_by=?, out_ms=? WHERE bank=? AND door=?",
        (fact.reason, fact.staff, entry.wall_ms, fact.bank, fact.door),
    )


def _back_in_order(rows: Rows, _: Entry, fact: LockerBackInOrder) -> None:
    rows.run(
        "UPDATE doors SET out_of_order=NULL, out_by=NULL, out_ms=NULL, fault=NULL, fault_ms=NULL, unasked=0"
        " WHERE bank=? AND door=?",
        (fact.bank, fact.door),
    )


APPLIES: Final[Applies] = {
    LockerRulesSet: _rules_set,
    LockerDoorAdded: _door_added,
    LockerDoorRemoved: _door_removed,
    ParcelBegun: _begun,
    ParcelMoved: _moved,
    ParcelReminderDue: _reminded,
    ParcelFeeDue: _fee_due,
    ParcelShared: _shared,
    ParcelShareEnded: _share_ended,
    LockerOpenGranted: _granted,
    LockerOpened: _opened,
    LockerOpenFailed: _ended,
    LockerOpenLapsed: _ended,
    LockerSeen: _seen,
    LockerSilent: _silent,
    LockerHeard: _heard,
    LockerTrouble: _trouble,
    LockerTroubleOver: _trouble_over,
    LockerCodeRefused: _code_refused,
    LockerScanRefused: _scan_refused,
    LockerOutOfOrder: _out_of_order,
    LockerBackInOrder: _back_in_order,
}
