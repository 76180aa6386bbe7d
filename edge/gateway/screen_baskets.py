"""What is held to the scanner beside a screen and concerns a basket: goods, a member's code, the code of a basket.

Whoever shows a member's code there fills their own basket, and takes over what the screen had gathered until then.
Without one the screen gathers a basket of its own, which is the same that its session fills by touch.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import structlog

from device_drivers.contract import NoticeScene
from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import queries as basket_queries
from edge.errors import JournalError, Refusal
from edge.gateway.basket_goods import good_of
from edge.products import artwork
from words.languages import Words
from words.money import format_money
from words.sentences import say

if TYPE_CHECKING:
    from edge.domain.codes.readings import Reading, ScanResult
    from edge.domain.layout import Layout
    from edge.gateway.handover import Handover
    from edge.gateway.pricing import Pricing
    from edge.gateway.screen_visits import ScreenVisit, ScreenVisits
    from edge.journal.journal import Journal
    from edge.products import Products

log = structlog.get_logger(__name__)

MARK: Final = uuid.UUID("7f1de2a5-3d2b-5c55-9c0e-0c4b3f6d7b11")
"""Names what is put in by an event of a device, so that the same event puts it in once."""


class ScreenBaskets:
    """Which screens fill baskets with what is scanned beside them, and how."""

    def __init__(
        self,
        screens: Iterable[str],
        journal: Journal,
        products: Products,
        pricing: Pricing,
        layout: Layout,
        visits: ScreenVisits,
        handover: Handover,
    ) -> None:
        self._screens = frozenset(screens)
        self._journal = journal
        self._products = products
        self._pricing = pricing
        self._layout = layout
        self._visits = visits
        self._handover = handover

    def fills(self, screen: str) -> bool:
        """Whether what is scanned beside this screen goes into a basket."""
        return screen in self._screens

    async def take(self, screen: str, came: ScanResult, readings: Sequence[Reading], event: str) -> NoticeScene | None:
        """What the screen says of a scan that concerns a basket; none where it says what it would anyway. `event` names
        what the scanner sent.
        """
        visit = self._visits.scanned(screen)
        try:
            if came.member:
                await self._greet(visit, came.member)
                return None
            if came.best.basket:
                return await self._take_over(visit, came.best.basket)
            if not self.fills(screen) or not any(
                each.kind == "product" and each.trade and not each.refused for each in readings
            ):
                return None
            return await self._put(visit, screen, readings, event)
        except Refusal as refusal:
            return self._notice("screen_basket.refused", why=refusal)
        except JournalError as error:
            log.warning("basket.not_filled", screen=screen, error=str(error))
            return self._notice("screen_basket.not_now")

    async def _greet(self, visit: ScreenVisit, member: str) -> None:
        self._visits.greet(visit, member)
        await self._journal.write(
            baskets.take_over_session, session=visit.session, member=member, basket=str(uuid.uuid4())
        )

    async def _take_over(self, visit: ScreenVisit, seed: str) -> NoticeScene:
        taken = await self._handover.take_at(visit.owner, seed)
        found = basket_queries.now(self._journal.reads, taken.basket)
        return self._notice("screen_basket.taken", count=found.pieces if found else taken.pieces)

    async def _put(self, visit: ScreenVisit, screen: str, readings: Sequence[Reading], event: str) -> NoticeScene:
        good = good_of(self._products, readings, self._journal.reads.now, how="scanner", at=screen)
        put = await self._journal.write(
            baskets.add_at,
            owner=visit.owner,
            basket=str(uuid.uuid4()),
            good=good,
            request=str(uuid.uuid5(MARK, event)),
        )
        if not visit.member:
            await self._handover.offer_at(visit.owner, screen)
        found = basket_queries.now(self._journal.reads, put.basket)
        product = self._products.find(good.gtin)
        if found is None or product is None:
            return self._notice("screen_basket.not_now")
        quote = self._pricing.shown(found)
        line = next((each for each in quote.lines if each.id == put.line), None)
        currency = self._layout.store.currency
        words: Words = {
            language: say(
                language,
                "screen_basket.put_own" if visit.member else "screen_basket.put",
                count=found.pieces,
                money=format_money(quote.total, currency, language),
            )
            for language in self._layout.store.languages
        }
        title: Words = {
            language: f"{product.title(language)} {format_money(line.unit, currency, language) if line else ''}".strip()
            for language in self._layout.store.languages
        }
        return NoticeScene(title, words, art=artwork.art(product) or "gift", way="basket")

    def _notice(self, key: str, why: Refusal | None = None, **values: Any) -> NoticeScene:
        languages = self._layout.store.languages
        title: Words = {language: say(language, f"{key}_title", **values) for language in languages}
        note: Words = {
            language: say(language, f"refusals.{why.code}" if why else key, **(why.details if why else values))
            for language in languages
        }
        return NoticeScene(title, note, sign="basket", way="basket")
