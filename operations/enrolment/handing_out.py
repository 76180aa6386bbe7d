"""The logins that each service of an installed box is handed, and no other: a kiosk never sees a cart's password."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.secrets.credentials import login_table
from operations.setup.places import Places

FILE: Final = "devices.toml"
GATEWAY, DOCTOR = "gateway", "doctor"


def shares(places: Places, logins: Mapping[str, str], kiosks: tuple[str, ...]) -> dict[Path, str]:
    """The file of each unit below `secrets/`, named as `LoadCredential` of its unit has it. `kiosks` are screens that a
    kiosk shows.
    """
    parts = {
        "gateway": [login for login in logins if login == GATEWAY],
        "devices": [login for login in logins if login not in (GATEWAY, DOCTOR, *kiosks)],
    } | {f"kiosk@{screen}": [screen] for screen in kiosks if screen in logins}
    return {
        places.secrets / unit / FILE: login_table({login: logins[login] for login in found})
        for unit, found in parts.items()
    }
