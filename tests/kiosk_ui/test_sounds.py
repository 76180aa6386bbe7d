"""Short sounds: what they are, how loud, and that each is heard once, when what it goes with begins."""

from __future__ import annotations

import array
import io
import sys
import time
import wave
from typing import TYPE_CHECKING

import msgspec
import pytest

from device_drivers.contract import ProductScene
from device_drivers.contract.answers.lockers import OpenedDoor
from kiosk_ui import flow, places
from kiosk_ui.screen import Moment
from kiosk_ui.screens.lockers.handlers import Memory
from kiosk_ui.sounds import PEAK, TUNES, Sounding, Sounds, wav
from kiosk_ui.state import OpenScreen
from tests.kiosk_ui.wire import NOW, begin, parse, take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LENGTHS = {"tick": 20, "read": 120, "refused": 180, "open": 600, "bell": 600, "won": 1200, "still": 280}


class Heard:
    """A `sounds.Player` that remembers."""

    def __init__(self) -> None:
        self.played: list[tuple[str, float]] = []

    def play(self, name: str, gain: float) -> None:
        self.played.append((name, gain))


@pytest.mark.parametrize("name", TUNES)
def test_a_tune_is_as_long_and_as_loud_as_it_says(name: str) -> None:
    loud, soft = (samples(wav(name, gain)) for gain in (1.0, 0.5))
    assert len(loud) == pytest.approx(22.05 * LENGTHS[name], abs=2)
    assert 0.5 * PEAK < max(map(abs, loud)) / 32_767 <= PEAK
    assert max(map(abs, soft)) == pytest.approx(max(map(abs, loud)) / 2, rel=0.02)
    assert abs(loud[0]) < 300, "it does not click"


def samples(content: bytes) -> array.array[int]:
    with wave.open(io.BytesIO(content)) as file:
        return array.array("h", file.readframes(file.getnframes()))


def test_it_is_heard_by_the_machines_player_and_silence_needs_none(tmp_path: Path) -> None:
    out = tmp_path / "heard.wav"
    player = Sounds((sys.executable, "-c", f"import sys; open({str(out)!r}, 'wb').write(sys.stdin.buffer.read())"))
    player.play("read", 1.0)
    ends = time.monotonic() + 60
    while not out.exists() or out.read_bytes() != wav("read"):
        assert time.monotonic() < ends
        time.sleep(0.02)
    player.close()
    Sounds(()).play("read", 1.0)


def test_each_is_heard_once_softer_in_the_evening_and_under_the_voice() -> None:
    heard = Heard()
    sounding = Sounding(heard)
    for key, sound, acted, hour, speaking in (
        (1, "", 0.0, 10, False),
        (1, "", 5.0, 10, False),  # a touch
        (2, "read", 6.0, 10, False),  # a touch that shows what was scanned: one sound, not two
        (2, "read", 6.0, 10, False),
        (3, "bell/1", 6.0, 21, False),
        (3, "bell/2", 6.0, 21, True),
        (3, "", 6.0, 10, False),
        (3, "bell/2", 6.0, 7, False),
    ):
        sounding.rendered(key, sound, acted, hour, speaking=speaking)
    assert heard.played == [("tick", 1.0), ("read", 1.0), ("bell", 0.5), ("bell", 0.125), ("bell", 0.5)]
    Sounding(None).rendered(1, "won", 0.0, 12, speaking=False)


def sound_of(state: flow.State, at: float) -> str:
    return state.front.screen.sound(flow.context(state, state.front, Moment(at, NOW)))


def test_scans_and_questions_are_heard(body: Callable[..., bytes]) -> None:
    service = {"gateway": "http://127.0.0.1:9", "code": "x"}
    state = take(begin(), parse(body(2, service=service)))
    assert sound_of(state, 1.0) == ""
    scene = ProductScene("4006381333931", {"en": "Pen"}, "EUR", "gift", "#FFFFFF")
    scanned = flow.show_scene(state, state.screens.of(scene), scene, Moment(1.0, NOW))
    assert sound_of(scanned, 1.0) == "read"
    asked = flow.pass_time(flow.open_place(state, places.Help(), Moment(1.0, NOW)), Moment(62.0, NOW))
    assert [sound_of(asked, at) for at in (62.0, 80.0, 81.5, 86.5)] == ["still/1", "still/1", "still/2", "still/3"]


def test_a_door_is_heard_when_it_opens_and_while_it_stays_open(body: Callable[..., bytes]) -> None:
    state = flow.open_place(take(begin(), parse(body(2))), places.Lockers(), Moment(1.0, NOW))
    opened = OpenedDoor("o", "b", "7", "take", "open", done=False, sentence="", advice="", remind_s=60)
    for stage, at, sound in (
        ("asked", 11.0, ""),
        ("open", 11.0, "open"),
        ("open", 26.0, "bell/1"),
        ("open", 41.0, "bell/2"),
        ("failed", 11.0, "refused"),
    ):
        memory = Memory(stage="door", opened=msgspec.structs.replace(opened, stage=stage), opened_at=10.0)
        shown = OpenScreen(state.front.screen, places.Lockers(), memory, state.front.key)
        assert shown.screen.sound(flow.context(state, shown, Moment(at, NOW))) == sound
