"""Baskets that change hands: the code that a screen or a phone shows, the digits for a till, and whoever takes it."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.baskets import parked, parking
from edge.domain.baskets import queries as basket_queries
from edge.domain.touchpoints import code_text
from edge.errors import Refusal
from edge.gateway import typed_text

if TYPE_CHECKING:
    from edge.domain.baskets.parked import Parked
    from edge.domain.baskets.parking import Parking, TakenBasket
    from edge.domain.baskets.rules import Owner
    from edge.domain.callers import Caller
    from edge.domain.touchpoints.codes import Codes
    from edge.gateway.decide import Decide
    from edge.gateway.pricing import Pricing
    from edge.journal import Reads

DIGITS: Final = 4
"""Of the number that is said at a till: it stands for a basket in this store, and for half an hour."""
TRIES: Final = 20
"""Names that are tried for one whose digits nobody else has now."""


class OfferedBasket(msgspec.Struct, frozen=True):
    """A basket that waits to be taken."""

    basket: str
    code: str
    """What its QR holds, behind `/b/`."""
    digits: str
    until_ms: int


class Handover:
    """For one store."""

    def __init__(self, decide: Decide, reads: Reads, codes: Codes, pricing: Pricing) -> None:
        self._decide, self._reads = decide, reads
        self._codes, self._pricing = codes, pricing

    def code(self, seed: str) -> str:
        """Returns what the QR of a basket holds, behind `/b/`."""
        return self._codes.basket(seed)

    def digits(self, seed: str) -> str:
        """Returns what stands for a code where nothing can scan it."""
        return self._codes.digits(seed)[:DIGITS]

    def seed_of(self, text: str) -> str:
        """Returns which basket a code names, however it arrived. Raises `Refusal`: code_unknown, code_tampered."""
        for code in code_text.candidates(text):
            seed = self._codes.parse_basket(code.text)
            if seed is not None:
                return seed
        raise Refusal("code_unknown")

    def seed_of_digits(self, digits: str) -> str:
        """Returns which basket a number stands for now, or stood for until somebody took it a moment ago: whoever comes
        second is told so. Raises `Refusal` basket_gone.
        """
        plain = typed_text.digits(digits)
        for kept in (parked.waiting, parked.taken_lately):
            found = [each.seed for each in kept(self._reads, self._reads.now) if self.digits(each.seed) == plain]
            if len(found) == 1:
                return found[0]
        raise Refusal("basket_gone")

    def has_taken(self, taker: str, digits: str) -> bool:
        """Whether a session at a till has what a number stood for."""
        plain = typed_text.digits(digits)
        return any(self.digits(seed) == plain for seed in parked.taken_by(self._reads, taker))

    def what_is(self, seed: str) -> Parked | None:
        """Returns what is known of a code."""
        return parked.by_seed(self._reads, seed)

    async def offer_at(self, owner: Owner, place: str) -> OfferedBasket:
        """Lets what was gathered at a screen be taken. Raises `Refusal` basket_empty."""
        return self._offered(await self._decide(parking.park_at, owner=owner, seed=self._fresh(), place=place))

    async def offer(self, caller: Caller) -> OfferedBasket:
        """Lets the caller's own basket be taken. Raises `Refusal` basket_empty."""
        return self._offered(await self._decide(parking.park, caller=caller, seed=self._fresh()))

    async def take(self, caller: Caller, seed: str) -> TakenBasket:
        """Has a basket come to the caller's. Raises `Refusal` as `parking.take` does."""
        return await self._decide(
            parking.take, caller=caller, seed=seed, basket=str(uuid.uuid4()), prices=self._prices(seed)
        )

    async def take_at(self, owner: Owner, seed: str) -> TakenBasket:
        """Has a basket come to a screen's or a till's. Raises `Refusal` as `parking.take` does."""
        return await self._decide(
            parking.take_at, owner=owner, seed=seed, basket=str(uuid.uuid4()), prices=self._prices(seed)
        )

    def _prices(self, seed: str) -> dict[str, int | None]:
        known = parked.by_seed(self._reads, seed)
        found = basket_queries.now(self._reads, known.basket) if known else None
        gtins = [line.gtin for line in found.lines] if found else []
        goods = self._pricing.goods(gtins, self._reads.now)
        return {gtin: goods[gtin].shelf if gtin in goods else None for gtin in gtins}

    def _offered(self, made: Parking) -> OfferedBasket:
        return OfferedBasket(made.basket, self.code(made.seed), self.digits(made.seed), made.until_ms)

    def _fresh(self) -> str:
        """A name whose digits are nobody else's at this moment."""
        taken = {self.digits(each.seed) for each in parked.waiting(self._reads, self._reads.now)}
        made = [self._codes.seed(secrets.token_hex(16), number) for number in range(TRIES)]
        return next((seed for seed in made if self.digits(seed) not in taken), made[0])
