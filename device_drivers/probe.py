"""Commissioning a lock board: finds out what hangs on a port, how its contacts are wired, and what to write into
`devices.toml`.

It only reads until a person has agreed to open one lock, and then opens that one, once. The conversation is kept as a
recording (`transports.recording`), which a test can hold again without the board.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.locks import kerong, waveshare
from device_drivers.locks import kerong_frames as kerong_boards
from device_drivers.locks import waveshare_frames as waveshare_boards
from device_drivers.transports import from_url
from device_drivers.transports.recording import Recorder
from device_drivers.transports.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from device_drivers.locks.board import Lock, Reading
    from device_drivers.transports import Transport

REPLY_S: Final = 0.15
"""How long a board may take to answer, in seconds. A converter far away takes longer."""
TRIES: Final = 2
LOOKS: Final = 60
"""How often the contact is looked at after the pulse, a twentieth of a second apart."""
LOOK_S: Final = 0.05
WAVESHARE_ADDRESSES: Final = range(1, 9)

AnyBoard = kerong_boards.KerongBoard | waveshare_boards.RelayBoard


class Asker(msgspec.Struct, frozen=True):
    """Who stands before the board."""

    tell: Callable[[str], None]
    """Shows a line of text."""
    confirm: Callable[[str], bool]
    """Asks a question; only True is a yes."""


class ProbeResult(msgspec.Struct, frozen=True):
    """What is known in the end."""

    url: str
    boards: tuple[str, ...] = ()
    """Every board that answered, in words."""
    locks: int = 0
    """Of all boards together."""
    ones: int = 0
    """How many of their contacts read 1 before anything was opened."""
    closed_bit: int | None = None
    """What a contact reads while its lock is closed; None where it was not found out."""
    opened: str | None = None
    """The lock that was opened, as `board/lock`; None where none was, or its contact did not move."""
    settings: str = ""
    """The line for `devices.toml`."""


class _Talk(msgspec.Struct, frozen=True):
    wire: Wire
    asker: Asker
    reply_s: float


class _Family(msgspec.Struct, frozen=True):
    driver: str
    dialect: str
    line: tuple[int, float]
    boards: tuple[AnyBoard, ...]


def families() -> list[_Family]:
    """What is looked for. Waveshare's address 0, which all boards hear, is not asked."""
    known = [
        _Family(
            "locks.kerong",
            str(dialect),
            kerong.LINE,
            tuple(kerong_boards.KerongBoard(dialect, address) for address in range(kerong_boards.BOARDS)),
        )
        for dialect in kerong_boards.Dialect
    ]
    relays = tuple(waveshare_boards.RelayBoard(address) for address in WAVESHARE_ADDRESSES)
    return [*known, _Family("locks.waveshare", "", waveshare.LINE, relays)]


def places() -> list[str]:
    """URLs of the serial ports of this machine, and paths of keyboards that may be scanners, by names that stay."""
    ports = [f"serial://{path}" for path in sorted(Path("/dev/serial/by-id").glob("*"))]
    return ports + [str(path) for path in sorted(Path("/dev/input/by-id").glob("*-event-kbd"))]


def probe(
    url: str,
    asker: Asker,
    recording: Path | None = None,
    lock: str | None = None,
    transport_for: Callable[[str, int], Transport] = from_url,
    reply_s: float = REPLY_S,
) -> ProbeResult:
    """Looks for boards on a port; opens `lock` (`board/lock`, or the first one found) if the person agrees.

    Raises `ValueError` for a URL or a lock that cannot be, and `OSError` where the port is lost.
    """
    if recording is None:
        return _probe(url, asker, lock, transport_for, reply_s)
    recording.unlink(missing_ok=True)
    keeper = Recorder(transport_for(url, kerong.LINE[0]), recording, "probe of lock boards")
    found = _probe(
        url,
        asker,
        lock,
        lambda url, baud: Recorder(transport_for(url, baud), recording, "probe of lock boards"),
        reply_s,
    )
    keeper.found(msgspec.to_builtins(found))
    return found


def _probe(
    url: str, asker: Asker, lock: str | None, transport_for: Callable[[str, int], Transport], reply_s: float
) -> ProbeResult:
    for family in families():
        transport = transport_for(url, family.line[0])
        wire = Wire(transport, family.line[1])
        wire.open()
        try:
            asker.tell(f"asking for {family.driver} {family.dialect} …")
            if found := {board: reading for board in family.boards if (reading := _ask(wire, board, reply_s))}:
                return _commission(_Talk(wire, asker, reply_s), family, found, lock)
        finally:
            wire.close()
    asker.tell("nobody answered: power? A and B swapped? baud rate? address switch?")
    return ProbeResult(url)


def _ask(wire: Wire, board: AnyBoard, reply_s: float) -> Reading | None:
    for _ in range(TRIES):
        if (reading := wire.ask(board.request(), board.reading, reply_s)) is not None:
            return reading
    return None


def _commission(talk: _Talk, family: _Family, found: dict[AnyBoard, Reading], place: str | None) -> ProbeResult:
    wire, asker = talk.wire, talk.asker
    words = tuple(f"{family.driver} {family.dialect} board {board.address}".replace("  ", " ") for board in found)
    for word, (board, reading) in zip(words, found.items(), strict=True):
        ones = [str(index + 1) for index in range(board.locks) if reading.contact(index)]
        asker.tell(f"found {word}: {board.locks} locks; contacts that read 1: {', '.join(ones) or 'none'}")
    lock = _chosen(list(found), place)
    name = f"{lock.board.address}/{lock.index + 1}"
    locks = sum(board.locks for board in found)
    closed = sum(reading.contact(index) for board, reading in found.items() for index in range(board.locks))
    result = ProbeResult(wire.url, words, locks, closed, settings=_settings(wire.url, family, list(found), None))
    if not asker.confirm(f"Open lock {name} now? Its door springs open."):
        return result
    before = _ask(wire, lock.board, talk.reply_s)
    if lock.board.answers_pulses:
        wire.ask(lock.pulse(), lock.acknowledged, talk.reply_s, urgent=True)
    else:
        wire.send(lock.pulse())
    after = _await_change(talk, lock, before)
    if before is None or after is None:
        asker.tell(f"the contact of lock {name} did not move: not wired, jammed, or another lock opened")
        return result
    closed = int(before.contact(lock.index))
    asker.tell(f"lock {name} opened: a closed lock reads {closed}")
    return msgspec.structs.replace(
        result, closed_bit=closed, opened=name, settings=_settings(wire.url, family, list(found), closed)
    )


def _chosen(boards: Sequence[AnyBoard], place: str | None) -> kerong_boards.KerongLock | waveshare_boards.RelayLock:
    if place is None:
        return boards[0].lock(1)
    address, _, number = place.partition("/")
    for board in boards:
        if str(board.address) == address and number.isdigit():
            return board.lock(int(number))
    raise ValueError(f"lock {place!r}: expected board/lock on one of the boards {[board.address for board in boards]}")


def _await_change(talk: _Talk, lock: Lock, before: Reading | None) -> Reading | None:
    """Counts looks and not seconds, so that a recording is held again look by look."""
    for _ in range(LOOKS):
        time.sleep(LOOK_S)
        now = talk.wire.ask(lock.board.request(), lock.board.reading, talk.reply_s)
        if now and before and now.contact(lock.index) != before.contact(lock.index):
            return now
    return None


def _settings(url: str, family: _Family, boards: Sequence[AnyBoard], closed: int | None) -> str:
    dialect = f'dialect = "{family.dialect}", ' if family.dialect else ""
    addresses = [board.address for board in boards]
    bit = "<0 or 1>" if closed is None else closed
    return f'settings = {{ url = "{url}", {dialect}boards = {addresses}, closed_bit = {bit} }}'
