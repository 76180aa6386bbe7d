"""Puts together the one place that says what a code means: this store's keys, tables, rules and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge.domain.codes.gs1_codes import Gs1
from edge.domain.codes.meanings import Found, Meanings
from edge.domain.members.passes import Passes
from edge.gateway.scenes import Scenes
from edge.products.stage import Stage
from gs1.in_store import InStoreRule

if TYPE_CHECKING:
    from edge.domain.touchpoints.codes import Codes
    from edge.journal import Reads
    from edge.products import Products
    from edge.settings.settings import Settings
    from gs1.trade import Trade


def meanings(settings: Settings, codes: Codes, passes: Passes, reads: Reads, products: Products) -> Meanings:
    """The reader of this store's codes."""
    public = settings.gateway.public_url
    return Meanings(
        codes,
        passes,
        reads,
        standards=Gs1(),
        rules=[InStoreRule(rule.pattern, rule.decimals, rule.name) for rule in settings.in_store_codes],
        product=lambda trade: product(products, trade),
        hosts=[urlsplit(public).netloc.lower()] if public else [],
    )


def product(products: Products, trade: Trade) -> Found | None:
    """The trade item in the catalogue."""
    found = products.find(trade.gtin)
    return Found(found.name, found.href) if found else None


def scenes(reads: Reads, products: Products, settings: Settings, public_url: str) -> Scenes:
    """What screens show of a reading."""
    stage = Stage(products, settings, public_url)
    product = lambda reading, now_ms, at: stage.of(reading.trade, now_ms, at) if reading.trade else None  # noqa: E731 - a short name for a long line
    return Scenes(reads, product, settings.store.languages)


def paired_screens(reads: Reads, settings: Settings) -> dict[str, str]:
    """Which screen shows what a scanner reads: the one its settings name, else the only one of its zone."""
    by_zone: dict[str, list[str]] = {}
    for row in reads.all("SELECT device, zone FROM devices WHERE kind='screen'"):
        by_zone.setdefault(row["zone"], []).append(row["device"])
    paired: dict[str, str] = {}
    for device in settings.devices:
        near = by_zone.get(device.zone, [])
        screen = device.screen or (near[0] if len(near) == 1 else None)
        if screen:
            paired[device.id] = screen
    return paired
