"""How often the page of each code was fetched, and by what: people, previews of messengers, bots, programs.

In memory, by the hour: a preview or a bot leaves no fact. What people did is in the journal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["page", "person", "preview", "bot", "program"]
"""`page` went to a browser; `person` is a browser that showed it to somebody. The others fetch for themselves."""

HOUR_MS: Final = 3_600_000
HOURS: Final = 48
"""How long the hours are kept apart."""

_BOT: Final = re.compile(
    r"bot\b|crawl|spider|slurp|facebookexternalhit|whatsapp/|telegram|slack|discord|embedly|preview|lighthouse"
)
_PROGRAM: Final = re.compile(r"curl/|wget/|httpie|python|go-http|okhttp|java/|libwww|axios|node-fetch|scrapy|postman")
_PREFETCH: Final = ("prefetch", "prerender", "preview")


class PageCounts:
    """Counts, by code and kind; all together and by the hour."""

    def __init__(self) -> None:
        self.total: Counter[tuple[str, Kind]] = Counter()
        """By touchpoint and kind, since the gateway started."""
        self._hours: dict[int, Counter[tuple[str, Kind]]] = {}

    def note(self, touchpoint: str, kind: Kind, now_ms: int) -> None:
        """One more; `touchpoint` is one of ours."""
        hour = now_ms // HOUR_MS
        if hour not in self._hours:
            for old in [each for each in self._hours if each <= hour - HOURS]:
                del self._hours[old]
            if len(self._hours) > HOURS:  # the clock was somewhere else
                self._hours.clear()
            self._hours[hour] = Counter()
        self._hours[hour][touchpoint, kind] += 1
        self.total[touchpoint, kind] += 1

    def hour(self, now_ms: int) -> Mapping[tuple[str, Kind], int]:
        """What was counted in the hour of this moment."""
        return self._hours.get(now_ms // HOUR_MS, Counter())


def kind_of(headers: Mapping[str, str]) -> Kind:
    """What fetches a page, by what it says of itself. Whoever lies is a `page` until a person is shown it."""
    purposes = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    agent = headers.get("user-agent", "").lower()
    if any(word in purposes for word in _PREFETCH):
        return "preview"
    if _BOT.search(agent):
        return "bot"
    if not agent or _PROGRAM.search(agent) or "text/html" not in headers.get("accept", ""):
        return "program"
    return "page"
