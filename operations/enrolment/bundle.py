"""Everything that another box needs to run devices of a store: the settings of those devices, where the broker is, whom
to believe, and the devices' own passwords. One file, or one answer to `storekeeper join`.
"""

from __future__ import annotations

import errno
import os
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.errors import StorekeeperError
from edge.secrets import private
from edge.secrets.credentials import login_table
from edge.secrets.private import write_private
from edge.settings.toml_files import BadToml, read_toml
from operations.enrolment.handing_out import shares
from operations.setup.places import Places
from operations.setup.settings_files import tables

FORMAT: Final = 1
MAX_BYTES: Final = 512 * 1024


class BadBundle(StorekeeperError):
    """What was given is no bundle, or this box cannot take it."""


class EnrolmentBundle(msgspec.Struct, frozen=True):
    """What is handed over."""

    format: int
    store: str
    broker: str
    """`mqtts://host:port`, as the other box reaches it."""
    ca: str
    """The authority's certificate in PEM."""
    logins: dict[str, str]
    settings: dict[str, str]
    """`store.toml` and `devices.toml`, as far as they concern these devices."""

    def encode(self) -> bytes:
        """As a file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def make(places: Places, devices: Collection[str], logins: dict[str, str], host: str, port: int) -> EnrolmentBundle:
    """Of these devices. Raises `BadToml` where the settings cannot be read."""
    store, _ = read_toml(places.config / "store.toml")
    found, _ = read_toml(places.config / "devices.toml")
    mine = [each for each in found.get("devices", []) if each.get("id") in devices]
    kept: dict[str, Any] = {name: store[name] for name in ("store", "zones", "extensions") if name in store}
    shown = f"[{host}]" if ":" in host else host
    return EnrolmentBundle(
        format=FORMAT,
        store=str(store["store"]["id"]),
        broker=f"mqtts://{shown}:{port}",
        ca=places.ca.read_text("ascii"),
        logins={device: logins[device] for device in devices},
        settings={
            "store.toml": "# As far as this box needs it; the store's own box has the whole.\n\n" + tables(kept),
            "devices.toml": "# The devices of this box.\n\n" + tables({"devices": mine}),
        },
    )


def read(data: bytes) -> EnrolmentBundle:
    """Raises `BadBundle`."""
    try:
        found = msgspec.json.decode(data[: MAX_BYTES + 1], type=EnrolmentBundle)
    except (ValueError, RecursionError) as error:
        raise BadBundle(f"expected the bundle of a box, as `storekeeper devices enrol` makes it: {error}") from None
    if found.format != FORMAT or set(found.settings) != {"store.toml", "devices.toml"}:
        raise BadBundle(
            f"this bundle has form {found.format}; this version reads {FORMAT}: install the store's version"
        )
    return found


def make_ready(places: Places) -> None:
    """Make the folders that a bundle is put into: who has a code for one use asks first. Raises `BadBundle` on a box
    that is a store's own, and `PermissionError`.
    """
    if (places.data / "storekeeper.db").exists() or places.authority.exists():
        raise BadBundle(f"{places.data}: this box is a store's own; devices of a store join on another box")
    _store_of(places)
    places.config.mkdir(parents=True, exist_ok=True)
    places.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (places.config, places.data):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def take(bundle: EnrolmentBundle, places: Places) -> list[str]:
    """Make this a box of the store's devices, and return them. Again with another bundle of the same store replaces
    what stood here. Raises `BadBundle` on a box that is, or belongs to, another store.
    """
    make_ready(places)
    if (there := _store_of(places)) not in (None, bundle.store):
        raise BadBundle(
            f"{places.config}: this box belongs to store {there}, and the bundle to {bundle.store}; empty that first"
        )
    raw: dict[str, Any] = {
        "data": str(places.data),
        "broker": {
            "kind": "external",
            "url": bundle.broker,
            "authority": str(places.ca),
            "username": "nobody-here",
        },
    }
    files = {places.config / name: text for name, text in bundle.settings.items()}
    files |= {
        places.ca: bundle.ca,
        places.config / "gateway.toml": "# Made by `storekeeper join`: this box runs devices alone.\n\n" + tables(raw),
    }
    for path, text in _secrets(bundle, places).items():
        places.keep(path, text.encode())
    for path, text in files.items():
        write_private(path, text.encode())
        path.chmod(0o644 if path == places.ca else private.mode_in(path.parent))
    return sorted(bundle.logins)


def _secrets(bundle: EnrolmentBundle, places: Places) -> dict[Path, str]:
    if not places.handed:
        return {places.logins: login_table(bundle.logins)}
    handed = shares(places, bundle.logins, kiosks(bundle))
    return {path: text for path, text in handed.items() if path.parent.name != "gateway"}


def kiosks(bundle: EnrolmentBundle) -> tuple[str, ...]:
    """Screens that a kiosk of this box shows."""
    found = tomllib.loads(bundle.settings["devices.toml"]).get("devices", [])
    return tuple(each["id"] for each in found if each.get("kind") == "screen" and not each.get("driver"))


def _store_of(places: Places) -> str | None:
    """The store that this box belongs to by its settings; none where it has no settings. Raises `BadBundle`."""
    path = places.config / "store.toml"
    if not path.exists():
        return None
    try:
        store = read_toml(path)[0].get("store")
    except BadToml as error:
        raise BadBundle(f"{places.config}: {error}; mend it, or empty {places.config}") from None
    return str(store.get("id")) if isinstance(store, dict) else "(none)"
