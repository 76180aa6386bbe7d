"""What happens at touchpoints: every fact."""

from __future__ import annotations

from typing import Annotated

from edge.domain.setting import Setting
from edge.journal.entry import Fact
from words.languages import Words

Purpose = str
"""What a scan is for: `enter`, `cart`, `locker`, `screen`, `shelf`, `coupon`, `badge`, and what other packages add."""


class TouchpointDefined(Fact, frozen=True, tag="touchpoint.defined.v1"):
    """A touchpoint stands here, for this purpose."""

    touchpoint: Annotated[str, Setting("id", form="id")]
    """Name in settings, codes and facts. A printed code is good as long as this stays."""
    purpose: Annotated[Purpose, Setting(form="purpose")]
    """What a scan means. Change it only together with the printed card."""
    zone: Annotated[str, Setting(form="id")]
    """Where it hangs, so that visits count for the right zone. Change it when the card moves."""
    label: Annotated[Words, Setting(form="text")]
    """What is printed over the code."""
    at: Annotated[tuple[float, float], Setting(form="place")]
    """x, y in metres on the floor plan."""
    device: Annotated[str | None, Setting(form="id")] = None
    """The device that the code belongs to. Carts, lockers and screens get theirs by themselves: leave it out."""
    staff: Annotated[str | None, Setting(form="id")] = None
    """Whose badge it is: the name of a member of staff, to whom commission is due for who registers there. Leave it out
    and the badge counts by its own name."""

    tag: Annotated[str | None, Setting(form="id")] = None
    """What a scan says of a member who wants to be told of offers, such as `baby`; nobody else is tagged."""


class TouchpointRemoved(Fact, frozen=True, tag="touchpoint.removed.v1"):
    """The touchpoint is gone: its code means nothing any more."""

    touchpoint: str


class TouchpointScanned(Fact, frozen=True, tag="touchpoint.scanned.v1"):
    """The page of a touchpoint was shown to somebody."""

    touchpoint: str
    visitor: str
    """A random name of the browser, no person."""
    member: str | None = None
