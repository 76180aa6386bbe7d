"""Touchpoints: taken over from the settings, and scanned."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import asked_by
from edge.domain.members.tagging import tagging
from edge.domain.touchpoints.facts import TouchpointDefined, TouchpointRemoved, TouchpointScanned
from edge.domain.touchpoints.rules import AGAIN_MS
from edge.journal import Tx


@asked_by("store")
def define(tx: Tx, touchpoints: Sequence[TouchpointDefined]) -> None:
    """Take over the configured touchpoints; only what differs becomes a fact."""
    known = {row["touchpoint"]: row["definition"] for row in tx.all("SELECT touchpoint, definition FROM touchpoints")}
    for touchpoint in touchpoints:
        if known.pop(touchpoint.touchpoint, None) != msgspec.json.encode(touchpoint).decode():
            tx.emit(touchpoint)
    for gone in known:
        tx.emit(TouchpointRemoved(touchpoint=gone))


@asked_by("anyone")
def scanned(tx: Tx, *, touchpoint: str, visitor: str, shown_ms: int, member: str | None = None) -> None:
    """Attribute a scan to its touchpoint, once its page, made at `shown_ms`, was shown to somebody.

    One view counts once, however often it is told; and a page that is only loaded again within a minute is no new scan.
    """
    row = tx.one("SELECT last_ms FROM scans WHERE touchpoint=? AND visitor=?", touchpoint, visitor)
    if row is None or (tx.now - row["last_ms"] > AGAIN_MS and shown_ms > row["last_ms"]):
        tx.emit(TouchpointScanned(touchpoint=touchpoint, visitor=visitor, member=member))
        for fact in tagging(tx, member, touchpoint) if member else ():
            tx.emit(fact)
