"""The one door to secrets that a service only reads: what the service manager hands over comes before what lies here.

On an installed box such a secret belongs to root, and systemd gives each unit its own (`LoadCredential` in
`/usr/lib/systemd/system/storekeeper-*.service`): the kiosk never sees the store's key. On a laptop it lies in
`<data>/secrets`, where the demo makes it. A command of root's on an installed box finds it where root keeps it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final


def of(home: Path) -> Path:
    """Where the secret that has its home at `home` really is: the unit's own copy, or `home` itself."""
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed and (copy := Path(handed, home.name)).is_file():
        return copy
    if not handed and home.parts[-5:-1] == _INSTALLED and not home.exists():
        return next((place for place in _of_root(home) if os.access(place, os.R_OK)), home)
    return home


_INSTALLED: Final = ("var", "lib", "storekeeper", "secrets")


def _of_root(home: Path) -> Iterator[Path]:
    """Where root's commands find what systemd hands the units of an installed box."""
    for unit in ("gateway", "sync"):
        yield Path(*home.parts[:-5], "etc", "storekeeper", "secrets", unit, home.name)


def is_handed(home: Path) -> bool:
    """Whether it comes from the service manager, so that nobody here can make it anew."""
    return of(home) != home
