"""Mosquitto's files of one store: passwords, rights, certificate, and the piece that its own configuration includes."""

from __future__ import annotations

import getpass
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.secrets import broker_passwords
from edge.secrets.private import write_private
from edge.settings.example import example
from operations.certificates import renewal
from operations.setup.places import Places
from operations.setup.settings_files import TEMPLATES

GROUP: Final = "mosquitto"
"""Debian's group of the broker: it may read these files, and write none of them."""


def conf(places: Places, port: int) -> str:
    """`conf.d/storekeeper.conf`."""
    template = string.Template((TEMPLATES / "mosquitto.conf").read_text("utf-8"))
    return template.substitute(
        port=str(port),
        certificate=str(places.certificate),
        key=str(places.key),
        passwords=str(places.passwords),
        acl=str(places.acl),
    )


def main_conf(places: Places) -> str:
    """The file that Mosquitto is started with where it is not Debian's own service that starts it."""
    return (
        "# Made by `storekeeper setup` for a box without a service manager: mosquitto -c this file.\n"
        f"user {getpass.getuser()}\n"
        "log_dest stderr\n"
        f"pid_file {pid_file(places)}\n"
        f"include_dir {places.broker_conf.parent}\n"
    )


def main_file(places: Places) -> Path:
    """Where `main_conf` lies."""
    return places.root / "etc/mosquitto/mosquitto.conf"


def pid_file(places: Places) -> Path:
    """Where Mosquitto notes its process."""
    return places.root / "run/mosquitto/mosquitto.pid"


def rights(store: str) -> str:
    """The rights of each login: section "Access" of the device contract."""
    return string.Template((example() / "mosquitto" / "acl").read_text("utf-8")).substitute(store=store)


def password_file(places: Places, logins: Mapping[str, str]) -> str:
    """With the lines that are there already, where they hold."""
    before = places.passwords.read_text("utf-8") if places.passwords.exists() else ""
    return broker_passwords.text(logins, before)


def shared(path: Path, text: str, places: Places) -> None:
    """Write a file that the broker reads: its own group's, where root writes it."""
    folder(path.parent)
    write_private(path, text.encode())
    if path.parent == places.broker:
        renewal.share(path, GROUP)
    else:
        path.chmod(0o644)


def folder(path: Path) -> None:
    """Make a folder that the broker may look into."""
    made = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    if made:
        renewal.share(path, GROUP)
