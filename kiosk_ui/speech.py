"""Reads aloud: what is to be said replaces what is being said, because who goes on has heard enough.

The voice is a process and so is the player, both of one sentence; a thread waits for them, never the window.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from kiosk_ui import voices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk_ui.voices import Argv, Engine

log = logging.getLogger(__name__)

LONGEST: Final = 1200
"""Letters of one utterance: about two minutes. More than that nobody listens to in one piece."""
LONGEST_S: Final = 180.0
"""A voice or player that is stuck for so long is ended."""
VOLUMES: Final = (50, 100, 160, 200)
"""Steps of loudness; the usual one is the second. From the first to the last it is 12 dB."""
USUAL: Final = 1


class Voice(Protocol):
    """Something that speaks."""

    @property
    def able(self) -> bool:
        """Whether there is anything to speak with."""

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""

    def say(self, text: str, language: str, volume: int = VOLUMES[USUAL]) -> None:
        """Says this instead of whatever is being said. Returns at once."""

    def stop(self) -> None:
        """Says no more."""


class Utterance(NamedTuple):
    """What is to be said."""

    text: str
    language: str
    volume: int


class Speech:
    """A `Voice` of this machine's programs."""

    def __init__(
        self,
        engines: Sequence[Engine],
        player: Argv,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called from the voice's thread when it begins and ends to speak."""
        self._engines, self._player, self._on_change = engines, player, on_change
        self._wanted: Utterance | None = None
        self._changed = threading.Condition()
        self._running: list[subprocess.Popen[bytes]] = []
        self._speaking = False
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def able(self) -> bool:
        """Whether there is a voice and a way to hear it."""
        return bool(self._engines and self._player)

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or about to be."""
        return self._speaking

    def say(self, text: str, language: str, volume: int = VOLUMES[USUAL]) -> None:
        """See `Voice`."""
        if not self.able or not text.strip():
            return
        with self._changed:
            if self._closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
                self._thread.start()
            self._wanted = Utterance(text[:LONGEST], language, volume)
            self._speaking = True
            self._end_processes()
            self._changed.notify()

    def stop(self) -> None:
        """See `Voice`."""
        with self._changed:
            self._wanted = None
            self._end_processes()

    def close(self) -> None:
        """Says no more, ever; waits for the thread."""
        with self._changed:
            self._closed, self._wanted = True, None
            self._end_processes()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(5)

    def _end_processes(self) -> None:
        for process in self._running:
            process.kill()

    def _next(self) -> Utterance | None:
        """Waits for the next one; None where there will be none."""
        with self._changed:
            while self._wanted is None and not self._closed:
                self._changed.wait()
            found, self._wanted = self._wanted, None
            return None if self._closed else found

    def _run(self) -> None:
        while (utterance := self._next()) is not None:
            self._on_change()
            try:
                self._say(utterance)
            except OSError as error:
                log.warning("the voice cannot speak: %s", error.strerror)
            with self._changed:
                self._running = []
                self._speaking = self._wanted is not None
            self._on_change()

    def _say(self, utterance: Utterance) -> None:
        engine = voices.for_language(self._engines, utterance.language)
        if engine is None:
            log.warning("no voice speaks %s", utterance.language)
            return
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        with self._changed:
            if self._wanted is not None or self._closed:
                return
            player = subprocess.Popen(self._player, stdin=pipe, stdout=quiet, stderr=quiet)
            self._running = [player]
            argv = engine.argv(utterance.language, utterance.volume)
            voice = subprocess.Popen(argv, stdin=pipe, stdout=player.stdin, stderr=quiet)
            self._running.append(voice)
        _hand_over(player)  # the voice alone holds its other end now: where it ends, the player hears the end
        _hand_over(voice, utterance.text.encode())
        _wait(voice, player)


def _hand_over(process: subprocess.Popen[bytes], words: bytes = b"") -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(words)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _wait(*processes: subprocess.Popen[bytes]) -> None:
    """Until everything is said, or the processes were ended."""
    for process in processes:
        try:
            process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def of_this_machine(setting: voices.Setting, on_change: Callable[[], None] = lambda: None) -> Speech:
    """The best voice there is here. It says nothing where there is none: `able` tells."""
    return Speech(voices.engines(setting), voices.player(), on_change)
