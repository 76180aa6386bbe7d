"""What a basket's price is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from pricing.basket import Basket, Counters, Goods, Member, Place, Terms, Versions, WalletCoupon
from pricing.rulebook import Rulebook


class Inputs(msgspec.Struct, frozen=True):
    """Everything that a price depends on: fed to `pricing.compute` again, it gives the same quote."""

    basket: Basket
    catalogue: Mapping[str, Goods]
    rulebook: Rulebook
    """The campaigns, as a basket uses them."""
    wallet: tuple[WalletCoupon, ...] = ()
    member: Member | None = None
    place: Place = Place()
    now_ms: int = 0
    pins: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    burn: Literal["most"] | int = 0
    counters: Mapping[str, Counters] = {}
    terms: Terms = Terms()
    versions: Versions = Versions()
