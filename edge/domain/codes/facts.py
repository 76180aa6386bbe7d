"""What scanners and cameras read: every fact."""

from __future__ import annotations

import msgspec

from edge.journal.entry import Fact


class ReadingNoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the code may mean."""

    kind: str
    certainty: str
    reason: str
    what: str = ""
    refused: str = ""
    gtin: str = ""
    touchpoint: str = ""
    coupon: str = ""
    job: str = ""


class CodeRead(Fact, frozen=True, tag="code.read.v1"):
    """A scanner or camera of ours read a code."""

    device: str
    zone: str
    kind: str
    """Of the best reading."""
    readings: list[ReadingNoted]
    symbology: str | None
    length: int
    """Of its text, in characters."""
    digest: str
    """Names the code, to find repeats: 16 hexadecimal digits of a hash under a key of this box."""
    member: str = ""
    """Whose code it was, where it was a member's and has been used up by this."""
    refused: str = ""
    """Why it came to nothing."""
