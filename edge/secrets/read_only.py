"""The one door to secrets that a service only reads: what the service manager hands over comes before what lies here.

On an installed box such a secret belongs to root, and systemd gives each unit its own (`LoadCredential` and, where the
box seals them, `LoadCredentialEncrypted` in `/usr/lib/systemd/system/storekeeper-*.service`): the kiosk never sees the
store's key. On a laptop it lies in `<data>/secrets`, where the demo makes it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from edge.secrets import sealed

INSTALLED: Final = Path("/var/lib/storekeeper/secrets")
KEPT: Final = Path("/etc/storekeeper/secrets")
UNITS: Final = ("gateway", "sync", "")
"""Where an installed box keeps them, by whom they are for; root at a terminal, whom nobody hands anything, reads them
there."""


def read(home: Path) -> bytes:
    """The secret that has its home at `home`. Raises `OSError`."""
    handed = _handed(home)
    if not handed:
        return sealed.read(_readable_copy(home))
    # However it was kept, it is open here; of the way that it was not kept there is an empty line.
    content = next((found for copy in handed if len(found := copy.read_bytes()) > 1), b"")
    if not content:
        raise FileNotFoundError(errno.ENOENT, "the service manager has none to hand over", str(home))
    return content


def exists(home: Path) -> bool:
    """Whether there is one."""
    handed = _handed(home)
    return any(copy.stat().st_size > 1 for copy in handed) if handed else sealed.exists(_readable_copy(home))


def is_handed(home: Path) -> bool:
    """Whether it comes from the service manager, so that nobody here can make it anew."""
    return bool(_handed(home)) or _readable_copy(home) != home


def _handed(home: Path) -> list[Path]:
    """The unit's own copies."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    copies = (sealed.sealed_path(Path(folder, home.name)), Path(folder, home.name)) if folder else ()
    return [copy for copy in copies if copy.is_file()]


def _readable_copy(home: Path) -> Path:
    if home.parent != INSTALLED or os.access(home, os.R_OK):  # a link into root's folder leads nowhere for a service
        return home
    places = (KEPT / unit / home.name for unit in UNITS)
    return next(
        (kept for kept in places if any(os.access(at, os.R_OK) for at in (kept, sealed.sealed_path(kept)))), home
    )
