from __future__ import annotations

import array
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kiosk_ui import voices
from kiosk_ui.speech import VOLUMES, Speech
from kiosk_ui.voices import Engine, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADER = 44
"""Bytes of a WAV before its sound."""


class Told:
    """Counts that the voice has begun and ended."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.speech: Speech | None = None

    def __call__(self) -> None:
        if self.speech is not None and not self.speech.speaking:
            self.ended.set()


@pytest.fixture
def speaking(require: Callable[[str], None], tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """`speaking("text", "en")`: the WAV that the player was given, once everything is said."""
    require("espeak-ng")
    told, heard = Told(), tmp_path / "heard.wav"
    speech = told.speech = Speech(voices.engines(Setting()), ("tee", str(heard)), told)

    def say(*texts: str, language: str = "en", volume: int = VOLUMES[1]) -> Path:
        for text in texts:
            told.ended.clear()
            speech.say(text, language, volume)
        assert told.ended.wait(60)
        return heard

    yield say
    speech.close()


def samples(wav: Path) -> array.array[int]:
    sound = wav.read_bytes()
    assert sound[:4] == b"RIFF"
    return array.array("h", sound[HEADER : len(sound) // 2 * 2])


def loudness(found: array.array[int]) -> float:
    return float((sum(value * value for value in found) / len(found)) ** 0.5)


@pytest.mark.parametrize(
    ("text", "language"),
    [("红颜草莓，15.90元，按键", "zh-CN"), ("Strawberries, key", "en"), ("Erdbeeren, Taste", "de")],
)
def test_what_is_said_is_no_silence(speaking: Callable[..., Path], text: str, language: str) -> None:
    found = samples(speaking(text, language=language))
    assert len(found) > 10_000
    assert loudness(found) > 500


def test_louder_is_louder(speaking: Callable[..., Path]) -> None:
    quiet = loudness(samples(speaking("Strawberries", volume=VOLUMES[0])))
    assert loudness(samples(speaking("Strawberries", volume=VOLUMES[-1]))) > 1.8 * quiet


def test_the_next_thing_takes_the_place_of_what_is_being_said(speaking: Callable[..., Path]) -> None:
    alone = speaking("key").read_bytes()
    assert speaking("a very long sentence " * 40, "key").read_bytes() == alone


def test_a_voice_that_cannot_start_leaves_the_screen_alone(tmp_path: Path) -> None:
    told = Told()
    broken = Engine("broken", lambda _language: True, lambda _language, _volume: (str(tmp_path / "none"),))
    speech = told.speech = Speech([broken], ("tee", str(tmp_path / "heard")), told)
    speech.say("key", "en")
    assert told.ended.wait(60)
    told.ended.clear()
    speech.say("key", "en")
    assert told.ended.wait(60)
    speech.close()


def test_without_a_voice_or_a_player_it_says_so() -> None:
    engine = Engine("any", lambda _language: True, lambda _language, _volume: ("true",))
    assert not Speech([], ("tee",)).able
    silent = Speech([engine], ())
    assert not silent.able
    silent.say("key", "en")
    assert not silent.speaking


def test_the_words_stand_in_no_list_of_processes() -> None:
    everything = voices.engines(Setting(command=("own", "{language}")), lambda name: name)
    assert [engine.name for engine in everything] == ["own", "piper", "espeak-ng"]
    for engine in everything:
        assert "strawberries" not in " ".join(engine.argv("en", 100))
    assert everything[0].argv("de", 100) == ("own", "de")
    assert everything[2].argv("zh-CN", 50)[:5] == ("espeak-ng", "-v", "cmn", "-a", "50")


def test_the_better_voice_speaks_where_it_knows_the_language(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "de_DE-thorsten-medium.onnx").write_bytes(b"")
    known = voices.engines(Setting(models=tmp_path), lambda name: None if name == "own" else name)
    german, english = voices.for_language(known, "de"), voices.for_language(known, "en")
    assert german is not None
    assert english is not None
    assert (german.name, english.name) == ("piper", "espeak-ng")
    assert str(tmp_path / "de" / "de_DE-thorsten-medium.onnx") in german.argv("de", 100)


def test_the_first_player_there_is_plays() -> None:
    assert voices.player(lambda name: name if name in ("aplay", "paplay") else None) == ("paplay",)
    assert voices.player(lambda _name: None) == ()
    assert shutil.which("tee")
