"""Who brought whom: a member is a promoter's who registered at that promoter's badge, and what their orders bring.

Bound once, at the registration, and never to oneself: not in a browser that staff have used, not with a number of
whoever uses such a browser, not the fourth person of one browser within a day. What is refused is recorded and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from edge.domain.coupons.coupon_facts import ending, given_for, granting, was_given
from edge.domain.ledger.facts import (
    CommissionEarned,
    CommissionRefused,
    CommissionReversed,
    PickUpCredited,
    PromoterBound,
    PromoterNotBound,
    WhyNotBound,
)
from edge.domain.ledger.queries import rules_of, zone_of
from edge.domain.ledger.rules import DAY_MS, begin_of, day_of
from edge.domain.members.queries import family
from edge.domain.orders import queries as orders
from edge.domain.orders.rules import read_number
from edge.domain.touchpoints.queries import touchpoint as find_touchpoint
from edge.journal import Fact, Reads

PERSONS_A_DAY: Final = 3
"""So many persons of one browser a day are somebody's."""
ORDERS: Final = 2
"""A promoter gets something for so many orders of a member."""
WELCOME: Final = "welcome"
FIRST: Final = "first_order"

Facts = tuple[Fact, ...]


def promoter_of(reads: Reads, touchpoint: str) -> str | None:
    """Returns whose badge it is: a member of staff where the settings say so, else the badge's own name."""
    found = find_touchpoint(reads, touchpoint)
    if found is None or found.purpose != "badge":
        return None
    row = reads.one(
        "SELECT json_extract(definition, '$.staff') AS staff FROM touchpoints WHERE touchpoint=?", touchpoint
    )
    return str(row["staff"]) if row and row["staff"] else touchpoint


def binding(reads: Reads, *, member: str, touchpoint: str, browser: str, number: str, now_ms: int) -> Facts:
    """Whose a person is who registers at a code now. `number` is the blind index of theirs."""
    promoter = promoter_of(reads, touchpoint)
    if promoter is None:
        return ()
    why = _why_not(reads, browser, number, now_ms)
    if why is not None:
        return (PromoterNotBound(promoter=promoter, member=member, touchpoint=touchpoint, why=why),)
    return (PromoterBound(promoter=promoter, member=member, touchpoint=touchpoint, browser=browser),)


def _why_not(reads: Reads, browser: str, number: str, now_ms: int) -> WhyNotBound | None:
    if _is_staffs(reads, browser) or _is_number_of_staff(reads, number):
        return "own_badge"
    row = reads.one(
        "SELECT count(*) AS n FROM promoted WHERE browser=? AND browser<>'' AND at_ms>?", browser, now_ms - DAY_MS
    )
    return "one_browser" if row and row["n"] >= PERSONS_A_DAY else None


def _is_staffs(reads: Reads, browser: str) -> bool:
    return reads.one("SELECT 1 FROM staff_browsers WHERE browser=? LIMIT 1", browser) is not None


def _is_number_of_staff(reads: Reads, number: str) -> bool:
    """Whether somebody with that number acts from a browser that staff have used."""
    return bool(number) and (
        reads.one(
            "SELECT 1 FROM person_numbers p JOIN sessions s ON s.member=p.subject"
            " JOIN staff_browsers b ON b.browser=s.browser WHERE p.number=? LIMIT 1",
            number,
        )
        is not None
    )


def welcoming(reads: Reads, member: str, now_ms: int, joined: Sequence[str] = ()) -> Facts:
    """The coupon of a promoter's new member, once their number is proven; once a person, who is one with those who
    have `joined` just now.
    """
    campaign = rules_of(reads).commission.welcome
    bound = _bound(reads, member, *joined)
    if not campaign or bound is None or any(was_given(reads, each, campaign, WELCOME) for each in (member, *joined)):
        return ()
    given = granting(reads, campaign, bound[1], request=f"{WELCOME}/{bound[1]}", why=WELCOME, now_ms=now_ms)
    return given.facts if given else ()


def promoter_of_member(reads: Reads, member: str) -> str:
    """Returns who brought a person to the store; empty where nobody did."""
    bound = _bound(reads, member)
    return bound[0] if bound else ""


def came_by(reads: Reads, member: str) -> tuple[str, str, int] | None:
    """Returns at whose badge a person registered, whether they are that promoter's or not: promoter, code and when."""
    row = reads.one("SELECT promoter, touchpoint, at_ms FROM promoted WHERE member=?", member)
    return (row["promoter"], row["touchpoint"], row["at_ms"]) if row else None


def _bound(reads: Reads, *members: str) -> tuple[str, str] | None:
    """Returns the promoter of a person and the member by whom they are bound; none for who was a member before, as
    nobody is for whom staff put something in.
    """
    rows = reads.all(
        "SELECT k.other, p.promoter FROM kin k JOIN members m ON m.member=k.other"  # noqa: S608 - marks
        " LEFT JOIN promoted p ON p.member=k.other AND p.why=''"
        f" WHERE k.member IN ({','.join('?' * len(members))}) AND m.phone_sealed IS NOT NULL"
        " AND (m.touchpoint IS NOT NULL OR EXISTS (SELECT 1 FROM imported i WHERE i.member=m.member))"
        " ORDER BY m.registered_ms, m.member",
        *members,
    )
    return (rows[0]["promoter"], rows[0]["other"]) if rows and rows[0]["promoter"] else None


def commission(reads: Reads, member: str, order: str, paid: int, now_ms: int, payer: str = "") -> Facts:
    """What a paid order brings to whoever brought the member, and the coupon that the first one brings to the member.

    It counts for a person with a proven number who was no member before, from a least amount on, and where no
    `payer` (by the keyed hash of the port's name for them) paid it who has paid for somebody else before.
    """
    rules, bound = rules_of(reads).commission, _bound(reads, member)
    if bound is None or paid < rules.least or not _is_proven(reads, member) or _is_one_of_staff(reads, member):
        return ()
    number = _orders_that_count(reads, member, rules.least) + 1
    amount = (rules.first, rules.second)[number - 1] if number <= ORDERS else 0
    if amount and _has_paid_for_others(reads, payer, member):
        return (CommissionRefused(promoter=bound[0], member=bound[1], order=order, why="known_payer"),)
    made: list[Fact] = []
    if amount and _today(reads, bound[0], now_ms) < rules.a_day:
        settles = _settles(reads, now_ms)
        made.append(
            CommissionEarned(
                promoter=bound[0], member=bound[1], order=order, number=number, amount=amount, settles_ms=settles
            )
        )
    if number == 1 and rules.after_first:
        given = granting(reads, rules.after_first, bound[1], request=f"{FIRST}/{order}", why=order, now_ms=now_ms)
        made += given.facts if given else ()
    return tuple(made)


def _settles(reads: Reads, sold_ms: int) -> int:
    """Up to when a return takes back what an order brought."""
    zone = zone_of(reads)
    return begin_of(day_of(sold_ms, zone) + timedelta(days=rules_of(reads).commission.window_days + 1), zone)


def _has_paid_for_others(reads: Reads, payer: str, member: str) -> bool:
    return bool(payer) and not orders.payers_of(reads, payer) <= set(family(reads, member))


def crediting(reads: Reads, adviser: str, *, parcel: str, number: str) -> Facts:
    """An order was picked up that an adviser sold: the credit for it, once for a parcel and once for an order."""
    order = orders.of_number(reads, read_number(number))
    known = "SELECT 1 FROM pickups WHERE parcel=?1 OR (sale=?2 AND sale<>'')"
    if reads.one(known, parcel, order.order if order else "") is not None:
        return ()
    if order is None:
        return (PickUpCredited(adviser=adviser, parcel=parcel, number=number),)
    left = max(0, order.paid.total - order.refunded)
    return (PickUpCredited(adviser=adviser, parcel=parcel, number=number, order=order.order, amount=left),)


def _is_proven(reads: Reads, member: str) -> bool:
    row = reads.one("SELECT 1 FROM kin k JOIN numbers n ON n.member=k.other WHERE k.member=? LIMIT 1", member)
    return row is not None


def _is_one_of_staff(reads: Reads, member: str) -> bool:
    """Whether this person acts from a browser that staff have used."""
    row = reads.one(
        "SELECT 1 FROM kin k JOIN sessions s ON s.member=k.other JOIN staff_browsers b ON b.browser=s.browser"
        " WHERE k.member=? LIMIT 1",
        member,
    )
    return row is not None


def _orders_that_count(reads: Reads, member: str, least: int) -> int:
    row = reads.one(
        "SELECT count(*) AS n FROM ledger_sales"
        " WHERE paid>=?2 AND member IN (SELECT short(other) FROM kin WHERE member=?1)",
        member,
        least,
    )
    return row["n"] if row else 0


def _today(reads: Reads, promoter: str, now_ms: int) -> int:
    zone = zone_of(reads)
    since = begin_of(day_of(now_ms, zone), zone)
    row = reads.one("SELECT count(*) AS n FROM commissions WHERE promoter=? AND at_ms>=?", promoter, since)
    return row["n"] if row else 0


def taking_back(reads: Reads, order: str, stays: int, *, member: str, sold_ms: int, now_ms: int) -> Facts:
    """What a return within the time for it takes back, once too little stays paid: all from the promoter.

    The coupons that the member was given for it, and for registering, end where nobody used them; also where the
    promoter got nothing for it.
    """
    row = reads.one("SELECT * FROM commissions WHERE sale=?", order)
    late = row["state"] != "earned" if row else now_ms >= _settles(reads, sold_ms)
    if late or stays >= rules_of(reads).commission.least:
        return ()
    persons = family(reads, member)
    unused = [coupon for each in persons for coupon in given_for(reads, each, order)]
    first = row["number"] == 1 if row else bool(unused)
    if first:
        unused += [coupon for each in persons for coupon in given_for(reads, each, WELCOME)]
    ended = ending(reads, unused, "returned")
    if row is None:
        return tuple(ended)
    back = CommissionReversed(promoter=row["promoter"], member=row["member"], order=order, amount=row["amount"])
    return (back, *ended)
