"""What other Python packages offer to Storekeeper, as entry points. Nothing is loaded that the settings do not name.

A package declares it in its `pyproject.toml`:

    [project.entry-points."storekeeper.drivers"]
    "umbrellas.stand" = "umbrella_stand.driver"
"""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

log = logging.getLogger(__name__)

DRIVERS: Final = "storekeeper.drivers"
"""Modules with a `Settings` and a `Driver`, by the name that `devices.toml` gives a driver."""
NOUNS: Final = "storekeeper.nouns"
"""Each an `edge.domain.noun.Noun`, by its own name."""
SCREENS: Final = "storekeeper.screens"
"""Each a `kiosk_ui.screen.Screen`, by the type of the scene that it shows."""


class BrokenExtension(ValueError):
    """An extension that the settings name and that cannot be used: which one, and why."""


def load(group: str, name: str) -> Any:
    """The object that a package offers under this name. Raises `BrokenExtension`."""
    point = _entry_point(group, name)
    try:
        return point.load()
    except Exception as error:
        log.exception("%s of %s cannot be loaded", name, package_of(point))
        raise BrokenExtension(f"{group} {name!r} of {package_of(point)}: {type(error).__name__}: {error}") from error


def package_of(point: EntryPoint) -> str:
    """The package that offers it, with its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "a package without a name"


def _entry_point(group: str, name: str) -> EntryPoint:
    found = list(entry_points(group=group, name=name))
    if not found:
        known = ", ".join(sorted(entry_points(group=group).names)) or "none"
        raise BrokenExtension(f"{group} {name!r}: no package here offers it; offered are: {known}")
    if len(found) > 1:
        offering = " and ".join(sorted(map(package_of, found)))
        raise BrokenExtension(f"{group} {name!r}: {offering} offer it; remove one of them")
    return found[0]
