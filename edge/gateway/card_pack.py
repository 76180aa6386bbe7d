"""Other wallets that may hold a coupon as well, such as WeChat's card pack: a port, and the fact that it was done.

The store's own wallet stays the one that counts: what another wallet holds is a picture of a coupon with a code, and a
till asks the store what the coupon is worth. A store without such a wallet has no port, and pages show no key for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from edge.domain.callers import Caller
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import CouponDisplay
from edge.domain.coupons.wallet import owned_coupon
from edge.errors import Refusal, StorekeeperError
from edge.journal import Reads

Decide = Callable[..., Awaitable[Any]]


class PackUnavailable(StorekeeperError):
    """The other wallet did not answer, or said no: nothing was noted, and it may be tried again."""


class WalletPass(msgspec.Struct, frozen=True):
    """What another wallet is given of a coupon. No name, no number, nothing of who has it."""

    coupon: str
    """Its own name; sent twice, the other wallet keeps it once."""
    look: CouponDisplay
    from_ms: int
    until_ms: int | None


class CardPack(Protocol):
    """Another wallet. It blocks, so it is called in a thread."""

    name: str
    """As the fact names it: `wechat`."""

    def put(self, card: WalletPass) -> str:
        """Put a card into it, once for each coupon. Returns what it calls the card. Raises `PackUnavailable`."""
        ...


async def hand_over(decide: Decide, reads: Reads, pack: CardPack, *, caller: Caller, coupon: str, now_ms: int) -> bool:
    """Put one of the caller's coupons that is good into another wallet, and note that. False where it lay there.

    Raises `Refusal` coupon_unknown, coupon_ended; `PackUnavailable`.
    """
    found = owned_coupon(reads, caller.member, coupon, now_ms)
    if found is None:
        raise Refusal("coupon_unknown", coupon=coupon)
    if found.state in ("used", "ended"):
        raise Refusal("coupon_used" if found.state == "used" else "coupon_ended", coupon=coupon)
    if pack.name in found.packs:
        return False
    card = WalletPass(found.id, found.of.look, found.usable_from_ms, found.until_ms)
    name = await asyncio.to_thread(pack.put, card)
    done: bool = await decide(coupons.pack, coupon=found.id, caller=caller, pack=pack.name, card=name)
    return done
