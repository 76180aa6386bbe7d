"""How high a hand reaches from a wheelchair, in pixels of a window that hangs where it hangs.

EN 301 549 and the ADA give the same two heights for a reach to the front that nothing obstructs.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LOWEST_MM: Final = 380.0
HIGHEST_MM: Final = 1220.0
"""Above the floor: what is to be touched lies between them."""
MOUNTED_MM: Final = 750.0
"""Height of the glass's lower edge above the floor, unless somebody measured it."""
LEAST: Final = 0.3
"""Part of the window that everything low has at least. A panel that hangs so high that less of it can be reached
is no panel for people: `reachable` says how much of it is."""


class Band(NamedTuple):
    """A strip across the window, in pixels from its lower edge."""

    bottom: float
    top: float

    @property
    def height(self) -> float:
        """How high it is."""
        return self.top - self.bottom


def band(height: float, mm_per_pixel: float, mounted_mm: float = MOUNTED_MM) -> Band:
    """The part of a window of this height that can be reached; at least `LEAST` of it, so that there is something."""
    bottom = min(max(0.0, (LOWEST_MM - mounted_mm) / mm_per_pixel), height * (1 - LEAST))
    top = min(height, (HIGHEST_MM - mounted_mm) / mm_per_pixel)
    return Band(float(-(-bottom // 1)), float(max(top, bottom + height * LEAST) // 1))


def reachable(height: float, mm_per_pixel: float, mounted_mm: float = MOUNTED_MM) -> float:
    """The part of the window, 0 to 1, that lies between the two heights."""
    low = max(0.0, (LOWEST_MM - mounted_mm) / mm_per_pixel)
    high = min(height, (HIGHEST_MM - mounted_mm) / mm_per_pixel)
    return max(0.0, high - low) / height
