"""Playlists and their items in words: what screens play, and what they showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.contract.playlists import PageItem
from signage.playing import CLOSED
from words.languages import in_language

if TYPE_CHECKING:
    from device_drivers.contract.playlists import Item
    from edge.web.web import Web
    from words.languages import Language


def playlist_name(web: Web, playlist: str, language: Language) -> str:
    """What a playlist is called: the store has named its own, we the one that it falls back to."""
    return web.texts.say(language, "playlists.house") if playlist == CLOSED.id else playlist


def item_in_words(web: Web, item: Item, language: Language) -> str:
    """What an item shows, and its title where it has one."""
    kind = web.texts.say(language, f"playlists.show_{item.__struct_config__.tag}")
    title = in_language(item.title, language) if item.title else ""
    return f"{kind}: {title}" if title else kind


def brand_names(web: Web, language: Language) -> dict[str, str]:
    """What a brand of today's playlists is called, by each of its names: screens prove the one that they showed."""
    items = [item for playlist in web.playlists.programme().playlists for item in playlist.items]
    brands = [item.brand for item in items if isinstance(item, PageItem)]
    return {name: in_language(brand, language, name) for brand in brands for name in brand.values()}


def items_in_words(web: Web, language: Language) -> dict[tuple[str, str], str]:
    """Every item of today's playlists by playlist and item; by item alone, under an empty playlist, where only one
    playlist has an item of that name.
    """
    found: dict[tuple[str, str], str] = {}
    for playlist in (*web.playlists.programme().playlists, CLOSED):
        for item in playlist.items:
            said = item_in_words(web, item, language)
            found[playlist.id, item.id] = said
            alone = found.setdefault(("", item.id), said)
            if alone != said:
                found["", item.id] = item.id
    return found
