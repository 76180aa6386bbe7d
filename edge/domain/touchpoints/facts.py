"""What happens at touchpoints: every fact."""

from __future__ import annotations

from edge.journal.entry import Fact
from words.languages import Words

Purpose = str
"""What a scan is for: `enter`, `cart`, `locker`, `screen`, `shelf`, `coupon`, `badge`, and what other packages add."""


class TouchpointDefined(Fact, frozen=True, tag="touchpoint.defined.v1"):
    """A touchpoint stands here, for this purpose."""

    touchpoint: str
    purpose: Purpose
    zone: str
    label: Words
    at: tuple[float, float]
    device: str | None = None


class TouchpointRemoved(Fact, frozen=True, tag="touchpoint.removed.v1"):
    """The touchpoint is gone: its code means nothing any more."""

    touchpoint: str


class TouchpointScanned(Fact, frozen=True, tag="touchpoint.scanned.v1"):
    """The page of a touchpoint was shown to somebody."""

    touchpoint: str
    visitor: str
    """A random name of the browser, no person."""
    member: str | None = None
