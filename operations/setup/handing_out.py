"""The logins that each service of an installed box is handed, and no other: a kiosk never sees a cart's password."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.secrets.credentials import login_table, write_private
from operations.setup.places import Places

FILE: Final = "devices.toml"
OWN: Final = ("gateway", "doctor")


def shares(places: Places, logins: Mapping[str, str], kiosks: tuple[str, ...]) -> dict[Path, str]:
    """The file of each unit below `secrets/`, named as `LoadCredential` of its unit has it. `kiosks` are screens that a
    kiosk shows.
    """
    parts = {
        "gateway": [login for login in logins if login == "gateway"],
        "devices": [login for login in logins if login not in (*OWN, *kiosks)],
    } | {f"kiosk@{screen}": [screen] for screen in kiosks if screen in logins}
    return {
        places.secrets / unit / FILE: login_table({login: logins[login] for login in found})
        for unit, found in parts.items()
    }


def differ(files: Mapping[Path, str]) -> list[Path]:
    """Those that are not there, or not so."""
    return [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]


def write(files: Mapping[Path, str]) -> None:
    """Each in one step, for its owner alone."""
    for path in differ(files):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, files[path].encode())
