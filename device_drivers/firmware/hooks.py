"""What the lock of the cart is made of: pins of an ESP32, or nothing at all on a desk."""

import time

PULSE_MS = 500
"""How long the solenoid gets power. `Pins` ends it by a hardware timer, so that a hung program cannot burn it."""
MAX_PULSE_MS = 1000


class SimulatedHook:
    """A hook that is not there: it opens `late_ms` after it was told to, and writes down each move."""

    verbs = ("unlock", "lock", "find", "identify")

    def __init__(self, folder: str, late_ms: int = 0) -> None:
        self._moves, self._late_ms = folder + "/moves", late_ms
        self._closed = True
        self._wanted = True
        self._due = 0

    def begin(self, verb: str, now: int) -> None:
        """Starts to move."""
        self._wanted, self._due = verb == "lock", now + self._late_ms

    def closed(self, now: int) -> bool:
        """What its contact says."""
        if self._closed != self._wanted and now >= self._due:
            self._closed = self._wanted
            with open(self._moves, "a") as file:  # noqa: PTH123 - MicroPython
                file.write("lock\n" if self._closed else "unlock\n")
        return self._closed

    def blink(self, seconds: float) -> None:
        """Lights up."""


class Pins:
    """A solenoid on one pin, its contact (closed: low, with the pull-up) on another, a light on a third."""

    verbs = ("unlock", "find", "identify")

    def __init__(self, coil: int, contact: int, light: int, pulse_ms: int = PULSE_MS) -> None:
        from machine import Pin, Timer  # type: ignore[import-not-found]

        self._coil = Pin(coil, Pin.OUT, value=0)
        self._contact = Pin(contact, Pin.IN, Pin.PULL_UP)
        self._light = Pin(light, Pin.OUT, value=0)
        self._timer, self._blinker = Timer(0), Timer(1)
        self._pulse_ms = min(pulse_ms, MAX_PULSE_MS)

    def begin(self, verb: str, now: int) -> None:  # noqa: ARG002 - it can only open
        """One pulse, which the timer ends."""
        self._timer.init(mode=self._timer.ONE_SHOT, period=self._pulse_ms, callback=lambda _: self._coil.off())
        self._coil.on()

    def closed(self, now: int) -> bool:  # noqa: ARG002 - it looks itself
        """What the contact says, three times the same."""
        for _ in range(5):
            seen = [self._contact.value() for _ in range(3)]
            if len(set(seen)) == 1:
                break
            time.sleep(0.002)
        return not seen[0]

    def blink(self, seconds: float) -> None:
        """Lights up for so long."""
        self._light.on()
        self._blinker.init(
            mode=self._blinker.ONE_SHOT, period=int(seconds * 1000), callback=lambda _: self._light.off()
        )
