"""What the box remembers of its updates: one small file, written whole before and after each step.

Where the version stands is told by the links of `operations.updates.versions`; the record says why, so that a record
that was lost with the power costs an explanation and never the store.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from edge.journal import small_files
from operations.updates.disk import Disk

FILE: Final = "update.json"

Step = Literal["rest", "trial", "back"]
"""`rest`: nothing is under way. `trial`: `new` is being switched to and tried out. `back`: it was not healthy, and
`old` is being switched to."""


class Ended(msgspec.Struct, frozen=True):
    """How an update ended."""

    old: str
    new: str
    installed: bool
    why: str = ""
    """What was not well, as a sentence; empty for one that was installed."""
    at_ms: int = 0
    """Wall time."""
    closed_ms: int = 0
    """How long the store was closed."""


class UpdateHistory(msgspec.Struct, frozen=True):
    """Everything that is remembered."""

    step: Step = "rest"
    old: str = ""
    new: str = ""
    resumed: int = 0
    """How often this trial was gone on with after a kill or a power cut."""
    why: str = ""
    """Why it goes back."""
    refused: dict[str, str] = {}
    """Versions that were tried and left, and why; they are not tried again by themselves."""
    last: Ended | None = None
    floors: dict[str, int] = {}
    """The newest versions of the index's parts that were ever believed: none below them is believed again."""
    seen_ms: int = 0
    """The latest wall time at which an index was believed."""
    held: bool = False
    """Staff was asked, because shoppers kept the update waiting beyond its hour."""
    untold: tuple[dict[str, Any], ...] = ()
    """Facts that the journal has not heard yet, as `type` and `fact`."""


class Notebook:
    """The record in its folder."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder = folder
        self._path = folder / FILE
        self._disk = disk

    def read(self) -> UpdateHistory:
        """The record; an empty one where there is none, or none that can be read."""
        return small_files.read(self._path, UpdateHistory) or UpdateHistory()

    def write(self, record: UpdateHistory) -> None:
        """It is on the disk when this returns. Raises `OSError`."""
        self._disk.folder(self.folder)
        self._disk.keep(self._path, msgspec.json.encode(record))
