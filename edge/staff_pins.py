"""The PINs of staff: scrypt hashes in `<data>/secrets/staff.toml`, never in a fact, never in a log.

A PIN has few digits, so the hash is slow on purpose, its salt never leaves the box, and wrong ones have to wait
(`edge.domain.staff`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from edge.credentials import write_private
from edge.domain.staff import Member, Role

log = structlog.get_logger(__name__)

FEWEST: Final = 4
MOST: Final = 8
"""Digits of a PIN."""
_COST: Final = 2**15
_BLOCK: Final = 8
_MEMORY: Final = 64 * 1024 * 1024

DEMO: Final = (("li", "小李", "staff", "2580"), ("wang", "王店长", "manager", "1470"))
"""Who works in a demo, with PINs that the page tells everybody."""


class BadPin(ValueError):
    """A PIN that nobody should have: what was found, what is expected."""


class Entry(msgspec.Struct, frozen=True):
    """One person in the file."""

    name: str
    role: Role
    key: str
    salt: str
    hash: str


class Team:
    """Who is staff, as the file says now; a change takes effect without a restart."""

    def __init__(self, data: Path, *, demo: bool = False) -> None:
        self._path = data / "secrets" / "staff.toml"
        self._demo = {staff: _entry(name, _role(role), pin) for staff, name, role, pin in DEMO} if demo else {}
        self._seen: tuple[int, int] | None = None
        self._entries: dict[str, Entry] = {}
        self._whole = False
        self._busy = asyncio.Semaphore(2)  # each check takes 32 MB for a tenth of a second
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def for_show(self) -> bool:
        """Whether the people of the demo work here: nobody was appointed yet."""
        return bool(self._demo) and not self._read()

    @property
    def whole(self) -> bool:
        """Whether the file is there and can be read: only then does a name that is not in it mean a dismissal."""
        self._read()
        return self._whole

    def members(self) -> list[Member]:
        """Everybody that is known."""
        entries = self._read() or self._demo
        return [Member(staff, entry.name, entry.role, entry.key) for staff, entry in sorted(entries.items())]

    def alone(self, staff: str) -> asyncio.Lock:
        """One check at a time for each person: a hundred guesses at once must not all be the first."""
        return self._locks.setdefault(staff if staff in self._everybody() else "", asyncio.Lock())

    async def check(self, staff: str, pin: str) -> str | None:
        """The key of somebody whose PIN this is; none otherwise. As slow for a stranger as for a wrong PIN."""
        entry = self._everybody().get(staff)
        salt = bytes.fromhex(entry.salt) if entry else b"nobody"
        async with self._busy:
            found = await asyncio.to_thread(_scrypt, pin[: 4 * MOST], salt)
        return entry.key if entry and hmac.compare_digest(found, entry.hash) else None

    def _everybody(self) -> Mapping[str, Entry]:
        return self._read() or self._demo

    def _read(self) -> dict[str, Entry]:
        try:
            status = self._path.stat()
            mark = (status.st_mtime_ns, status.st_size)
            if mark != self._seen:
                # Whoever writes the file puts a heading into it: one without a byte was not written, but lost.
                self._whole, self._seen = False, mark
                self._entries = read(self._path)
                self._whole = status.st_size > 0
        except FileNotFoundError:
            self._seen, self._entries, self._whole = None, {}, False
        except (OSError, ValueError) as error:
            log.error("staff.unreadable", file=str(self._path), error=type(error).__name__)  # noqa: TRY400 - said in one line
        return self._entries


def read(path: Path) -> dict[str, Entry]:
    """Everybody in a file; empty where there is none. Raises `ValueError` and `OSError`."""
    if not path.exists():
        return {}
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, Entry])


def put(path: Path, staff: str, name: str, role: Role, pin: str) -> None:
    """Appoint somebody, or give a new PIN. Raises `BadPin`."""
    check(pin)
    write(path, {**read(path), staff: _entry(name, role, pin)})


def remove(path: Path, staff: str) -> bool:
    """Dismiss somebody. False where they were not staff."""
    known = read(path)
    if staff not in known:
        return False
    del known[staff]
    write(path, known)
    return True


def write(path: Path, entries: Mapping[str, Entry]) -> None:
    """Replace the file in one step."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = "# Who may log in at /staff. Made by `storekeeper staff add`; the hashes are secret.\n"
    tables = [
        f"\n[{staff}]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in msgspec.to_builtins(entry).items())
        for staff, entry in sorted(entries.items())
    ]
    write_private(path, (head + "".join(tables)).encode())


def check(pin: str) -> None:
    """Raises `BadPin` for one that is no PIN, or that everybody tries first."""
    if not (pin.isascii() and pin.isdigit() and FEWEST <= len(pin) <= MOST):
        raise BadPin(f"expected {FEWEST} to {MOST} digits, got {len(pin)} characters")
    steps = {int(after) - int(before) for before, after in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise BadPin("expected digits that are not all the same and not in a row")


def _entry(name: str, role: Role, pin: str) -> Entry:
    salt = secrets.token_bytes(16)
    return Entry(name, role, secrets.token_hex(8), salt.hex(), _scrypt(pin, salt))


def _scrypt(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(
        pin.encode(errors="replace"), salt=salt, n=_COST, r=_BLOCK, p=1, maxmem=_MEMORY, dklen=32
    ).hex()


def _role(text: str) -> Role:
    return "manager" if text == "manager" else "staff"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
