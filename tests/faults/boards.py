"""Lock boards in the test's own process, which no kill reaches: what they were given power for, stays on record.

Kerong's on one pty and Waveshare's on another, written for the drivers' tests from the makers' papers. Here hooks are
pushed shut again by shoppers who bring their carts back, and everything that goes wrong with boards goes wrong.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.device_drivers.locks.kerong_emulator import Cabinet, PtyLine
from tests.device_drivers.locks.waveshare_emulator import ModbusLine, Relays

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

KERONG, WAVESHARE = 0, 1
"""Addresses."""


class Pulse(NamedTuple):
    """A lock got power: which cart's, and when, in wall milliseconds."""

    cart: str
    at_ms: int


class _Hooks(Cabinet):
    """Whose cart was taken brings it back a little later."""

    def __init__(self, locks: int, chance: random.Random) -> None:
        super().__init__(locks)
        self._chance = chance

    def spring(self, lock: int) -> None:
        super().spring(lock)
        _after(self._chance.uniform(0.3, 1.2), lambda: self.push_shut(lock))


class _Relays(Relays):
    def __init__(self, channels: int, chance: random.Random) -> None:
        super().__init__(channels)
        self._chance = chance

    def write(self, where: int, value: int) -> bool:
        done = super().write(where, value)
        channel = where - 0x0200
        if done and 0 <= channel < len(self.shut):
            _after(self._chance.uniform(0.3, 1.2), lambda: self.shut.__setitem__(channel, True))
        return done


def _after(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


class Boards:
    """Both wires, and what is wrong with them. `settings` are the lines of `devices.toml`, by cart."""

    def __init__(self, folder: Path, kerong: Sequence[str], waveshare: Sequence[str], seed: str) -> None:
        self._chance = random.Random(seed)
        self._kerong = PtyLine(folder, "cu48", (KERONG,))
        self._kerong.cabinets = {KERONG: _Hooks(48, self._chance)}
        self._waveshare = ModbusLine(folder, (WAVESHARE,))
        self._waveshare.boards = {WAVESHARE: _Relays(8, self._chance)}
        self._carts = {KERONG: list(kerong), WAVESHARE: list(waveshare)}
        wiring = "closed_bit = 1, release_s = 0.3, poll_s = 0.3"
        self.devices = {
            cart: (
                "locks.kerong_dock",
                f'{{ url = "{self._kerong.url}", dialect = "cu48", lock = "{KERONG}/{place}", {wiring} }}',
            )
            for place, cart in enumerate(kerong, start=1)
        } | {
            cart: (
                "locks.waveshare_dock",
                f'{{ url = "{self._waveshare.url}", lock = "{WAVESHARE}/{place}", pulse_ms = 100, {wiring} }}',
            )
            for place, cart in enumerate(waveshare, start=1)
        }
        """Driver and settings of each cart."""
        self.troubles: list[str] = []
        """What went wrong so far."""
        self._calm = threading.Event()
        self._plugged = threading.Lock()
        self._life = threading.Thread(target=self._live, daemon=True)

    def start(self) -> None:
        self._kerong.plug()
        self._waveshare.plug()
        self._life.start()

    def stop(self) -> None:
        self.calm()
        self._kerong.unplug()
        self._waveshare.unplug()

    def calm(self) -> None:
        """Nothing goes wrong any more when this returns."""
        self._calm.set()
        self._life.join(60)
        assert not self._life.is_alive()

    def pulses(self) -> list[Pulse]:
        """All that the locks ever got, by the boards' own record."""
        behind = time.time() - time.monotonic()
        found = [
            Pulse(self._carts[KERONG][lock], int((at + behind) * 1000)) for at, _, lock in list(self._kerong.pulses)
        ]
        for cart, power in zip(self._carts[WAVESHARE], self._waveshare.boards[WAVESHARE].power, strict=False):
            found += [Pulse(cart, int((on + behind) * 1000)) for on, _ in list(power)]
        return sorted(found, key=lambda pulse: pulse.at_ms)

    def _live(self) -> None:
        while not self._calm.wait(self._chance.uniform(0.05, 0.5)):
            trouble = self._chance.choice(TROUBLES)
            self.troubles.append(trouble.__name__)
            end = trouble(self)
            self._calm.wait(self._chance.uniform(0.2, 1.5))
            end()

    def mute(self) -> Callable[[], None]:
        self._kerong.faults.mute.add(KERONG)
        return self._kerong.faults.mute.clear

    def relays_mute(self) -> Callable[[], None]:
        self._waveshare.mute.add(WAVESHARE)
        return self._waveshare.mute.clear

    def jammed(self) -> Callable[[], None]:
        hooks = self._kerong.cabinets[KERONG].jammed
        hooks.update(self._chance.sample(range(len(self._carts[KERONG])), 3))
        relays = self._waveshare.boards[WAVESHARE].jammed
        relays.add(self._chance.randrange(len(self._carts[WAVESHARE])))

        def end() -> None:
            hooks.clear()
            relays.clear()

        return end

    def replies_lost(self) -> Callable[[], None]:
        faults, self._waveshare.lose_echo = self._kerong.faults, 2
        faults.lose, faults.bad_sums, faults.noise = 0.4, 2, 3

        def end() -> None:
            faults.lose, faults.bad_sums, faults.noise = 0.0, 0, 0

        return end

    def late(self) -> Callable[[], None]:
        """Later than a reply is waited for, now and then."""
        self._kerong.faults.slow_s, self._kerong.faults.dribble = self._chance.choice([0.05, 0.1, 0.18]), True

        def end() -> None:
            self._kerong.faults.slow_s, self._kerong.faults.dribble = 0.0, False

        return end

    def unplugged(self) -> Callable[[], None]:
        line: PtyLine | ModbusLine = self._chance.choice([self._kerong, self._waveshare])
        line.unplug()

        def plug() -> None:
            line.plug()

        return plug


TROUBLES = (Boards.mute, Boards.relays_mute, Boards.jammed, Boards.replies_lost, Boards.late, Boards.unplugged)
