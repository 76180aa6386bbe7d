"""Why something is refused, or an offer is not shown: the decision is tried as it would be made now, and taken back.

What it was made of comes with the answer: the rule and where it stands, what it looked at, the clock, the versions.
"""

from __future__ import annotations

import importlib.metadata
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, cast

import msgspec

from edge.domain.campaigns import queries as campaign_queries
from edge.domain.coupons.sources import kept_back, offered
from edge.errors import Refusal
from edge.web.actions import parcels, shopping
from edge.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from edge.domain.baskets.queries import BasketNow
    from edge.domain.callers import Caller
    from edge.domain.coupons.rules import Coupon
    from edge.domain.lockers.rules import Size
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.gateway.price_inputs import Inputs
    from edge.journal import Tx
    from edge.web.web import Web
    from words.languages import Words

Layer = Literal["person", "state", "settings", "campaign", "house"]
"""Where the rule stands: what is known of the person, what the thing reports, the store's settings, the campaign's
file, or the house, which no setting changes."""

LAYERS: Final[Mapping[str, Layer]] = {
    "not_registered": "person", "consent_missing": "person", "consent_outdated": "person", "needs_proof": "person",
    "already_has_cart": "house", "kept_for_others": "house", "locker_close_first": "house", "wrong_purpose": "house",
    "code_not_live": "house", "coupon_at_screen": "house", "coupon_taken_here": "house",
    "carts_waiting": "settings", "doors_waiting": "settings", "too_many_parcels": "settings",
    "code_used_up": "settings", "too_many_claims": "settings",
    "coupon_elsewhere": "campaign", "coupon_ended": "campaign", "coupon_gone": "campaign", "coupon_not_yet": "campaign",
    "budget_gone": "campaign", "limit_member": "campaign", "limit_member_day": "campaign",
    "limit_store_day": "campaign", "coupon_unknown": "campaign", "no_effect": "campaign", "paused": "campaign",
    "coupon_given": "campaign",
}  # fmt: skip
"""By the code of what was refused; everything else is what the thing reports."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, and what it was made of."""

    asked: str
    about: str
    """The cart, the bank, or the campaign."""
    allowed: bool
    code: str = ""
    """Of what is refused, or of why an offer is not shown."""
    sentence: str = ""
    rule: str = ""
    """The rule in plain words."""
    layer: Layer | Literal[""] = ""
    inputs: dict[str, Any] = {}
    """What it looked at, and what is missing."""
    as_of_ms: int
    timezone: str
    versions: dict[str, str]
    words: Words = {}
    """What an offer is called."""


class _Tried(Exception):
    """The decision would have been made."""


class _Trial:
    """The web as actions know it, whose decisions are taken back."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def __getattr__(self, name: str) -> Any:
        return getattr(self._web, name)

    async def decide(self, decision: Any, *args: Any, **kwargs: Any) -> NoReturn:
        def undone(tx: Tx) -> NoReturn:
            decision(tx, *args, **kwargs)
            raise _Tried

        await self._web.decide(undone)
        raise AssertionError("a decision that was taken back has no result")


def priced(web: Web, now: BasketNow | None) -> Inputs:
    """Everything that the price of a basket depends on now. Raises `Refusal` basket_empty."""
    if now is None or not now.lines:
        raise Refusal("basket_empty")
    gone = web.pricing.unpriced(now)
    left = tuple(line for line in now.lines if line.line not in gone)
    return web.pricing.gather(msgspec.structs.replace(now, lines=left))


def versions(web: Web) -> dict[str, str]:
    """Of everything that a rule may come from."""
    return {
        "software": importlib.metadata.version("storekeeper"),
        "campaigns": campaign_queries.version(web.reads),
        "catalogue": web.products.version or "",
    }


async def unlock(web: Web, touchpoint: Touchpoint, caller: Caller | None, language: str) -> Explanation:
    """Whether the scanned cart would open for the caller now, and why not."""
    request = str(uuid.uuid4())
    return await _tried(
        web, "unlock", touchpoint.device or touchpoint.id, caller, language,
        lambda trial: shopping.unlock(trial, touchpoint, caller, request),
    )  # fmt: skip


async def deposit(web: Web, touchpoint: Touchpoint, caller: Caller | None, size: Size, language: str) -> Explanation:
    """Whether the bank would take a parcel of that size from the caller now, and why not."""
    request = str(uuid.uuid4())
    return await _tried(
        web, "deposit", touchpoint.device or touchpoint.id, caller, language,
        lambda trial: parcels.deposit(trial, touchpoint, caller, size=size, low=False, request=request), size=size,
    )  # fmt: skip


async def claim(web: Web, touchpoint: Touchpoint, caller: Caller | None, coupon: str, language: str) -> Explanation:
    """Whether the caller would get the coupon with this code now, and why not."""
    request, name = str(uuid.uuid4()), touchpoint.coupon or coupon
    return await _tried(
        web, "claim", name, caller, language,
        lambda trial: shopping.claim(trial, touchpoint, coupon, caller, request), touchpoint=touchpoint.id,
    )  # fmt: skip


def offers(web: Web, here: Touchpoint, language: str) -> list[Explanation]:
    """Of each coupon of the store whether it is shown where this code stands now, and why not."""
    moment = web.reads.now
    found = []
    for standing in campaign_queries.campaign_statuses(web.reads):
        coupon = offered(web.reads, standing.campaign.id) if standing.campaign.claim else None
        if coupon is None:
            continue
        code = "paused" if standing.paused else _hidden(web, coupon, here, moment)
        about = {"zone": here.zone, "zones": list(standing.campaign.when.zones)}
        found.append(_answer(web, "offers", coupon.coupon, code, language, about, coupon.look.title))
    return found


def _hidden(web: Web, coupon: Coupon, here: Touchpoint, moment: int) -> str:
    why = coupon.hindrance(moment)
    if why is not None:
        return why
    if not coupon.is_of(here.zone, here.id):
        return "coupon_elsewhere"
    if coupon.coupon in kept_back(web.reads):
        return "coupon_given"
    return "" if web.offering.worth(coupon, moment) is not None else "no_effect"


async def _tried(
    web: Web,
    asked: str,
    about: str,
    caller: Caller | None,
    language: str,
    act: Callable[[Web], Awaitable[Any]],
    **inputs: Any,
) -> Explanation:
    known = {"proof": caller.proof.name.lower() if caller else "none", **inputs}
    try:
        await act(cast("Web", _Trial(web)))
    except _Tried:
        if (stopped := web.pulse.held_up) is None:
            return _answer(web, asked, about, "", language, known)
        # What is taken back is not written: nothing else says that the storage would not have taken it.
        problem = Problem.of(stopped)
        return _answer(web, asked, about, problem.code, language, known, said=problem.sentence(web.texts, language))
    except Refusal as refusal:
        said = Problem.of(refusal).sentence(web.texts, language)
        return _answer(web, asked, about, refusal.code, language, {**known, **refusal.details}, said=said)
    raise AssertionError("nothing was decided")


def _answer(
    web: Web,
    asked: str,
    about: str,
    code: str,
    language: str,
    inputs: dict[str, Any],
    words: Words | None = None,
    said: str = "",
) -> Explanation:
    texts = web.texts
    sentence = said or (
        texts.say(language, f"because.hidden_{code}") if code and texts.has(f"because.hidden_{code}") else ""
    )
    allowed = "shown" if asked == "offers" else "allowed"
    return Explanation(
        asked=asked,
        about=about,
        allowed=not code,
        code=code,
        sentence=sentence or (texts.say(language, f"because.{allowed}") if not code else ""),
        rule=texts.say(language, f"because.rule_{code}") if code and texts.has(f"because.rule_{code}") else "",
        layer=LAYERS.get(code, "state") if code else "",
        inputs=inputs,
        as_of_ms=web.reads.now,
        timezone=web.layout.store.zone.key,
        versions=versions(web),
        words=words or {},
    )
