"""What can go wrong with copies."""

from __future__ import annotations

from edge.errors import StorekeeperError


class BackupError(StorekeeperError):
    """A copy cannot be made, or the store cannot be restored from it. The message says why."""


class WrongKey(BackupError):
    """The recovery key is missing, or is not the one that the copy was made for."""


class Damaged(BackupError):
    """The copy is not what was written."""


class TargetAway(BackupError):
    """Where copies go cannot be reached."""
