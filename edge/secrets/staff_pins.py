"""The PINs of staff: scrypt hashes in `<data>/secrets/staff.toml`, never in a fact, never in a log.

A PIN has few digits, so the hash is slow on purpose, its salt never leaves the box, wrong ones have to wait
(`edge.domain.staff.pin_tries`), and those that people try first are refused (`edge.secrets.weak_pins`). The team is
staff by PIN and operators by password (`edge.secrets.operators`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

import msgspec
import structlog

from edge.domain.staff.facts import Role
from edge.domain.staff.rules import StaffMember
from edge.secrets import operators, tables
from edge.secrets.private import alone, write_private
from edge.secrets.weak_pins import MAX_DIGITS, weakness

log = structlog.get_logger(__name__)

RULES: Final = 2
"""The rules of `weak_pins`. An entry of earlier ones may hold a PIN of four digits: good until it is changed."""
_COST: Final = 2**15
_BLOCK: Final = 8
_MEMORY: Final = 64 * 1024 * 1024

DEMO: Final = (("li", "小李", "staff", "2580"), ("wang", "王店长", "manager", "1470"))
"""Who works in a demo, with PINs that the page tells everybody."""


Way = Literal["pin", "password"]
"""How somebody of the team comes in: staff, and operators."""


class BadPin(ValueError):
    """A PIN that nobody should have: what was found, what is expected."""


class PinEntry(msgspec.Struct, frozen=True):
    """One person in the file."""

    name: str
    role: Role
    key: str
    salt: str
    hash: str
    rules: int = 1
    """By which rules the PIN was found good."""


T = TypeVar("T")


class _Watched(Generic[T]):
    """What a file of people says now; read again when it has changed.

    One that was lost lets nobody in; one that cannot be read says what it said before.
    """

    def __init__(self, path: Path, read: Callable[[Path], dict[str, T]]) -> None:
        self._path = path
        self._read = read
        self._seen: tuple[int, int, int] | None = None
        self._entries: dict[str, T] = {}
        self._whole = False
        self._said = ""

    @property
    def whole(self) -> bool:
        """Whether the file is there and can be read: only then does a name that is not in it mean a dismissal."""
        self.entries()
        return self._whole

    def entries(self) -> dict[str, T]:
        """Everybody by id."""
        try:
            status = self._path.stat()
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
            if mark != self._seen:
                # Whoever writes the file puts a heading into it: one without a byte was not written, but lost.
                self._whole, self._seen = False, mark
                self._entries = self._read(self._path)
                self._whole, self._said = status.st_size > 0, ""
        except FileNotFoundError:
            self._seen, self._entries, self._whole = None, {}, False
        except (OSError, ValueError) as error:
            if isinstance(error, OSError):
                self._seen = None  # whether it can be read does not show in it
            self._complain(type(error).__name__)
        return self._entries

    def _complain(self, why: str) -> None:
        """Once, and in one line."""
        if why != self._said:
            self._said = why
            log.error("staff.unreadable", file=str(self._path), error=why)


class Team:
    """Who is staff, as the file says now; a change takes effect without a restart."""

    def __init__(self, data: Path, *, demo: bool = False) -> None:
        self._staff = _Watched(file_of(data), read)
        self._operators = _Watched(operators.file_of(data), operators.read)
        self._demo = {each[0]: _for_show(*each) for each in DEMO} if demo else {}
        self._busy = asyncio.Semaphore(2)  # each check takes 32 MB for a tenth of a second
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def for_show(self) -> bool:
        """Whether the people of the demo work here: nobody was appointed yet."""
        return bool(self._demo) and not self._staff.entries()

    @property
    def whole(self) -> frozenset[Role]:
        """The roles whose file is there and can be read."""
        roles: set[Role] = {"staff", "manager"} if self._staff.whole else set()
        return frozenset(roles | {"operator"} if self._operators.whole else roles)

    def members(self) -> list[StaffMember]:
        """Everybody. Where a member of staff and an operator have one id, it is the member of staff."""
        people = {
            staff: StaffMember(staff, each.name, "operator", each.key) for staff, each in self._in_charge().items()
        }
        people |= {staff: StaffMember(staff, each.name, each.role, each.key) for staff, each in self._at_work().items()}
        return [member for _, member in sorted(people.items())]

    def key_of(self, staff: str) -> str | None:
        """What names somebody's PIN or password now; none where they are not of the team any more."""
        entry = self._at_work().get(staff) or self._in_charge().get(staff)
        return entry.key if entry else None

    def named(self, text: str, by: Way = "pin") -> str:
        """The id of whoever is called so and comes in this way, by id or by a name that one person alone has; else the
        text itself.
        """
        people = self._people(by)
        wanted = " ".join(text.split()).casefold()
        found = [staff for staff, each in people.items() if each.name.casefold() == wanted]
        return found[0] if len(found) == 1 and wanted not in people else wanted

    def comes(self, staff: str, by: Way) -> bool:
        """Whether there is such a person who comes in this way: nobody else's tries are counted for them."""
        return staff in self._people(by)

    def login_lock(self, staff: str) -> asyncio.Lock:
        """One check at a time for each person: a hundred guesses at once must not all be the first."""
        return self._locks.setdefault(staff if self.key_of(staff) else "", asyncio.Lock())

    async def check(self, staff: str, pin: str) -> str | None:
        """The key of somebody whose PIN this is; none otherwise. As slow for a stranger as for a wrong PIN."""
        entry = self._at_work().get(staff)
        salt = bytes.fromhex(entry.salt) if entry else b"nobody"
        async with self._busy:
            found = await asyncio.to_thread(_scrypt, pin[: 4 * MAX_DIGITS], salt)
        return entry.key if entry and hmac.compare_digest(found, entry.hash) else None

    async def check_operator(self, operator: str, password: str) -> str | None:
        """The key of the operator whose password this is; none otherwise. As slow for a stranger."""
        entry = self._in_charge().get(operator)
        async with self._busy:
            right = await asyncio.to_thread(operators.is_right, entry, password)
        return entry.key if entry and right else None

    def wants_new_pin(self, staff: str) -> bool:
        """Whether a PIN may be of the time when four digits were enough."""
        entry = self._staff.entries().get(staff)
        return entry is not None and entry.rules < RULES

    def _people(self, by: Way) -> Mapping[str, PinEntry | operators.OperatorEntry]:
        return self._at_work() if by == "pin" else self._in_charge()

    def _at_work(self) -> Mapping[str, PinEntry]:
        return self._staff.entries() or self._demo

    def _in_charge(self) -> Mapping[str, operators.OperatorEntry]:
        return self._operators.entries()


def file_of(data: Path) -> Path:
    """Where a store's data keeps who may log in at /staff."""
    return data / "secrets" / "staff.toml"


def read(path: Path) -> dict[str, PinEntry]:
    """Everybody in a file; empty where there is none. Raises `ValueError` and `OSError`."""
    if not path.exists():
        return {}
    entries = tables.typed(path, path.read_bytes(), dict[str, PinEntry])
    for name, entry in entries.items():
        try:
            bytes.fromhex(entry.salt)
        except ValueError:
            raise tables.DamagedSecret(f"{path}: {name}: expected a salt of hexadecimal digits") from None
    return entries


def put(path: Path, staff: str, name: str, role: Role, pin: str) -> None:
    """Appoint somebody, or give a new PIN. Raises `BadPin`."""
    check(pin)
    with alone(path.parent):
        write(path, {**read(path), staff: _entry(name, role, pin)})


def remove(path: Path, staff: str) -> bool:
    """Dismiss somebody. False where they were not staff."""
    if staff not in read(path):
        return False
    with alone(path.parent):
        write(path, {each: entry for each, entry in read(path).items() if each != staff})
    return True


def write(path: Path, entries: Mapping[str, PinEntry]) -> None:
    """Replace the file in one step."""
    head = "# Who may log in at /staff. Made by `storekeeper staff add`; the hashes are secret.\n"
    write_private(path, f"{head}\n{operators.as_toml(entries)}".encode())


def check(pin: str) -> None:
    """Raises `BadPin` for one that is no PIN, or that people try first."""
    why = weakness(pin)
    if why:
        raise BadPin(why)


def _entry(name: str, role: Role, pin: str) -> PinEntry:
    salt = secrets.token_bytes(16)
    return PinEntry(name, role, secrets.token_hex(8), salt.hex(), _scrypt(pin, salt), RULES)


def _for_show(staff: str, name: str, role: str, pin: str) -> PinEntry:
    """No file keeps it: the same key at every start, so that whoever is logged in stays so."""
    mark = hashlib.sha256(f"{staff} {pin}".encode()).digest()
    return PinEntry(name, _role(role), mark[:8].hex(), mark[8:24].hex(), _scrypt(pin, mark[8:24]), RULES)


def _scrypt(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(
        pin.encode(errors="replace"), salt=salt, n=_COST, r=_BLOCK, p=1, maxmem=_MEMORY, dklen=32
    ).hex()


def _role(text: str) -> Role:
    return "manager" if text == "manager" else "staff"
