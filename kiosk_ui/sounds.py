"""Short sounds that go with what is seen: made here as WAV, heard through the machine's own player.

None of them says anything that the glass does not say. They are half as loud in the evening, and hardly there while the
voice speaks. How loud the loudest is in the room is set at the amplifier: at most 60 dB(A) at half a metre.
"""

from __future__ import annotations

import io
import logging
import math
import struct
import subprocess
import threading
import wave
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from kiosk_ui import voices

if TYPE_CHECKING:
    from kiosk_ui.voices import Argv

log = logging.getLogger(__name__)

Tune = tuple[tuple[float, int, int], ...]
"""Notes: Hz, when each begins and how long it lasts, in milliseconds."""
TICK: Final = "tick"
TUNES: Final[dict[str, Tune]] = {
    TICK: ((1800, 0, 20),),
    "read": ((880, 0, 55), (1175, 60, 60)),
    "refused": ((220, 0, 180),),
    "open": ((660, 0, 180), (880, 200, 180), (1100, 400, 200)),
    "bell": ((1320, 0, 600),),
    "won": ((523, 0, 180), (659, 200, 180), (784, 400, 180), (1047, 600, 600)),
    "still": ((740, 0, 110), (740, 170, 110)),
}
RATE: Final = 22_050
PEAK: Final = 0.25
"""Of full scale, at the loudest."""
RISE_S: Final = 0.004
"""A note begins and ends so softly that it does not click."""
EVENING: Final = 20
MORNING: Final = 8
"""Hours of the store between which sounds are half as loud."""
UNDER_VOICE: Final = 0.25
STUCK_S: Final = 5.0


class Player(Protocol):
    """Something that plays a tune."""

    def play(self, name: str, gain: float) -> None:
        """Plays one of `TUNES`, at a part of the usual loudness. Returns at once."""


@lru_cache(32)
def wav(name: str, gain: float = 1.0) -> bytes:
    """The tune as a WAV: one channel of 16 bits."""
    tune = TUNES[name]
    samples = [0.0] * (RATE * max(begin + ms for _, begin, ms in tune) // 1000)
    for hz, begin, ms in tune:
        first, count = RATE * begin // 1000, RATE * ms // 1000
        for place in range(count):
            at, left = place / RATE, (count - place) / RATE
            soft = min(1.0, at / RISE_S, left / RISE_S) * math.exp(-3 * place / count)
            samples[first + place] += PEAK * gain * soft * math.sin(2 * math.pi * hz * at)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *(round(32_767 * sample) for sample in samples)))
    return out.getvalue()


class Sounds:
    """A `Player` of this machine's programs, a process for each sound; a thread waits for them, never the window."""

    def __init__(self, player: Argv | None = None) -> None:
        """`player` takes a WAV from its standard input; None: the first that this machine has. None at all: silence."""
        self._player = voices.player() if player is None else player
        self._wanted: tuple[str, float] | None = None
        self._changed = threading.Condition()
        self._busy = self._closed = False
        self._thread: threading.Thread | None = None

    def play(self, name: str, gain: float) -> None:
        """See `Player`. What waits is replaced; a tick does not wait."""
        with self._changed:
            if not self._player or self._closed or (name == TICK and self._busy):
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)
                self._thread.start()
            self._wanted, self._busy = (name, gain), True
            self._changed.notify()

    def close(self) -> None:
        """Nothing is heard any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = self._wanted is not None
                self._changed.wait_for(lambda: self._wanted is not None or self._closed)
                wanted, self._wanted = self._wanted, None
            if self._closed or wanted is None:
                return
            try:
                subprocess.run(self._player, input=wav(*wanted), capture_output=True, timeout=STUCK_S, check=False)
            except (OSError, subprocess.SubprocessError) as error:
                log.warning("a sound cannot be heard: %s", error)


class Sounding:
    """What is heard of what is seen: each thing once, when it begins; a tick where a touch led to something."""

    def __init__(self, player: Player | None) -> None:
        """None: nothing is heard."""
        self.player = player
        self._heard: tuple[int, str] = (0, "")
        self._acted_at = 0.0

    def rendered(self, key: int, sound: str, acted_at: float, hour: int, *, speaking: bool) -> None:
        """`sound` is what goes with the screen of this key (`kiosk_ui.screen.Screen.sound`); `hour` by the
        store's clock.
        """
        now, before = (key, sound), self._heard
        ticks, self._heard, self._acted_at = acted_at > self._acted_at, now, acted_at
        name = sound.partition("/")[0] if sound and now != before else TICK if ticks else ""
        if name and self.player is not None:
            evening = 1.0 if MORNING <= hour < EVENING else 0.5
            self.player.play(name, evening * (UNDER_VOICE if speaking else 1.0))

    def stop(self) -> None:
        """Nothing is heard any more."""
        if isinstance(self.player, Sounds):
            self.player.close()
