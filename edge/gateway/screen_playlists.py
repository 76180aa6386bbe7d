"""What a screen gets to play: the playlists that are meant for it, their media, the products of the day, the hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from device_drivers.contract import CouponWall, encode_desired
from device_drivers.contract.playlists import (
    MAX_MEDIA,
    MAX_WITHDRAWN,
    Good,
    Playlist,
    ProductItem,
    Repertoire,
    RepertoireFile,
)
from device_drivers.contract.values import MAX_BYTES
from edge.domain.layout import Layout
from edge.domain.playlists import queries
from edge.journal import Reads
from edge.products import Products
from edge.products.pricing import next_change_ms
from edge.products.scenes import ProductScenes
from edge.settings.playlists import ConfiguredPlaylists
from gs1.trade import Trade
from signage import days
from signage.playing import Play, Programme, ScreenLocation, contents, meant, plays

KEPT_MS: Final = 30 * 86_400_000
"""So long a screen that was in the cupboard still hears what was withdrawn."""
ROOM: Final = MAX_BYTES - 2048
"""Bytes of a body; the envelope is around it."""
APART: Final = 64
"""Repertoires that are kept for screens that ask."""
_PLAYLIST: Final = msgspec.json.Decoder(Playlist)


@lru_cache(256)
def _read(definition: bytes) -> Playlist:
    return _PLAYLIST.decode(definition)


def within_message_size(wall: CouponWall) -> CouponWall:
    """The wall with the first of its coupons, as many as a message holds: of a longer one a screen takes nothing."""
    while wall.coupons and len(encode_desired(wall)) > ROOM:
        wall = msgspec.structs.replace(wall, coupons=wall.coupons[: len(wall.coupons) * 9 // 10])
    return wall


class ScreenPlaylists:
    """Made once; everything that changes is asked of the tables."""

    def __init__(
        self, reads: Reads, playing: ConfiguredPlaylists, products: Products, layout: Layout, public_url: str
    ) -> None:
        self._reads = reads
        self.playing = playing
        """What the settings say of media, hours and tags."""
        self._layout = layout
        self._apart: dict[str, bytes] = {}
        """Repertoires that screens ask for, by hash, the newest last."""
        self._products = products
        self._stage = ProductScenes(products, layout, public_url)

    def place(self, screen: str, zone: str) -> ScreenLocation:
        """Where a screen stands."""
        return ScreenLocation(screen, zone, self.playing.tags.get(screen, ()), self._layout.store.id)

    def programme(self) -> Programme:
        """Everything that plays in the store."""
        return Programme(
            tuple(_read(definition) for definition in queries.definitions(self._reads)),
            self._layout.store.zone.key,
            frozenset(each.content for each in queries.withdrawn(self._reads)),
        )

    def now(self, screen: str, zone: str, now_ms: int) -> Play:
        """What plays on a screen, and why."""
        return plays(self.programme(), self.place(screen, zone), now_ms)

    def onto(self, wall: CouponWall, screen: str, now_ms: int) -> CouponWall:
        """The wall of a screen with all that it plays."""
        place = self.place(screen, wall.zone.id)
        gone = queries.withdrawn(self._reads)
        here = self._playlists_for(place, {each.content for each in gone})
        hashes = {sha256 for playlist in here for item in playlist.items for sha256 in contents(item)}
        repertoire = Repertoire(
            playlists=tuple(here),
            media=tuple(each for sha256, each in self.playing.media.items() if sha256 in hashes),
            goods=tuple(self._goods(here, screen, now_ms)),
        )
        told = msgspec.structs.replace(
            wall,
            hours=self.playing.hours,
            timezone=self._layout.store.zone.key,
            withdrawn=tuple(each.content for each in gone if each.at_ms > now_ms - KEPT_MS)[:MAX_WITHDRAWN],
            leased_until=datetime.fromtimestamp((now_ms + self.playing.lease_ms) // 1000, UTC),
        )
        return self._add_repertoire(within_message_size(told), repertoire)

    def _add_repertoire(self, wall: CouponWall, repertoire: Repertoire) -> CouponWall:
        """The repertoire in the message, or beside it where that has no room."""
        if len(repertoire.media) <= MAX_MEDIA:
            whole = msgspec.structs.replace(wall, **msgspec.structs.asdict(repertoire))
            if len(encode_desired(whole)) <= ROOM:
                return whole
        content = msgspec.json.encode(repertoire)
        sha256 = hashlib.sha256(content).hexdigest()
        self._apart.pop(sha256, None)
        self._apart[sha256] = content
        if len(self._apart) > APART:
            del self._apart[next(iter(self._apart))]
        return msgspec.structs.replace(wall, repertoire=RepertoireFile(sha256, len(content)))

    def repertoire(self, sha256: str) -> bytes | None:
        """What a screen was told to ask for; none where no screen was, of late."""
        return self._apart.get(sha256)

    def _playlists_for(self, place: ScreenLocation, gone: set[str]) -> list[Playlist]:
        """The playlists for a screen, without what is withdrawn: a screen that lost its list of that shows it no more
        than others.
        """
        found = []
        for playlist in self.programme().playlists:
            if not meant(playlist.where, place) or playlist.id in gone:
                continue
            items = tuple(
                item
                for item in playlist.items
                if f"{playlist.id}/{item.id}" not in gone and gone.isdisjoint(contents(item))
            )
            if items:
                found.append(msgspec.structs.replace(playlist, items=items))
        return found

    def _goods(self, playlists: Iterable[Playlist], screen: str, now_ms: int) -> Iterable[Good]:
        """The products of this day and, for a screen that hears nothing more, of the next; each with its price of now
        up to when that is another one.
        """
        clock = days.wall(self._layout.store.zone.key)
        today = clock.day(now_ms)
        until = datetime.fromtimestamp(clock.instant(today + 1, 0) / 1000, UTC)
        wanted: dict[str, datetime | None] = {}
        for playlist in playlists:
            for item in playlist.items:
                if isinstance(item, ProductItem):
                    wanted[item.gtins[today % len(item.gtins)]] = until
                    wanted.setdefault(item.gtins[(today + 1) % len(item.gtins)], until + timedelta(days=1))
        for gtin, last in list(wanted.items())[:40]:
            if (good := self._good_for(gtin, screen, self._reads.now, last)) is not None:
                yield good

    def _good_for(self, gtin: str, screen: str, now_ms: int, until: datetime | None) -> Good | None:
        product = self._products.find(gtin)
        scene = self._stage.of(Trade(gtin.zfill(14), "gtin"), now_ms, screen)
        if scene is None:
            return None
        changes_ms = next_change_ms(product, now_ms) if product is not None else None
        if changes_ms is not None:
            changes = datetime.fromtimestamp(changes_ms // 1000, UTC)
            until = changes if until is None else min(until, changes)
        return Good(
            gtin=gtin,
            name=scene.name,
            price=scene.price,
            was=scene.was,
            currency=scene.currency,
            per_unit=scene.per_unit,
            place=scene.place,
            art=scene.art or "gift",
            tint=scene.tint,
            until=until,
        )
