"""Whether this machine can draw the kiosk: Kivy and the system libraries that it opens."""

from __future__ import annotations

import ctypes.util
import importlib.util

LIBRARIES = {"GL": "libgl1", "EGL": "libegl1", "Xrender": "libxrender1", "mtdev": "libmtdev1"}
"""Library name → Debian's package of it."""


def missing() -> list[str]:
    """Debian packages, or the pip extra, without which no kiosk starts; empty when all is there."""
    if importlib.util.find_spec("kivy") is None:
        return ['pip install "storekeeper[kiosk]"']
    return [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]
