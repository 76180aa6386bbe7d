"""What a screen says of its own glass, and what it is told of its panel: all of it optional."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from device_drivers.contract.values import Boot, Serial, Short, Whole

Trouble = Literal["white", "black", "frozen", "upside_down", "no_panel", "wrong_size"]
"""What a screen finds by looking at its own picture. `frozen`: what is drawn does not arrive."""
Lit = Literal["yes", "no", "unknown"]
"""Whether the panel shone; `unknown` where it has no way to say so."""
FilmTrouble = Literal["no_player", "unreadable"]
"""Why a screen shows stills in place of films: its machine plays none; or one of them cannot be played there."""
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Minute = Annotated[int, msgspec.Meta(ge=0, le=1439)]
"""Of a day, in the store's time."""
Content = Annotated[str, msgspec.Meta(max_length=128)]


class Glass(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of a screen's picture, as it finds it itself. Sent when it changes."""

    trouble: Trouble | None = None
    width: Serial = 0
    """Of the picture, in pixels."""
    height: Serial = 0
    lit: Lit = "unknown"
    brightness: Percent | None = None
    """What the panel itself says; none where it does not."""
    films: FilmTrouble | None = None
    """None where films play, or none is wanted."""


class Box(msgspec.Struct, frozen=True):
    """A part of a picture: shares of its width and height, from its top left. What reaches beyond is not seen."""

    left: float
    top: float
    width: float
    height: float


class OnGlass(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a playlist stands on the glass."""

    playlist: Short
    item: Short
    """Its name or place in the playlist."""
    content: Content
    """What is seen of it: the hash of its file, or of what it says."""
    kind: Short = ""
    owner: Short = ""
    """The brand that it is shown for, where one is named."""
    box: Box | None = None
    """Where in the picture its file is drawn; none where it shows none, or draws it otherwise."""


class Stood(msgspec.Struct, frozen=True, omit_defaults=True):
    """For how long something stood on the glass, without a gap."""

    boot: Boot
    """The kiosk's start that it belongs to: with `n` it is its name for ever."""
    n: Serial
    shown: OnGlass
    at: Short
    """Wall time of its first picture."""
    ms: Whole
    """How long, by the monotonic clock."""
    lit: Lit = "unknown"


class PanelHours(msgspec.Struct, frozen=True):
    """From a minute of the day to another, which is outside; across midnight where the second is smaller."""

    first: Minute
    last: Minute
    brightness: Percent | None = None
    """None: as the panel itself is set."""


class PanelPlan(msgspec.Struct, frozen=True):
    """When the panel shines, and how brightly. Outside of all hours it is dark. The first hours that fit count."""

    timezone: Short
    hours: Annotated[tuple[PanelHours, ...], msgspec.Meta(max_length=24)] = ()
    """None at all: the panel is left alone."""
