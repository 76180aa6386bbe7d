"""Folders as settings and commands name them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from edge.errors import StorekeeperError


class BadFolder(StorekeeperError, ValueError):
    """The text names no folder: what was expected, what was found."""


def home(path: Path) -> Path:
    """The path with `~` as the user's own folder. Raises `BadFolder` for nobody's, and for no path at all."""
    if not path.parts or "\0" in str(path):
        raise BadFolder(f'expected a folder such as "/var/lib/storekeeper"; found "{path}"')
    try:
        return path.expanduser()
    except RuntimeError:
        raise BadFolder(f'expected a folder; found "{path}", and nobody here is called so') from None


def given(path: Path | None) -> Path | None:
    """As `home`, where one was given."""
    return None if path is None else home(path)


def is_file(path: Path) -> bool:
    """Whether a file is there that this user may look at; never raises, whatever the path is."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # in a folder of somebody else's, too long, with a NUL
        return False


Folder = Annotated[Path, AfterValidator(home)]
