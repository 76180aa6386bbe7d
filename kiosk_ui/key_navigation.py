"""Going through a screen with five keys: which stop comes next, and what the keys are called. No window in here.

Down and up go through everything, right and left through the keys alone; the middle key chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final


class Press(Enum):
    """One of the keys of a pad, or what its headphone socket says."""

    NEXT = "next"
    PREVIOUS = "previous"
    NEXT_KEY = "next key"
    PREVIOUS_KEY = "previous key"
    CHOOSE = "choose"
    BACK = "back"
    SPEECH = "speech"
    LOUDER = "louder"
    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"


PADS: Final[Mapping[int, Press]] = {
    274: Press.NEXT,  # down
    273: Press.PREVIOUS,  # up
    275: Press.NEXT_KEY,  # right
    276: Press.PREVIOUS_KEY,  # left
    9: Press.NEXT_KEY,  # tab
    13: Press.CHOOSE,  # enter
    271: Press.CHOOSE,  # enter of the number pad
    32: Press.CHOOSE,  # space
    27: Press.BACK,  # escape
    8: Press.BACK,  # backspace
    282: Press.SPEECH,  # F1
    283: Press.LOUDER,  # F2
    1073741930: Press.PLUGGED,  # F15: pads with a socket press it when a plug goes in …
    1073741931: Press.UNPLUGGED,  # … and F16 when it is pulled
}
"""What the window calls a key → what it does. A pad with five keys sends arrows and enter."""
MOVES: Final[Mapping[Press, tuple[int, bool]]] = {
    Press.NEXT: (1, False),
    Press.PREVIOUS: (-1, False),
    Press.NEXT_KEY: (1, True),
    Press.PREVIOUS_KEY: (-1, True),
}
"""How far to go, and whether through keys alone."""


def step(chooses: Sequence[bool], place: int | None, by: int, keys_only: bool) -> int | None:
    """Where it goes from here; None where there is nothing that way. `chooses` says of each stop whether it is a key.

    From nowhere it goes to the first that way. At the end it stays: going round would hide where the end is.
    """
    places = [at for at, key in enumerate(chooses) if key or not keys_only]
    if place is None:
        return (places[0] if by > 0 else places[-1]) if places else None
    ahead = [at for at in places if (at > place if by > 0 else at < place)]
    return (ahead[0] if by > 0 else ahead[-1]) if ahead else None
