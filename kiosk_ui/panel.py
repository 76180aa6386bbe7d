"""Whether there is a panel to draw on. A kiosk that draws for nobody must not look as if it worked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTORS: Final = Path("/sys/class/drm")
"""Where Linux says what hangs at each socket of the graphics card."""
NONE: Final = (
    "there is no panel here: no display server answers and no panel is connected. Check the panel's cable and power, "
    "and DISPLAY; or draw without one: --offscreen"
)


def video_driver(environment: Mapping[str, str]) -> str:
    """What SDL draws with. It is named, because SDL by itself falls back to drawing for nobody."""
    if environment.get("SDL_VIDEODRIVER"):
        return environment["SDL_VIDEODRIVER"]
    if environment.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "x11" if environment.get("DISPLAY") else "kmsdrm"


def connected(connectors: Path = CONNECTORS) -> bool | None:
    """Whether a panel hangs at any socket; None where the graphics card does not say."""
    try:
        found = [(socket / "status").read_text("ascii").strip() for socket in connectors.glob("card*-*")]
    except OSError:
        return None
    known = [status for status in found if status in ("connected", "disconnected")]
    return "connected" in known if known else None


def sizes(connectors: Path = CONNECTORS) -> tuple[tuple[int, int], ...]:
    """The preferred size of each panel that hangs at a socket, in pixels; empty where nobody says."""
    found = []
    for socket in sorted(connectors.glob("card*-*")):
        try:
            if (socket / "status").read_text("ascii").strip() == "connected":
                width, _, height = (socket / "modes").read_text("ascii").split()[0].partition("x")
                found.append((int(width), int(height.rstrip("i"))))
        except (OSError, ValueError, IndexError):
            continue
    return tuple(found)
