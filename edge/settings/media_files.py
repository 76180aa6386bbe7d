"""`media.toml`: the pictures and films of the store by name, each with the hash of its bytes.

`storekeeper screens add` writes it and puts the files into `media/` beside it.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from device_drivers.contract.playlists import MediaFile
from edge.settings.model import SettingsModel

FILE: Final = "media.toml"
FOLDER: Final = "media"
"""Beside it: the files themselves, by name; one that came while another had its name, by its SHA-256."""
NAME: Final = r"^[a-z0-9][a-z0-9._-]{0,60}$"

MediaName = Annotated[str, StringConstraints(pattern=NAME)]


class MediaSettings(SettingsModel):
    """One picture or film."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the file."""
    type: Literal["image/png", "image/jpeg", "image/webp", "video/mp4"]
    """What it is."""
    bytes: Annotated[int, Field(ge=1)]
    """How large the file is."""
    width: Annotated[int, Field(ge=1, le=16_384)]
    """Pixels."""
    height: Annotated[int, Field(ge=1, le=16_384)]
    """Pixels."""
    ms: Annotated[int, Field(ge=0)] = 0
    """How long a film lasts, in milliseconds."""

    def to_struct(self) -> MediaFile:
        """As screens are told of it."""
        return MediaFile(self.sha256, self.type, self.bytes, self.width, self.height, self.ms)


class MediaList(SettingsModel):
    """What stands in `media.toml`."""

    media: dict[MediaName, MediaSettings] = Field(default={})
    """Pictures and films by name."""


def found(folder: Path, name: str, file: MediaFile) -> bytes | None:
    """The whole content that has this name in the settings of `folder`; None where none has its hash.

    Raises `OSError` where there is nothing to read.
    """
    there = folder / FOLDER
    with suppress(OSError):
        content = _read(there / file.sha256, file.bytes)
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return content
    content = _read(there / name, file.bytes)
    return content if hashlib.sha256(content).hexdigest() == file.sha256 else None


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)
