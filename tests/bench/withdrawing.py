"""How soon what is withdrawn is off every glass: three real windows and 47 agents without one, one broker."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge.bus.brokers import mosquitto
from edge.domain.playlists import decisions
from tests.bench.place import free_port
from tests.bench.report import Goal, percentile
from tests.kiosk_ui.fleet import Applied, agent, kiosk, leave, screen_store

WINDOWS: Final = 3
AGENTS: Final = 47
LIMIT_S: Final = 2.0


def withdraw_goal(quick: bool) -> Goal:
    """Withdraws and restores the item that plays, again and again."""
    windows, agents, rounds = (1, 4, 3) if quick else (WINDOWS, AGENTS, 20)
    names = [f"screen-{number:02}" for number in range(windows + agents)]
    took: list[float] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        broker = mosquitto(free_port(), folder / "broker", None)
        broker.start()
        stack.callback(broker.stop)
        port = int(broker.url.rpartition(":")[2])
        store = screen_store(broker, folder / "store", tuple(names))
        store.start()
        stack.callback(store.stop)
        heard = Applied(port)
        stack.callback(heard.close)
        for each in names[:windows]:
            stack.callback(leave, kiosk(each, port, folder / each))
        for each in names[windows:]:
            stack.callback(agent(each, port, folder / each).stop)
        heard.after(0, set(names), 120)
        for _ in range(rounds):
            took += _round(store, heard, set(names))
    worst = percentile(took, 99)
    target = f"withdrawn in mid-item on {windows + agents} screens, {windows} of them windows: p99 < {LIMIT_S:g} s"
    return Goal(target, f"p50 {percentile(took, 50):.2f} s, p99 {worst:.2f} s", "", None if quick else worst < LIMIT_S)


def _round(store: object, heard: Applied, names: set[str]) -> list[float]:
    """Seconds until each screen had confirmed it."""
    decide = store.gateway.decide  # type: ignore[attr-defined]
    begun = time.time()
    store.do(decide(decisions.withdraw, content="poster/poster", by="bench", reason="bench"))  # type: ignore[attr-defined]
    found = heard.each_after(int(begun * 1000), names)
    store.do(decide(decisions.restore, content="poster/poster", by="bench"))  # type: ignore[attr-defined]
    heard.after(int(time.time() * 1000), names)
    return [at - begun for at in found.values()]
