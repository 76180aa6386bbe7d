"""Bundles that wait for the box they are for: each is fetched once, within a day, by whoever has its code."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import small_files
from edge.secrets.private import write_private
from operations.enrolment.bundle import EnrolmentBundle
from operations.enrolment.code import TOKEN_BYTES, name_of

GOOD_FOR: Final = timedelta(hours=24)


class Waiting(msgspec.Struct, frozen=True):
    """A bundle, and until when it may be fetched."""

    until: datetime
    bundle: EnrolmentBundle


def put(folder: Path, made: EnrolmentBundle, now: datetime) -> bytes:
    """Let it wait. Returns the token, the only time that it is known. What an earlier code for the same devices would
    have fetched waits no more.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in list(folder.glob("*.json")):
        before = _read(path)
        if before is None or before.until < now or set(before.bundle.logins) & set(made.logins):
            path.unlink(missing_ok=True)
    token = secrets.token_bytes(TOKEN_BYTES)
    write_private(folder / f"{name_of(token)}.json", msgspec.json.encode(Waiting(now + GOOD_FOR, made)))
    return token


def fetch(folder: Path, token: bytes, now: datetime) -> EnrolmentBundle | None:
    """The bundle of that token, this one time; none where there is none, or it is over."""
    path = folder / f"{name_of(token)}.json"
    taken = path.with_suffix(".taken")
    try:
        path.rename(taken)  # whoever comes at the same moment finds nothing
    except FileNotFoundError:
        return None
    found = _read(taken)
    taken.unlink()
    return found.bundle if found is not None and found.until >= now else None


def count(folder: Path, now: datetime, name: str = "") -> int:
    """How many can still be fetched: of that name, or of all."""
    found = [_read(path) for path in folder.glob(f"{name or '*'}.json")] if folder.is_dir() else []
    return sum(each is not None and each.until >= now for each in found)


def drop(folder: Path, device: str) -> None:
    """What would hand over that device's password waits no more."""
    for path in folder.glob("*.json") if folder.is_dir() else ():
        found = _read(path)
        if found is None or device in found.bundle.logins:
            path.unlink(missing_ok=True)


def _read(path: Path) -> Waiting | None:
    return small_files.read(path, Waiting)
