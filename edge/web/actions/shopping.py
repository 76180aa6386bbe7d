"""What a shopper can do, once for the form and once for the API: each is one durable decision of the gateway."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from edge.domain.callers import Caller, Proof
from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.coupons import coupon_facts
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import CLAIMABLE, ClaimSource
from edge.domain.members import consents
from edge.domain.members import decisions as members
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import Consents
from edge.domain.members.phones import parse_phone
from edge.domain.touchpoints import decisions as touchpoints
from edge.errors import JournalError, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from edge.domain.carts.decisions import Grant
    from edge.domain.coupons.rules import Claim
    from edge.domain.members.consent_texts import Purpose
    from edge.domain.members.rules import Ask, Browser, Registration
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.journal import Fact, Reads
    from edge.web.web import Web


async def register(
    web: Web,
    touchpoint: Touchpoint,
    browser: Browser,
    *,
    phone: str,
    service: bool,
    marketing: bool,
    language: str,
    request: str,
    shown: Mapping[Purpose, str] | None = None,
    coupon: str | None = None,
) -> Registration:
    """A person of this browser's own, whoever else named that number. `shown` are the versions of the texts that the
    form was sent with; `coupon` is what they register for: both is one decision, and where the coupon cannot be had
    they are registered all the same. Raises `Refusal` bad_phone, consent_missing or consent_outdated.
    """
    number = parse_phone(phone, web.layout.store.region)
    chosen = touchpoint.coupon or coupon

    def claimed(reads: Reads, member: str, now_ms: int) -> Sequence[Fact]:
        hand = ClaimSource(touchpoint.id, touchpoint.live or "", browser.name)
        return coupon_facts.with_registration(
            reads,
            member,
            coupon=chosen or "",
            hand=hand,
            request=request,
            rules=web.settings.bounds.coupons,
            now_ms=now_ms,
        )

    return await web.decide(
        members.register,
        shown=shown or {},
        sealed=web.vault.seal(number),
        consents=Consents(service=service, marketing=marketing, version=web.legal.version_of("service")),
        language=language,
        touchpoint=touchpoint.id,
        request=request,
        browser=browser,
        also=claimed if coupon and touchpoint.purpose in CLAIMABLE and coupon == chosen else None,
    )


async def agree(web: Web, caller: Caller | None, version: str, language: str, request: str) -> None:
    """Agree to the service's texts of that version. Raises `Refusal`."""
    shown: dict[Purpose, str] = {"service": version}
    await web.decide(consents.give, caller=require_caller(caller), shown=shown, language=language, request=request)


async def come_as_guest(web: Web, touchpoint: Touchpoint, browser: Browser, language: str, request: str) -> Caller:
    """A guest of this browser, where the store asks for no number before what this code is for. Raises `Refusal`."""
    if asks(web, touchpoint.purpose) == "before":
        raise Refusal("not_registered")
    made = await web.decide(
        members.come_as_guest,
        member=str(uuid.uuid4()),
        language=language,
        touchpoint=touchpoint.id,
        request=request,
        browser=browser,
    )
    return Caller(made.member, made.browser, Proof.DEVICE, made.session)


def asks(web: Web, purpose: str) -> Ask:
    """When a number is asked for, for what codes of this purpose are for."""
    agreed = web.settings.members.ask
    if purpose in CLAIMABLE:
        return agreed.coupon
    return {"cart": agreed.ride, "locker": agreed.deposit}.get(purpose, "before")


def asked_later(web: Web, member: str) -> bool:
    """Whether this is a guest whom the store asks to register after all."""
    agreed = web.settings.members.ask
    return "after" in (agreed.ride, agreed.deposit, agreed.coupon) and member_queries.is_guest(web.reads, member)


def require_caller(caller: Caller | None) -> Caller:
    """Whoever asks must be somebody. Raises `Refusal` not_registered."""
    if caller is None:
        raise Refusal("not_registered")
    return caller


def unlock(web: Web, touchpoint: Touchpoint, caller: Caller | None, request: str) -> Awaitable[Grant]:
    """A durable grant; the lock is asked after it. Raises `Refusal`, at once or when it is awaited."""
    require_purpose(touchpoint, "cart")
    caller = require_caller(caller)
    if touchpoint.device is None:
        raise Refusal("cart_unknown")
    return web.decide(
        carts.unlock,
        few=web.crowd.carts,
        cart=touchpoint.device,
        caller=caller,
        touchpoint=touchpoint.id,
        request=request,
    )


async def find(web: Web, touchpoint: Touchpoint, caller: Caller | None) -> None:
    """Let the scanned cart blink. Raises `Refusal`."""
    require_purpose(touchpoint, "cart")
    caller = require_caller(caller)
    if touchpoint.device is None:
        raise Refusal("cart_unknown")
    await web.decide(cart_care.find, cart=touchpoint.device, caller=caller)


async def claim(web: Web, touchpoint: Touchpoint, coupon: str | None, caller: Caller | None, request: str) -> Claim:
    """The coupon of the code, or the one chosen on the page of a zone's code, into the member's wallet."""
    require_purpose(touchpoint, *CLAIMABLE)
    caller = require_caller(caller)
    chosen = touchpoint.coupon or coupon
    if chosen is None or (coupon and coupon != chosen):
        raise Refusal("bad_request", field="coupon")
    return await web.decide(
        coupons.claim,
        coupon=chosen,
        caller=caller,
        hand=claim_source(touchpoint, caller),
        request=request,
        rules=web.settings.bounds.coupons,
    )


def claim_source(touchpoint: Touchpoint, caller: Caller | None, browser: str | None = None) -> ClaimSource:
    """The phone and the code that a coupon is claimed with."""
    return ClaimSource(
        touchpoint=touchpoint.id,
        live=touchpoint.live or "",
        browser=caller.device if caller else browser or "",
        proven=caller is not None and caller.proof is Proof.VERIFIED,
    )


async def record_scan(web: Web, touchpoint: Touchpoint, caller: Caller | None, visitor: str, shown_ms: int) -> None:
    """Notes the visit, in a store that can write now."""
    member = caller.member if caller else None
    with suppress(JournalError):
        await web.decide(
            touchpoints.scanned, touchpoint=touchpoint.id, member=member, visitor=visitor, shown_ms=shown_ms
        )


def require_purpose(touchpoint: Touchpoint, *purposes: str) -> None:
    """Raises `Refusal` wrong_purpose where the code is for something else."""
    if touchpoint.purpose not in purposes:
        raise Refusal("wrong_purpose", expected=" or ".join(purposes), found=touchpoint.purpose)
