"""What somebody does at a screen, for its API: each is one durable decision, asked by the screen for its session."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import parked
from edge.domain.baskets import queries as basket_queries
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons import on_paper
from edge.domain.coupons.rules import ClaimSource
from edge.domain.printing.ordering import SlipOrder
from edge.domain.touchpoints.rules import STEP_MS
from edge.errors import Refusal
from edge.gateway.basket_goods import several
from edge.web.actions import basket as shopping
from edge.web.moments import last_moment, now_ms
from edge.web.views import basket as basket_views
from edge.web.views import offers as offer_views

if TYPE_CHECKING:
    from edge.domain.baskets.decisions import PutResult
    from edge.domain.baskets.queries import BasketNow
    from edge.domain.baskets.rules import Collect, How
    from edge.domain.coupons.rules import Claim
    from edge.gateway.screen_visits import ScreenVisit
    from edge.web.screens import ScreenRequest
    from edge.web.web import Web


def visit(web: Web, asking: ScreenRequest, *, touched: bool = False) -> ScreenVisit:
    """Who stands there."""
    return web.visits.asking(asking.screen, asking.session, touched=touched)


async def current(web: Web, here: ScreenVisit) -> BasketNow | None:
    """The basket of whoever stands there. A member's whose phones had one each become one when their phone asks."""
    return parked.current(web.reads, here.owner)


async def add(web: Web, asking: ScreenRequest, gtin: str, quantity: int, asked: str, how: How = "page") -> PutResult:
    """Puts a product into the basket here. Raises `Refusal` as `shopping.chosen` does."""
    here = visit(web, asking, touched=True)
    good = several(shopping.good_of_product(web, gtin, how=how, at=asking.screen), quantity)
    put = await web.decide(baskets.add_at, owner=here.owner, basket=str(uuid.uuid4()), good=good, request=asked)
    await keep(web, asking, here)
    return put


async def change(web: Web, asking: ScreenRequest, line: str, quantity: int, asked: str) -> None:
    """Has so many pieces of a line; 0 takes it out. Raises `Refusal`."""
    here = visit(web, asking, touched=True)
    await web.decide(baskets.change_at, owner=here.owner, line=line, quantity=quantity, request=asked)


async def collect(web: Web, asking: ScreenRequest, way: Collect) -> None:
    """Notes how what is not on the shelf is wanted. Raises `Refusal`: basket_empty, not_registered, locker_unknown."""
    await web.decide(baskets.collect_at, owner=visit(web, asking, touched=True).owner, way=way)


async def drop(web: Web, asking: ScreenRequest) -> None:
    """Empties it. Raises `Refusal` basket_paying."""
    await web.decide(baskets.drop_at, owner=visit(web, asking, touched=True).owner)


async def keep(web: Web, asking: ScreenRequest, here: ScreenVisit) -> None:
    """Lets what was gathered here be taken with a code for half an hour from now. A member's own is on their phone."""
    found = await current(web, here)
    if found is not None and found.lines and not found.member:
        await web.handover.offer_at(here.owner, asking.screen)


async def give_code(web: Web, asking: ScreenRequest) -> None:
    """A code for whatever basket is here. Raises `Refusal` basket_empty."""
    here = visit(web, asking, touched=True)
    await web.handover.offer_at(here.owner, asking.screen)


async def take(web: Web, asking: ScreenRequest, digits: str) -> None:
    """Has the basket of these digits come here. Raises `Refusal`: basket_gone and what `parking.take_at` says."""
    here = visit(web, asking, touched=True)
    await web.handover.take_at(here.owner, web.handover.seed_of_digits(digits))
    await keep(web, asking, here)


async def claim(web: Web, asking: ScreenRequest, coupon: str, asked: str) -> Claim:
    """Saves a coupon for the member whose things are open here. Raises `Refusal`: not_registered, and what
    `coupons.claim` says.
    """
    here = visit(web, asking, touched=True)
    if not here.member:
        raise Refusal("not_registered")
    # The glass shows the live code of now: whoever stands before it need not scan it.
    hand = ClaimSource(touchpoint=asking.screen, live=f"{now_ms() // STEP_MS:x}")
    rules = web.settings.bounds.coupons
    return await web.decide(coupons.claim_at, coupon=coupon, member=here.member, hand=hand, request=asked, rules=rules)


async def put_on_paper(web: Web, asking: ScreenRequest, coupon: str) -> None:
    """Prints a coupon in this zone, once for each session. Raises `Refusal` as `on_paper.put_on_paper` does."""
    visit(web, asking, touched=True)
    offer = offer_views.offer(web, coupon, None, web.reads.now)
    if offer is None:
        raise Refusal("coupon_unknown", coupon=coupon)
    seed = web.codes.seed(f"{asking.session}|{coupon}", 0)
    values = {
        "title": offer.look.title,
        "subtitle": offer.look.subtitle,
        "price": offer.price or 0,
        "code": f"{web.public_url}/t/{web.codes.paper(asking.screen, coupon, seed)}",
        "ends_ms": last_moment(offer.ends_ms, web.layout.store.zone) if offer.ends_ms else 0,
    }
    wanted = SlipOrder(f"coupon-{seed}", "claim", values, asking.language, zone=asking.zone, by=asking.screen)
    await web.decide(on_paper.put_on_paper, coupon=coupon, wanted=wanted)


def basket_summary(web: Web, here: ScreenVisit) -> tuple[int, int]:
    """How many pieces lie in the basket here, and what it comes to."""
    found = parked.current(web.reads, here.owner)
    if found is None or not found.lines:
        return 0, 0
    held = basket_queries.hold(web.reads, found.basket)
    stands = held is not None and held.revision == found.revision
    if held is not None and stands:
        return found.pieces, held.total
    return found.pieces, web.pricing.shown(found).total + basket_views.fees_of(web, found)
