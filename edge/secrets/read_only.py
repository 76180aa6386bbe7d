"""The one door to secrets that a service only reads: what the service manager hands over comes before what lies here.

On an installed box such a secret belongs to root, and systemd gives each unit its own (`LoadCredential` in
`/usr/lib/systemd/system/storekeeper-*.service`): the kiosk never sees the store's key. On a laptop it lies in
`<data>/secrets`, where the demo makes it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

INSTALLED: Final = Path("/var/lib/storekeeper/secrets")
KEPT: Final = Path("/etc/storekeeper/secrets")
UNITS: Final = ("gateway", "sync", "")
"""Where an installed box keeps them, by whom they are for; root at a terminal, whom nobody hands anything, reads them
there."""


def of(home: Path) -> Path:
    """Where the secret that has its home at `home` really is: the unit's own copy, or `home` itself."""
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed and (copy := Path(handed, home.name)).is_file():
        return copy
    if home.parent != INSTALLED or os.access(home, os.R_OK):  # a link into root's folder leads nowhere for a service
        return home
    return next((kept for unit in UNITS if os.access(kept := KEPT / unit / home.name, os.R_OK)), home)


def is_handed(home: Path) -> bool:
    """Whether it comes from the service manager, so that nobody here can make it anew."""
    return of(home) != home
