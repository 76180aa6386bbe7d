"""What lies around the home: the loop that attracts, all offers, help, the hours."""

from __future__ import annotations

from typing import Any, Final

from kiosk_ui import places
from kiosk_ui.gateway import Refused
from kiosk_ui.screens.help.handlers import AWAY, Memory
from kiosk_ui.screens.hours.screen import Hours
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.samples.sample import Sample, wall
from tests.kiosk_ui.wire import parse

LATER: Final = 3600.0
SERVICE: Final = {"gateway": "http://127.0.0.1:9", "code": "x"}
WEEK: Final = {"week": ["08:00-22:00"] * 6 + [""]}
LONG: Final = "Pasteurisierte Bio-Vollmilch in der Familienpackung mit Schraubverschluss"
LONG_OFFER: Final[dict[str, Any]] = {
    "title": {"zh-CN": LONG, "en": LONG, "de": LONG},
    "price": 1_299_900,
    "was": 2_599_900,
}
DAY: Final = [{"id": "day", "items": [{"show": "today", "id": "today"}]}]
OFFERS: Final = [{"id": "all", "items": [{"show": "offers", "id": "offers"}]}]


OFTEN: Final = Refused("too_many_calls", "呼叫过于频繁，请稍后再试。", {"seconds": 480}, "zh-CN")


def attract(**changes: Any) -> Any:
    """A screen that nobody touches."""
    return wall(1, service=SERVICE, hours=WEEK, timezone="Asia/Shanghai", **changes)


def sixty(service: Any = SERVICE, **changes: Any) -> Any:
    """As many offers as no zone has."""
    found = [
        make_coupon(place % 7, ends_at=None, code_until="2099-01-01T00:00:00Z", id=f"c{place}", **changes)
        for place in range(60)
    ]
    return parse(make_body(found, languages=["zh-CN", "en", "de"], service=service))


def called(state: str) -> Any:
    """A call that stands so."""
    return lambda at: Memory(state, "小王" if state == "taken" else "", asked_at=at + LATER, language="zh-CN")


SAMPLES: Final = (
    Sample(name="attract-day", message=attract(playlists=DAY), covers=("normal",)),
    Sample(name="attract-offer", message=attract(playlists=OFFERS), covers=("one",)),
    Sample(name="offers", message=places.Offers(), covers=("normal",)),
    Sample(name="offers-empty", message=places.Offers(), wall=wall(0), covers=("empty",)),
    Sample(name="offers-sixty", message=places.Offers(), wall=sixty(), covers=("sixty",)),
    Sample(
        name="offers-long",
        message=places.Offers(),
        wall=sixty(**LONG_OFFER),
        offline=True,
        covers=("long", "offline"),
    ),
    Sample(name="help", message=places.Help(), memory=called("over"), covers=("normal",)),
    Sample(name="help-called", message=places.Help(), memory=called("open")),
    Sample(name="help-taken", message=places.Help(), memory=called("taken")),
    Sample(name="help-refused", message=places.Help(), memory=lambda _: Memory(refused=OFTEN)),
    Sample(name="help-away", message=places.Help(), memory=called(AWAY), offline=True, covers=("offline",)),
    Sample(name="hours", message=Hours(), wall=attract(), covers=("normal",)),
    Sample(name="hours-offline", message=Hours(), wall=attract(), offline=True, covers=("offline",)),
    Sample(name="hours-empty", message=Hours(), wall=wall(1), covers=("empty",)),
)
