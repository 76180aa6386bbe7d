"""Makes what screens get of what stands in `playlists.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from device_drivers.contract import playlists
from device_drivers.contract.playlists import Item, MediaFile, Playlist, Target, Window
from edge.settings.playlist_checks import by_language, duration_ms, name_of, resolved
from edge.settings.playlist_tables import (
    GuideSettings,
    ItemSettings,
    PageSettings,
    PhaseSettings,
    PictureSettings,
    PlaylistSettings,
    ProductSettings,
    VideoSettings,
)


class Maker:
    """Makes what screens get of what stands in the file."""

    def __init__(
        self, media: Mapping[str, MediaFile], languages: tuple[str, ...], phases: Mapping[str, PhaseSettings]
    ) -> None:
        self._media = media
        self._languages = languages
        self._phases = phases

    def playlist(self, said: PlaylistSettings) -> Playlist:
        phase = self._phases.get(said.phase or "")
        whole = not said.model_fields_set & {"days", "from_", "to"}
        windows = said.when or (() if whole else (said,))
        return Playlist(
            id=said.id,
            priority=said.priority,
            windows=tuple(Window(each.days, each.from_, each.to) for each in windows),
            first_day=said.first,
            last_day=said.last,
            since=phase.from_ if phase else None,
            until=phase.until if phase else None,
            share=said.share,
            where=Target(said.where.zones, said.where.screens, said.where.tags, said.where.stores),
            items=tuple(self._item(item, index) for index, item in enumerate(said.items)),
        )

    def _item(self, said: ItemSettings, index: int) -> Item:
        every: dict[str, Any] = {
            "id": name_of(said, index),
            "ms": duration_ms(said, self._media, self._languages),
            "title": dict(said.title or {}),
            "recall": said.recall,
        }
        match said:
            case PictureSettings():
                return playlists.PictureItem(media=self._hashes(said.picture), **every)
            case VideoSettings():
                return playlists.VideoItem(media=self._hashes(said.video), still=self._hashes(said.still), **every)
            case PageSettings():
                return self._page(said, every)
            case GuideSettings():
                steps = tuple(dict(step) for step in said.steps)
                picture = self._hashes(said.picture)
                return playlists.GuideItem(steps=steps, media=picture, art=said.art or "", tint=said.tint, **every)
            case ProductSettings():
                return playlists.ProductItem(gtins=said.products, **every)
        kind = playlists.TodayItem if said.show == "today" else playlists.OffersItem  # type: ignore[attr-defined]
        return kind(**every)

    def _page(self, said: PageSettings, every: dict[str, Any]) -> Item:
        return playlists.PageItem(
            brand=dict(said.brand or {}),
            text=dict(said.text or {}),
            media=self._hashes(said.picture),
            art=said.art or "",
            tint=said.tint,
            url=said.url or "",
            **every,
        )

    def _hashes(self, said: str | dict[str, str] | None) -> dict[str, str]:
        found = {lang: resolved(name, self._media) for lang, name in by_language(said, self._languages).items()}
        return {language: each.sha256 for language, each in found.items() if each}
