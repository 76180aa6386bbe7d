"""A member's things on a screen: coupons, points, parcels, the cart. No name, no number, nothing that opens a door."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from device_drivers.contract import card_of
from device_drivers.contract.answers.member import MemberCoupon, MemberParcel, ScreenMember
from edge.domain.carts import queries as cart_queries
from edge.domain.members.queries import is_guest
from edge.web import moments
from edge.web.views import parcels as parcel_views
from edge.web.views import points as point_views
from edge.web.views import wallet as wallet_views
from words.languages import in_language

if TYPE_CHECKING:
    from edge.web.web import Web
    from words.languages import Language

MAX_COUPONS: Final = 60
"""Coupons that a screen lists."""


def member_view(web: Web, member: str, language: Language, left_s: float) -> ScreenMember:
    """What a member sees of their own."""
    now = web.reads.now
    cards = [each for each in wallet_views.cards(web, member, language, now) if each.group != "past"]
    guest = is_guest(web.reads, member)
    points = None if guest else point_views.points(web, member, now, limit=1)
    ride = cart_queries.ride_of(web.reads, member)
    labels = {each.id: in_language(each.label, language) for each in web.layout.devices}
    return ScreenMember(
        left_s=left_s,
        coupons=tuple(_coupon(web, each, language, now) for each in cards[:MAX_COUPONS]),
        points=points.points if points else None,
        worth=points.worth if points else 0,
        currency=web.layout.store.currency,
        level=web.texts.say(language, f"points.level_{points.level}") if points else "",
        parcels=tuple(
            _parcel(web, each, labels, language, now) for each in parcel_views.parcels(web, member, now) if each.held
        ),
        cart=labels.get(ride.cart, ride.cart) if ride else "",
        since=moments.duration_in_words(web.texts, language, now - ride.since_ms) if ride else "",
    )


def _coupon(web: Web, card: wallet_views.WalletCard, language: Language, now: int) -> MemberCoupon:
    ends, zone = card.kept.until_ms, web.layout.store.zone
    return MemberCoupon(
        id=card.offer.id,
        why=card.why,
        until=moments.moment_in_words(web.texts, language, moments.last_moment(ends, zone), now, zone) if ends else "",
        now=card.group == "now",
        soon=card.soon,
        **card_of(card.offer.look, MemberCoupon, partial(in_language, language=language)),
    )


def _parcel(
    web: Web, parcel: parcel_views.ParcelView, labels: dict[str, str], language: Language, now: int
) -> MemberParcel:
    due = (
        moments.moment_in_words(web.texts, language, parcel.due_ms, now, web.layout.store.zone) if parcel.due_ms else ""
    )
    late = parcel.due_ms is not None and parcel.due_ms < now
    return MemberParcel(labels.get(parcel.bank, parcel.bank), parcel.door, due, late)
