"""Puts together the one place that says what a code means: this store's keys, tables, rules and addresses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge.domain.codes.code_reader import CodeReader, FoundProduct
from edge.domain.codes.gs1_codes import Gs1
from edge.domain.members.passes import Passes
from edge.domain.touchpoints.codes import NO_COUPON
from edge.gateway.scenes import Scenes
from edge.products.scenes import ProductScenes
from gs1.in_store import InStoreRule
from words.countries import decimals

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.domain.layout import Layout
    from edge.domain.touchpoints.codes import Codes
    from edge.journal import Reads
    from edge.products import Products
    from edge.settings.settings import Settings
    from gs1.trade import Trade


def code_reader(
    settings: Settings,
    codes: Codes,
    passes: Passes,
    reads: Reads,
    products: Products,
    short: Callable[[str, int], str | None],
) -> CodeReader:
    """The reader of this store's codes."""
    public, currency = settings.gateway.public_url, settings.store.currency
    return CodeReader(
        codes,
        passes,
        reads,
        standards=Gs1(currency),
        rules=[
            InStoreRule(rule.pattern, rule.decimals, rule.name, decimals(currency)) for rule in settings.in_store_codes
        ],
        product=lambda trade: product(products, trade),
        short=short,
        hosts=[urlsplit(public).netloc.lower()] if public else [],
    )


def product(products: Products, trade: Trade) -> FoundProduct | None:
    """The trade item in the catalogue."""
    found = products.find(trade.gtin)
    return FoundProduct(found.name, found.href) if found else None


def scenes(reads: Reads, products: Products, layout: Layout, public_url: str, codes: Codes) -> Scenes:
    """What screens show of a reading."""
    here = lambda at: codes.rotating(at, NO_COUPON, time.time_ns() // 1_000_000)  # noqa: E731 - a short name for a long line
    stage = ProductScenes(products, layout, public_url, here)
    product = lambda reading, now_ms, at: stage.of(reading.trade, now_ms, at) if reading.trade else None  # noqa: E731 - a short name for a long line
    return Scenes(reads, product, lambda: layout.store.languages)


def paired_screens(layout: Layout, settings: Settings) -> dict[str, str]:
    """Which screen shows what a scanner reads: the one its settings name, else the only one of its zone."""
    named = {device.id: device.screen for device in settings.devices if device.screen}
    by_zone: dict[str, list[str]] = {}
    for device in layout.devices:
        if device.kind == "screen":
            by_zone.setdefault(device.zone, []).append(device.id)
    alone = {zone: screens[0] for zone, screens in by_zone.items() if len(screens) == 1}
    paired = {device.id: named.get(device.id) or alone.get(device.zone) for device in layout.devices}
    return {device: screen for device, screen in paired.items() if screen}
