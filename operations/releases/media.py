"""Pictures and films that settings name: beside the settings in force before these name them.

Nothing that lies there is overwritten, so that the way back finds what it left. What comes while another has its name
is called by its hash.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from device_drivers.contract.playlists import MediaFile
from edge.settings import file_sets
from edge.settings.media_files import FOLDER, found
from edge.settings.playlists import ConfiguredPlaylists
from operations.releases.kept import CannotApply, Releases

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def take(new: ConfiguredPlaylists, now: ConfiguredPlaylists, config: Path) -> None:
    """Puts what `new` names and `now` does not into `config`, each whole and checked.

    Raises `CannotApply` where one of them cannot be had, `OSError`.
    """
    lacking = []
    for sha256, file in new.media.items():
        name = new.names[sha256]
        if sha256 in now.media or _content(config, name, file) is not None:
            continue
        content = _content(new.beside, name, file)
        if content is None:
            lacking.append(name)
        else:
            there = config / FOLDER / name
            file_sets.put(there.with_name(sha256) if there.exists() else there, content)
    if lacking:
        raise CannotApply(
            f"expected the files that media.toml names, whole, in {new.beside}/{FOLDER}; "
            f"not so: {', '.join(sorted(lacking))}"
        )


def _content(folder: Path | None, name: str, file: MediaFile) -> bytes | None:
    try:
        return found(folder, name, file) if folder else None
    except OSError:
        return None


def prune(config: Path, releases: Releases) -> None:
    """Drops what is called by its hash and named by no release that is kept."""
    named = b"".join(releases.files(each.number).get("media.toml", b"") for each in releases.all())
    for path in (config / FOLDER).glob("*"):
        if _HASH.fullmatch(path.name) and path.name.encode() not in named:
            path.unlink(missing_ok=True)
