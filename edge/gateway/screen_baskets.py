"""Self-checkout at a screen: what is held to the scanner beside it goes into a basket.

Whoever shows a member's code there fills their own basket, and takes over what the screen had gathered until then.
Without one the screen gathers a basket of its own. After a while without a scan the next person is somebody else.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import structlog

from device_drivers.contract import NoticeScene
from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Owner
from edge.errors import JournalError, Refusal
from edge.gateway.goods_in import good_of
from edge.products import looks
from words.languages import Words
from words.money import format_money
from words.sentences import say

if TYPE_CHECKING:
    from edge.domain.codes.readings import Reading, ScanResult
    from edge.domain.layout import Layout
    from edge.gateway.pricing import Pricing
    from edge.journal.journal import Journal
    from edge.products import Products

log = structlog.get_logger(__name__)

AWAY_S: Final = 120.0
"""After so long without a scan somebody else stands there."""
MARK: Final = uuid.UUID("7f1de2a5-3d2b-5c55-9c0e-0c4b3f6d7b11")
"""Names what is put in by an event of a device, so that the same event puts it in once."""


class _Visit:
    """Somebody at a screen."""

    def __init__(self, screen: str) -> None:
        self.session = f"screen/{screen}/{uuid.uuid4().hex[:12]}"
        self.member = ""
        self.seen = 0.0

    @property
    def owner(self) -> Owner:
        return Owner(member=self.member) if self.member else Owner(session=self.session)


class ScreenBaskets:
    """Which screens fill baskets, and who stands there now. In memory: after a restart a code is shown once more."""

    def __init__(
        self,
        screens: Iterable[str],
        journal: Journal,
        products: Products,
        pricing: Pricing,
        layout: Layout,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screens = frozenset(screens)
        self._journal = journal
        self._products = products
        self._pricing = pricing
        self._layout = layout
        self._clock = clock
        self._visits: dict[str, _Visit] = {}

    def fills(self, screen: str) -> bool:
        """Whether what is scanned beside this screen goes into a basket."""
        return screen in self._screens

    async def take(self, screen: str, came: ScanResult, readings: Sequence[Reading], event: str) -> NoticeScene | None:
        """What the screen says of a scan that concerns a basket; none where it says what it would anyway. `event` names
        what the scanner sent.
        """
        visit = self._visit(screen)
        try:
            if came.member:
                await self._greet(visit, came.member)
                return None
            if not any(each.kind == "product" and each.trade and not each.refused for each in readings):
                return None
            return await self._put(visit, screen, readings, event)
        except Refusal as refusal:
            return self._said("screen_basket.refused", why=refusal)
        except JournalError as error:
            log.warning("basket.not_filled", screen=screen, error=str(error))
            return self._said("screen_basket.not_now")

    def _visit(self, screen: str) -> _Visit:
        now, known = self._clock(), self._visits.get(screen)
        if known is None or now - known.seen > AWAY_S:
            known = self._visits[screen] = _Visit(screen)
        known.seen = now
        return known

    async def _greet(self, visit: _Visit, member: str) -> None:
        visit.member = member
        await self._journal.write(
            baskets.take_over_session, session=visit.session, member=member, basket=str(uuid.uuid4())
        )

    async def _put(self, visit: _Visit, screen: str, readings: Sequence[Reading], event: str) -> NoticeScene:
        good = good_of(self._products, readings, time.time_ns() // 1_000_000, how="scanner", at=screen)
        put = await self._journal.write(
            baskets.add_at,
            owner=visit.owner,
            basket=str(uuid.uuid4()),
            good=good,
            request=str(uuid.uuid5(MARK, event)),
        )
        found = basket_queries.now(self._journal.reads, put.basket)
        product = self._products.find(good.gtin)
        if found is None or product is None:
            return self._said("screen_basket.not_now")
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
        return NoticeScene(title, words, art=looks.art(product) or "gift")

    def _said(self, key: str, why: Refusal | None = None) -> NoticeScene:
        languages = self._layout.store.languages
        title: Words = {language: say(language, f"{key}_title") for language in languages}
        note: Words = {
            language: say(language, f"refusals.{why.code}" if why else key, **(why.details if why else {}))
            for language in languages
        }
        return NoticeScene(title, note)
