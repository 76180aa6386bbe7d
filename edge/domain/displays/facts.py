"""What is known of what screens showed: every fact."""

from __future__ import annotations

from typing import Literal

import msgspec

from edge.domain.displays.rules import HOUR_MS
from edge.journal.entry import Fact

Lit = Literal["yes", "no", "unknown"]


class Interval(msgspec.Struct, frozen=True, omit_defaults=True):
    """For how long one thing stood, without a gap."""

    n: int
    """The screen's own number of it, within its start."""
    playlist: str
    item: str
    content: str
    from_ms: int
    """Wall time of its first picture."""
    ms: int
    """By the screen's monotonic clock."""
    kind: str = ""
    owner: str = ""
    lit: Lit = "unknown"
    piece_ms: int = HOUR_MS
    """By pieces of this length it is counted: by less than an hour where clocks stand off UTC by part of one."""


class DisplayShown(Fact, frozen=True, tag="display.shown.v1"):
    """A screen showed these, each once."""

    device: str
    zone: str
    """Where it stood then."""
    boot: str
    intervals: tuple[Interval, ...]


class KioskSessionEnded(Fact, frozen=True, tag="kiosk.session_ended.v1"):
    """Somebody was done at a screen: how it was used, and nothing of whom."""

    device: str
    ms: int
    end: Literal["done", "idle", "left"]
    """They said so; nobody was there any more; touches went on that were no person's."""
    touches: int = 0
    places: dict[str, int] = msgspec.field(default_factory=dict)
    """How often each place was opened."""


Verdict = Literal["good", "other", "blank", "unlike", "no_answer", "in_use"]
"""`other`: the screen shows something else than it should; `unlike`: it says what it should, and the picture is
another; `blank`: one colour; `in_use`: somebody uses it, which says nothing and is not recorded."""


class DisplaySampled(Fact, frozen=True, tag="display.sampled.v1"):
    """The gateway looked at a screen at a moment that it told nobody before."""

    device: str
    verdict: Verdict
    playlist: str = ""
    item: str = ""
    content: str = ""
    """What should have stood there."""
    distance: int | None = None
    """Of 64 bits, how many of the picture's hash differ from that of its file; none where there is no file."""
