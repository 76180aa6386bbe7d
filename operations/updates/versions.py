"""The folder of versions: `/opt/storekeeper/<version>/`, and two links beside them.

`current` is the version that runs. `good` is the last one that was found healthy while it served; it is moved after
that and never before, so while the two differ a version is being tried out. Both are moved by a rename of a link that
was made before the store closed: that asks for no space, so a full disk cannot keep a store from going back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from operations.updates.disk import Disk, target_of
from operations.updates.names import age, is_name

CURRENT: Final = "current"
GOOD: Final = "good"
PROGRAM: Final = Path("bin/storekeeper")
DPKG: Final = Path("/var/lib/dpkg/info")
"""dpkg notes here what a package brought, once all of it is there."""


class Versions:
    """What lies below one root."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self.root = root
        self._disk = disk

    @property
    def current(self) -> str | None:
        """The version that runs; none where the link leads nowhere."""
        return self._linked_version(CURRENT)

    @property
    def good(self) -> str | None:
        """The last version that was found healthy; none before the first update."""
        return self._linked_version(GOOD)

    def _linked_version(self, link: str) -> str | None:
        name = target_of(self.root / link)
        return name if name is not None and self.has(name) else None

    def has(self, version: str) -> bool:
        """Whether this version is here, whole."""
        return is_name(version) and self.program(version).is_file()

    def program(self, version: str) -> Path:
        """The `storekeeper` command of a version."""
        return self.root / version / PROGRAM

    def names(self) -> list[str]:
        """Every version that is here, the latest first."""
        found = [path.name for path in self.root.iterdir() if self.has(path.name)] if self.root.is_dir() else []
        return sorted(found, key=age, reverse=True)

    def before(self, version: str) -> str | None:
        """Returns the latest version here that is older than this one: the only one to go back to."""
        return next((name for name in self.names() if age(name) < age(version)), None)

    def prepare(self, *versions: str) -> None:
        """Make the links that a switch to these will need, and have them on the disk."""
        for version in versions:
            for link in (CURRENT, GOOD):
                self._make(link, version)
        self._disk.flush(self.root)

    def _make(self, link: str, version: str) -> Path:
        ready = self.root / f".{link}-{version}"
        if target_of(ready) != version:
            self._disk.remove(ready)
            self._disk.symlink(ready, version)
        return ready

    def switch(self, version: str) -> None:
        """From its next start on the store is this version."""
        self._move(CURRENT, version)

    def confirm(self, version: str) -> None:
        """This version was found healthy."""
        self._move(GOOD, version)

    def _move(self, link: str, version: str) -> None:
        if target_of(self.root / link) != version:
            self._disk.rename(self._make(link, version), self.root / link)
        self._disk.flush(self.root)

    def adopt(self) -> str | None:
        """Returns the good version. Before the first update, and where it is gone, it is the one that runs."""
        if self.good is None and self.current is not None:
            self.confirm(self.current)
        return self.good

    def tidy(self, *kept: str) -> list[str]:
        """Remove the versions that are older than all of these, and what is left of switches. Returns what went.

        One that is newer was laid here by somebody else and waits for its turn; what apt laid, apt removes.
        """
        oldest = min(map(age, kept))
        gone = [name for name in self.names() if age(name) < oldest and not is_of_apt(name)]
        left = [path for path in self.root.glob(".*") if path.name.startswith((f".{CURRENT}-", f".{GOOD}-", ".part-"))]
        for path in [*(self.root / name for name in gone), *left]:
            self._disk.remove(path)
        return gone


def is_of_apt(version: str) -> bool:
    """Whether apt laid this version here, whole."""
    return (DPKG / f"storekeeper-{version}.list").exists()


def is_apts_box() -> bool:
    """Whether Storekeeper came to this box by apt."""
    return (DPKG / "storekeeper.list").exists()
