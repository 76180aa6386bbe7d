"""The secrets of one store, in `<data>/secrets/`: made once, never overwritten, readable by their owner alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from edge.secrets import read_only, sealed, tables
from edge.secrets.private import alone, write_private

KEY_BYTES = 32


def prepare(data: Path, logins: Iterable[str]) -> None:
    """Make what is missing: the cloud's token, a password for each of `logins`, and the key of a store without journal.

    Where there is a journal, its key is for `edge.secrets.store_key` to judge.
    """
    folder = data / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if not (data / "storekeeper.db").exists():
        _make(folder / "store.key", secrets.token_bytes(KEY_BYTES))
    _make(folder / "cloud.token", secrets.token_urlsafe(32).encode())
    add_passwords(folder / "devices.toml", logins)


def add_passwords(path: Path, logins: Iterable[str]) -> None:
    """A password for each of `logins` that has none yet in the table at `path`."""
    with alone(path.parent):
        known = read_passwords(path) if path.exists() else {}
        missing = {login: secrets.token_urlsafe(18) for login in logins if login not in known}
        if missing:
            write_passwords(path, {**known, **missing})


def passwords(data: Path) -> dict[str, str]:
    """MQTT user name → password of those that this process may be; empty where none were made."""
    path = data / "secrets" / "devices.toml"
    return _passwords(path, read_only.read(path)) if read_only.exists(path) else {}


def read_passwords(path: Path) -> dict[str, str]:
    """The table in `path`. Raises `OSError` and `DamagedSecret`."""
    return _passwords(path, sealed.read(path))


def _passwords(path: Path, content: bytes) -> dict[str, str]:
    return {str(login): str(password) for login, password in tables.table(path, content).items()}


def token_of(data: Path) -> str | None:
    """The bearer token of this store, where the cloud issued one and this process was handed it.

    Whatever else lies there is for the cloud to refuse: it keeps no store closed.
    """
    try:
        return read_only.read(data / "secrets" / "cloud.token").decode("utf-8-sig", "replace").strip() or None
    except OSError:
        return None


def _make(path: Path, content: bytes) -> None:
    if not path.exists():
        write_private(path, content)


def write_passwords(path: Path, table: Mapping[str, str]) -> None:
    """Replace the table at `path`."""
    write_private(path, login_table(table).encode())


def login_table(table: Mapping[str, str]) -> str:
    """MQTT passwords by user name, as `read_passwords` reads them."""
    head = "# MQTT passwords, one for each device and one for the gateway. Keep this file to yourself.\n"
    return head + "".join(f'{login} = "{password}"\n' for login, password in sorted(table.items()))
