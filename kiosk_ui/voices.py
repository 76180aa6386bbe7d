"""The programs that read aloud, and those that play a sound: whichever of them this machine has, the best first.

Each is a process of its own that reads the words from its standard input: no word stands in a list of processes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

Argv: TypeAlias = tuple[str, ...]

PLAYERS: Final[tuple[Argv, ...]] = (("pw-play", "-"), ("paplay",), ("aplay", "-q", "-"))
"""They take a WAV from their standard input: the sound servers first, then the card itself."""
PIPER: Final = "piper"
ESPEAK: Final = "espeak-ng"
PIPER_VOICES: Final = Path("/usr/share/piper-voices")
"""Where its models are looked for unless a setting says otherwise."""
ESPEAK_VOICES: Final[Mapping[str, str]] = {"zh-CN": "cmn", "zh-HK": "yue", "en": "en-gb"}
"""Its names of voices, where they are not the language's own tag."""
WORDS_A_MINUTE: Final = 160


class Setting(msgspec.Struct, frozen=True):
    """What a store may choose about the voice."""

    command: Argv = ()
    """A program of its own: it reads words from its standard input and writes a WAV to its standard output. In an
    argument `{language}` is the language's tag, `{volume}` 0 to 200."""
    models: Path = PIPER_VOICES
    """Folder of piper's models, such as `zh_CN-huayan-medium.onnx`; the first of a language is taken."""


class Engine(msgspec.Struct, frozen=True):
    """A program that makes a WAV of words."""

    name: str
    speaks: Callable[[str], bool]
    """Whether it has a voice for a language's tag."""
    argv: Callable[[str, int], Argv]
    """How it is called for a language and a volume of 0 to 200, 100 being the usual one."""


def engines(setting: Setting, which: Callable[[str], str | None] = shutil.which) -> tuple[Engine, ...]:
    """Those that this machine has, the best first; none where it cannot speak."""
    found = []
    if setting.command and which(setting.command[0]):
        found.append(Engine(setting.command[0], lambda _language: True, lambda *how: _filled(setting.command, *how)))
    if which(PIPER):
        found.append(_piper(setting.models))
    if which(ESPEAK):
        found.append(Engine(ESPEAK, lambda _language: True, _espeak))
    return tuple(found)


def player(which: Callable[[str], str | None] = shutil.which) -> Argv:
    """The first that this machine has; empty where there is none: then nothing is to be heard."""
    return next((each for each in PLAYERS if which(each[0])), ())


def for_language(known: Sequence[Engine], language: str) -> Engine | None:
    """The best that has a voice for it."""
    return next((engine for engine in known if engine.speaks(language)), None)


def _filled(command: Argv, language: str, volume: int) -> Argv:
    return tuple(part.replace("{language}", language).replace("{volume}", str(volume)) for part in command)


def _espeak(language: str, volume: int) -> Argv:
    voice = ESPEAK_VOICES.get(language, language.partition("-")[0])
    return (ESPEAK, "-v", voice, "-a", str(volume), "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout")


def _piper(models: Path) -> Engine:
    def model(language: str) -> Path | None:
        return next(iter(sorted(models.rglob(f"{language.replace('-', '_')}*.onnx"))), None)

    def argv(language: str, _volume: int) -> Argv:
        return (PIPER, "--model", str(model(language)), "--output_file", "-")

    return Engine(PIPER, lambda language: model(language) is not None, argv)
