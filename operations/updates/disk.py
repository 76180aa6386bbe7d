"""What an update does to the disk, one primitive at a time, and the few compounds that survive a power cut.

Nothing else in `operations.updates` changes files that the box depends on, so a test that fails, kills or forgets at
each primitive has tried every moment at which that may happen.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from edge.secrets.private import fsync_path


class Disk:
    """The primitives. Only `flush` and `flush_all` promise that something outlives a power cut."""

    def put(self, path: Path, data: bytes) -> None:
        """Write a whole file."""
        path.write_bytes(data)

    def folder(self, path: Path) -> None:
        """Make a folder, and those above it; one that is there stays."""
        path.mkdir(mode=0o755, parents=True, exist_ok=True)

    def rename(self, old: Path, new: Path) -> None:
        """Give another name, in place of what bore it."""
        old.replace(new)

    def symlink(self, path: Path, target: str) -> None:
        """Make a link."""
        path.symlink_to(target)

    def remove(self, path: Path) -> None:
        """Remove a file, a link, or a folder with all that is in it; what is not there is gone already."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def flush(self, path: Path) -> None:
        """A file's content, or a folder's names, are on the disk when this returns."""
        fsync_path(path)

    def flush_all(self, path: Path) -> None:  # noqa: ARG002 - a test forgets what lies below it
        """Everything below a folder is on the disk when this returns."""
        os.sync()

    def keep(self, path: Path, data: bytes) -> None:
        """Write a file so that either the old one or the whole new one is found, whatever happens meanwhile."""
        fresh = path.with_name(f".{path.name}.new")
        self.put(fresh, data)
        self.flush(fresh)
        self.rename(fresh, path)
        self.flush(path.parent)

    def point(self, link: Path, target: str) -> None:
        """Make a link lead elsewhere, with the same promise."""
        fresh = link.with_name(f".{link.name}.new")
        self.remove(fresh)
        self.symlink(fresh, target)
        self.rename(fresh, link)
        self.flush(link.parent)


def target_of(link: Path) -> str | None:
    """Returns the name that a link leads to; none where there is no link."""
    with suppress(OSError):
        return link.readlink().name
    return None
