"""Settings of how much a device may say: `[quotas]` of `store.toml`, by kind of device. All of it has defaults."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge.settings.model import SettingsModel

Number = Annotated[int, Field(ge=1, le=2**40)]


class Quota(SettingsModel):
    """What one device may send. As much may come at once as in a minute, when it was quiet before."""

    messages: Number = 300
    """So many messages a minute."""
    bytes: Number = 256 * 1024
    """So many bytes a minute."""
    facts: Number = 200
    """So many facts a minute that come of them."""


class QuotaSettings(SettingsModel):
    """Beyond its quota the newest state of a device counts, a little later; its events are left with it, so that they
    come again. Nothing is lost, and staff are told.
    """

    cart: Quota = Quota()
    """A cart's lock."""
    locker: Quota = Quota(messages=1500, bytes=8 * 1024 * 1024, facts=1500)
    """A bank of lockers: each state names every door."""
    printer: Quota = Quota()
    """A printer."""
    screen: Quota = Quota()
    """A screen."""
    scanner: Quota = Quota(messages=900, bytes=2 * 1024 * 1024, facts=1200)
    """A scanner or a camera: a till reads two codes a second at most, and each becomes two facts."""
    beacon: Quota = Quota(messages=1500, bytes=1024 * 1024, facts=1500)
    """A listener for beacons: it speaks for every cart."""

    def of(self, kind: str) -> Quota:
        """The quota of a kind of device; a kind that nobody described has the cart's."""
        found: Quota = getattr(self, kind, self.cart) if kind in type(self).model_fields else self.cart
        return found
