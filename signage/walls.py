"""The programme of a screen as it came over the wire."""

from __future__ import annotations

from device_drivers.contract import CouponWall
from signage.occurrences import ms
from signage.playing import Programme


def programme_of(wall: CouponWall) -> Programme:
    """What plays on the screen of this wall. Its playlists are those that are meant for it, so no place is needed."""
    return Programme(
        playlists=wall.playlists,
        timezone=wall.timezone,
        withdrawn=frozenset(wall.withdrawn),
        leased_until=ms(wall.leased_until) if wall.leased_until else None,
    )
