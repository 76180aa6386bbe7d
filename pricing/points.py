"""Points: what they pay of a basket, and what is earned on what money pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pricing.basket import Member, Terms
from pricing.campaigns import Points
from pricing.offers import Offer
from pricing.quote import PointsPart

Burn = Literal["most"] | int


def burning(member: Member | None, payable: int, burn: Burn, terms: Terms) -> PointsPart:
    """What points pay here: never more than there are, than the cap, than is to be paid; in whole steps."""
    balance = member.points if member else 0
    may = _may(balance, payable, terms)
    if burn == "most":
        points, code = may, ""
    else:
        points, code = _usable(burn, balance, may, terms)
    return PointsPart(balance=balance, may_burn=may, burned=points, worth=points * terms.point_worth, code=code)


def _may(balance: int, payable: int, terms: Terms) -> int:
    if terms.point_worth <= 0 or balance <= 0:
        return 0
    cap = min(payable * terms.burn_most_bp // 10_000, payable)
    return _stepped(min(balance, cap // terms.point_worth), terms)


def _stepped(points: int, terms: Terms) -> int:
    step = max(1, terms.burn_step)
    return points // step * step


def _usable(asked: int, balance: int, may: int, terms: Terms) -> tuple[int, str]:
    if asked > max(0, balance):
        return may, "points_balance"
    if asked > may:
        return may, "points_cap" if _stepped(asked, terms) > may else "points_step"
    points = _stepped(asked, terms)
    return points, "" if points == asked else "points_step"


def earned(paid: int, terms: Terms) -> int:
    """Points for money paid; what is left of a step earns nothing."""
    return max(0, paid) // terms.earn_every if terms.earn_every > 0 else 0


def extra(offer: Offer, paid: Sequence[int], terms: Terms) -> int:
    """Points that a campaign gives beside the usual, on what money pays for its goods."""
    benefit = offer.campaign.benefit
    if not isinstance(benefit, Points):
        return 0
    if benefit.fixed:
        return benefit.fixed
    spent = sum(paid[at] for at in offer.places)
    return spent * benefit.bp // (terms.earn_every * 10_000) if terms.earn_every > 0 else 0
