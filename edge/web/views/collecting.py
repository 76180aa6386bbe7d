"""What of a basket is not on the shelf: by when it is there, and how its buyer wants to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from device_drivers.contract.answers.basket import CollectOptions, CollectWay
from edge.domain.baskets.rules import Collect
from edge.domain.lockers.queries import has_lockers
from edge.domain.orders.rules import promised
from edge.web.moments import moment_in_words

if TYPE_CHECKING:
    from edge.domain.baskets.queries import BasketNow
    from edge.domain.baskets.rules import BasketLine
    from edge.web.web import Web
    from words.languages import Language


def collecting(web: Web, found: BasketNow | None, language: Language) -> CollectOptions | None:
    """None where everything in the basket is in its owner's hands."""
    if found is None or not found.away:
        return None
    chosen = found.collected
    count = sum(line.quantity for line in found.away)
    offered: list[Collect] = [
        way for way in get_args(Collect) if way != "locker" or (found.member and has_lockers(web.reads))
    ]
    return CollectOptions(
        title=web.texts.say(language, "basket.collect", count=count),
        note=web.texts.say(language, f"basket.collect_do_{chosen}", when=by_when(web, found.away, language)),
        ways=tuple(CollectWay(way, web.texts.say(language, f"basket.collect_{way}"), way == chosen) for way in offered),
    )


def by_when(web: Web, lines: tuple[BasketLine, ...], language: Language) -> str:
    """By when these would be there, if they were bought now."""
    now = web.reads.now
    promise = promised(web.checkout.rules, {line.away for line in lines}, "counter", now)
    return moment_in_words(web.texts, language, promise.ready_ms, now, web.layout.store.zone) if promise else ""
