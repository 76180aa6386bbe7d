"""What plays: the cost of the rule beside Anthias' own, and how soon what is withdrawn is off every glass.

    PEERS=DIR python -m tests.bench.bench_signage [--quick]

The rule: random parts of the day at random instants of a year, in turns with `Asset.is_active` of Anthias, which is
imported from `DIR/anthias` where that is a clone of Screenly/Anthias and Django can be imported. Without it the line
says so. Withdrawing: three kiosks (real windows, offscreen) and 47 agents without one on one Mosquitto; a fact is
committed, `desired` goes out, and the clock runs until every one has confirmed it, which a window does once the next
frame shows it no more.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from device_drivers.contract.playlists import PictureItem, Playlist, Window
from signage.playing import Programme, plays
from tests.bench.report import Goal, arguments, percentile, show

ZONE: Final = "Europe/Berlin"
RULES: Final = 20
RATIO: Final = 0.5


def rules(chance: random.Random) -> list[tuple[int, int, int]]:
    """Weekdays, from, to: never over midnight, which Anthias counts otherwise."""
    found = []
    for _ in range(RULES):
        start = chance.randrange(0, 1200, 15)
        found.append((chance.randint(1, 127), start, chance.randrange(start + 15, 1440, 15)))
    return found


def ours(parts: list[tuple[int, int, int]]) -> Callable[[datetime], None]:
    """All rules at one instant, each with its priority, by the rule that screens ask."""
    item = PictureItem(id="a", media={"en": "0" * 64})
    playlists = tuple(
        Playlist(id=f"p{number}", priority=number, items=(item,), windows=(Window(*part),))
        for number, part in enumerate(parts)
    )
    programme = Programme(playlists, ZONE)
    return lambda at: _ask(programme, at)


def _ask(programme: Programme, at: datetime) -> None:
    plays(programme, None, round(at.timestamp() * 1000))


def anthias(folder: Path, parts: list[tuple[int, int, int]]) -> Callable[[datetime], None] | None:
    """The same by Anthias' own code; none where it is not there."""
    if not (folder / "anthias").is_dir() or importlib.util.find_spec("django") is None:
        return None
    clone = folder / "anthias"
    sys.path[:0] = [str(clone), str(clone / "src")]
    import django
    from django.conf import settings

    settings.configure(
        TIME_ZONE=ZONE,
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "anthias_server.app"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()
    from anthias_server.app.models import Asset  # type: ignore[import-not-found]

    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
    assets = [Asset(**_asset(part), start_date=begin, end_date=end, is_enabled=True) for part in parts]

    def ask(at: datetime) -> None:
        for asset in assets:
            asset.is_active(now=at)

    return ask


def _asset(part: tuple[int, int, int]) -> dict[str, Any]:
    days, start, end = part
    clock = lambda minute: clock_time(minute // 60, minute % 60)  # noqa: E731 - of a day
    return {
        "play_days": [day + 1 for day in range(7) if days >> day & 1],
        "play_time_from": clock(start),
        "play_time_to": clock(end),
    }


def cost(ask: Callable[[datetime], None], instants: list[datetime]) -> float:
    """Microseconds a rule."""
    begin = time.perf_counter()
    for at in instants:
        ask(at)
    return (time.perf_counter() - begin) / len(instants) / RULES * 1e6


def rule_goal(rounds: int, count: int) -> Goal:
    """Ours and theirs in turns, each round with other instants."""
    chance = random.Random(12)
    parts = rules(chance)
    mine, theirs = ours(parts), anthias(Path(os.environ.get("PEERS", "nowhere")), parts)
    local = ZoneInfo(ZONE)
    found: list[tuple[float, float]] = []
    for _ in range(rounds):
        instants = [
            (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(31_536_000))).astimezone(local)
            for _ in range(count)
        ]
        found.append((cost(mine, instants), cost(theirs, instants) if theirs else 0.0))
    own = percentile([each for each, _ in found], 50)
    target = f"what plays, {RULES} rules: ≤ {RATIO} × Anthias' is_active, a rule"
    if theirs is None:
        return Goal(target, f"{own:.2f} µs", "Anthias is not there (PEERS)", None)
    ratio = percentile([one / other for one, other in found], 50)
    other = percentile([each for _, each in found], 50)
    return Goal(target, f"{own:.2f} µs beside {other:.2f} µs", f"{ratio:.2f}", ratio <= RATIO)


def main() -> None:
    """Measures and tells."""
    options = arguments(__doc__).parse_args()
    goals = [rule_goal(3 if options.quick else 15, 200 if options.quick else 2000)]
    from tests.bench.withdrawing import withdraw_goal

    goals.append(withdraw_goal(options.quick))
    show("Screens: what plays", goals)


if __name__ == "__main__":
    main()
