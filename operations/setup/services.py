"""Opens a store that was set up: which version is in force, and the services of this box."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from edge.errors import StorekeeperError
from edge.secrets import sealed
from edge.settings.toml_files import read_toml
from operations.setup.places import Places

VERSIONS: Final = Path("/opt/storekeeper")
TIMERS: Final = tuple(f"storekeeper-{work}.timer" for work in ("backup", "https", "reconcile", "renew", "update"))
"""Work that comes round by itself; each does nothing where the settings ask for nothing."""
PATIENCE_S: Final = 120
"""A gateway says itself when it is open; on a slow box that takes a while."""


class BrokerFailed(StorekeeperError):
    """Mosquitto, or another service of the store, does not run with the store's files."""


def open_store(places: Places, *, broker_answers: bool) -> None:
    """Broker, gateway and what else stands in the settings run now, and after each start. Raises `BrokerFailed`."""
    put_in_force(Path(sys.prefix))
    _systemctl("enable", "--now", "mosquitto")
    # Passwords and rights are read again while it runs; a listener is opened by a start alone.
    _systemctl("reload" if broker_answers else "restart", "mosquitto")
    for service in wanted(places):
        _systemctl("enable", "--now", service)


def wanted(places: Places) -> list[str]:
    """The services of this box by its settings: a box without drivers of its own runs no devices."""
    devices = read_toml(places.config / "devices.toml")[0].get("devices", [])
    driven = any(each.get("driver", "elsewhere") != "elsewhere" for each in devices if isinstance(each, dict))
    return [
        "storekeeper-gateway",
        *(["storekeeper-devices"] if driven else []),
        *(["storekeeper-sync"] if sealed.exists(places.cloud_token) else []),
        *TIMERS,
    ]


def put_in_force(version: Path, versions: Path = VERSIONS) -> bool:
    """The version that runs this is the one in force where none is yet. False where it stays as it is.

    From then on `storekeeper update` alone moves the link.
    """
    link = versions / "current"
    if version.parent != versions or link.exists():
        return False
    link.unlink(missing_ok=True)
    link.symlink_to(version.name)
    return True


def _systemctl(*argv: str) -> None:
    command = ["systemctl", *argv]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise BrokerFailed(f"{' '.join(command)}: it did not end within {PATIENCE_S} s") from None
    if done.returncode:
        raise BrokerFailed(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
