"""The secrets on this box: who may read them, and whether they can be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from edge.secrets import credentials, private, read_only, sealed
from operations.diagnosis import installed
from operations.diagnosis.findings import Finding, Health


def secrets(data: Path) -> Iterator[Finding]:
    """Whether anybody else on this box may read them, and whether the store's key is the right one."""
    found = list(private.open_to_others(data)) if data.exists() else []
    for path, mode in found:
        if path.is_relative_to(data / "secrets"):
            yield Finding(Health.ILL, f"secrets: others may read {path}: chmod {mode & ~private.OTHERS:o} {path}")
    yield from _sealed()
    yield from _passwords(data)
    others = [path for path, _ in found if not path.is_relative_to(data / "secrets")]
    if others:
        said = f"data folder: others may read {len(others)} files and folders, such as {others[-1]}"
        yield Finding(Health.NOTE, f"{said}; every service mends that when it starts")
    if not installed.missing("gateway"):  # without it nothing here could read them
        yield from _key(data)
        yield from _team(data)


def _passwords(data: Path) -> Iterator[Finding]:
    """Whether the passwords of the broker's logins can be read: without them nothing meets there."""
    try:
        credentials.passwords(data)
    except (ValueError, OSError) as error:
        yield Finding(Health.ILL, f"secrets: {_why(error)}")


def _sealed() -> Iterator[Finding]:
    """On an installed box: whether what root keeps for the services is sealed to this box, and opens."""
    if not os.access(read_only.KEPT, os.R_OK):
        return
    for secret in sealed.names(read_only.KEPT):
        try:
            sealed.read(secret)
        except OSError as error:
            yield Finding(Health.ILL, f"secrets: {error.filename} does not open: {error.strerror}; restore a copy")
    if (clear := sealed.in_clear(read_only.KEPT)) and sealed.can_seal():
        said = f"secrets: {len(clear)} lie in clear, such as {clear[0]}; `storekeeper setup` seals them to this box"
        yield Finding(Health.NOTE, said)


def settings(config: Path) -> Iterator[Finding]:
    """Settings of an installed box, where keys of others may stand: a camera's password, an account for SMS."""
    allowed = private.mode_in(config)
    for path in (config / name for name in ("store.toml", "devices.toml", "gateway.toml")):
        if allowed & 0o040 and path.exists() and path.stat().st_mode & 0o007:
            yield Finding(Health.ILL, f"settings: everybody on this box may read {path}: chmod {allowed:o} {path}")


def _team(data: Path) -> Iterator[Finding]:
    """Whose PIN was set by earlier rules, and files of people that cannot be read."""
    from edge.secrets import operators, staff_pins  # noqa: PLC0415 - a device box cannot read them

    for path, people in ((staff_pins.file_of(data), staff_pins.read), (operators.file_of(data), operators.read)):
        try:
            entries = people(path)
        except (ValueError, OSError) as error:
            yield Finding(Health.ILL, f"{path.name}: nobody in it can log in: {_why(error)}")
            continue
        old = [name for name, each in entries.items() if getattr(each, "rules", staff_pins.RULES) < staff_pins.RULES]
        if old:
            said = f"PINs: {', '.join(old)} may have one of four digits"
            yield Finding(Health.NOTE, f"{said}; give new ones with `storekeeper staff add`")


def _key(data: Path) -> Iterator[Finding]:
    from edge.secrets import store_key  # noqa: PLC0415 - a device box cannot read them

    path = store_key.path_of(data)
    try:
        state = store_key.inspect_key(path)
    except sqlite3.Error as error:
        yield Finding(Health.ILL, f"key: it cannot be proven, as the journal cannot be read: {error}")
        return
    if state.sentence:
        yield Finding(Health.ILL, f"key: {state.sentence}")
    elif state.state == "fresh":
        yield Finding(Health.NOTE, "key: none yet; the gateway makes it when it first starts")
    else:
        yield Finding(Health.WELL, f"key: {path} is the one that the journal knows. Keep a copy of it off this box")


def _why(error: ValueError | OSError) -> str:
    """In one line, without the number of an error."""
    said = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
    return said.splitlines()[0][:200]
