"""What a shopper can do, once for the form and once for the API: each is one durable decision of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain import cart_care, carts, coupons, members, touchpoints
from edge.errors import JournalError, Refusal
from edge.phones import parse_phone
from edge.web.front import wanted

if TYPE_CHECKING:
    from edge.domain.carts import Grant
    from edge.domain.coupons import Claim
    from edge.domain.members import Registration
    from edge.domain.touchpoints import Touchpoint
    from edge.web.front import Front


async def register(
    front: Front, touchpoint: Touchpoint, *, phone: str, service: bool, marketing: bool, language: str, request: str
) -> Registration:
    """The member with this phone number, new or known. Raises `Refusal` bad_phone or consent_missing."""
    number = parse_phone(phone, front.gateway.settings.store.region)
    return await front.gateway.decide(
        members.register,
        sealed=front.gateway.vault.seal(number),
        consents=members.Consents(service=service, marketing=marketing),
        language=language,
        touchpoint=touchpoint.id,
        request=request,
    )


async def unlock(front: Front, touchpoint: Touchpoint, member: str | None, request: str) -> Grant:
    """A durable grant; the lock is asked after it. Raises `Refusal`."""
    wanted(touchpoint, "cart")
    if member is None:
        raise Refusal("not_registered")
    if touchpoint.device is None:
        raise Refusal("cart_unknown")
    return await front.gateway.decide(
        carts.unlock, cart=touchpoint.device, member=member, touchpoint=touchpoint.id, request=request
    )


async def find(front: Front, touchpoint: Touchpoint, member: str | None) -> None:
    """Let the scanned cart blink. Raises `Refusal`."""
    wanted(touchpoint, "cart")
    if member is None:
        raise Refusal("not_registered")
    if touchpoint.device is None:
        raise Refusal("cart_unknown")
    await front.gateway.decide(cart_care.find, cart=touchpoint.device, by=member)


async def claim(
    front: Front, touchpoint: Touchpoint, coupon: str | None, member: str | None, request: str, browser: str | None
) -> Claim:
    """The coupon of the code, or the one chosen on the page of a zone's code, into the member's wallet."""
    wanted(touchpoint, *coupons.CLAIMABLE)
    if member is None:
        raise Refusal("not_registered")
    chosen = touchpoint.coupon or coupon
    if chosen is None or (coupon and coupon != chosen):
        raise Refusal("bad_request", field="coupon")
    return await front.gateway.decide(
        coupons.claim,
        coupon=chosen,
        member=member,
        hand=hand_of(touchpoint, browser, member),
        request=request,
        rules=claim_rules(front),
    )


def hand_of(touchpoint: Touchpoint, browser: str | None, member: str | None) -> coupons.Hand:
    """The phone and the code that a coupon is claimed with; a browser that keeps no name goes by its member."""
    return coupons.Hand(touchpoint=touchpoint.id, live=touchpoint.live or "", browser=browser or member or "")


def claim_rules(front: Front) -> coupons.ClaimRules:
    """How far a code goes, by the settings."""
    agreed = front.gateway.settings.bounds.coupons
    return coupons.ClaimRules(agreed.live_code, agreed.printed_an_hour, agreed.printed_share)


async def scanned(front: Front, touchpoint: Touchpoint, member: str | None, visitor: str) -> None:
    """Notes the visit. A store that cannot write now still shows the page; what the shopper asks there will say so."""
    try:
        await front.gateway.decide(touchpoints.scanned, touchpoint=touchpoint.id, member=member, visitor=visitor)
    except JournalError:
        return
