"""The vendor's own frames, and what no frame may ever be."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.locks import kerong_open_all
from device_drivers.locks.board import Reading
from device_drivers.locks.kerong_frames import Dialect, KerongBoard, KerongLock

CU48, CU48B, CU16 = Dialect.CU48, Dialect.CU48B, Dialect.CU16

# From "CU48 Protocol And Introduction" V2.1, and the worked examples of CU48B and CU16.
ASKING = [(CU48, 0, "02 00 00 50 03 55"), (CU48B, 0, "02 00 00 60 03 65"), (CU16, 0, "02 00 30 03 35")]
UNLOCKING = [
    (CU48, 0, 1, "02 00 00 51 03 56"),
    (CU48B, 0, 5, "02 00 04 61 03 6A"),
    (CU16, 1, 3, "02 12 31 03 48"),
]
EVERYTHING = ["02 00 30 51 03 86", "02 0A 30 51 03 90"]


@pytest.mark.parametrize(("dialect", "address", "frame"), ASKING)
def test_asking(dialect: Dialect, address: int, frame: str) -> None:
    assert KerongBoard(dialect, address).request() == bytes.fromhex(frame)


@pytest.mark.parametrize(("dialect", "address", "number", "frame"), UNLOCKING)
def test_unlocking(dialect: Dialect, address: int, number: int, frame: str) -> None:
    assert KerongBoard(dialect, address).lock(number).pulse() == bytes.fromhex(frame)


def test_the_papers_reply() -> None:
    reading = KerongBoard(CU48, 0).reading(bytes.fromhex("02 00 00 65 07 00 00 00 00 C0 03 31"))
    assert reading is not None
    assert [lock + 1 for lock in range(48) if reading.contact(lock)] == [1, 2, 3, 47, 48]
    assert reading.object(0) is None
    assert KerongBoard(CU48, 1).reading(bytes.fromhex("02 01 00 65 00 00 80 00 00 00 03 EB")) == Reading(1 << 23)


def test_replies_with_object_sensors() -> None:
    box = bytes.fromhex("02 03 00 75 01 00 00 00 00 80 02 00 00 00 00 40 03")
    assert KerongBoard(CU48B, 3).reading(_summed(box)) == Reading(1 | 1 << 47, 1 << 1 | 1 << 46)
    small = bytes.fromhex("02 10 35 FE 7F 01 80 03")
    assert KerongBoard(CU16, 1).reading(_summed(small)) == Reading(0x7FFE, 0x8001)


def _summed(frame: bytes) -> bytes:
    return frame + bytes([sum(frame) % 256])


GOOD = bytes.fromhex("02 00 00 65 07 00 00 00 00 C0 03 31")


@given(before=st.binary(max_size=40), after=st.binary(max_size=11))
def test_a_reply_is_found_between_noise(before: bytes, after: bytes) -> None:
    assert KerongBoard(CU48, 0).reading(before + GOOD + after) is not None


@given(cut=st.integers(0, len(GOOD) - 1))
def test_a_part_of_a_reply_is_none(cut: int) -> None:
    assert KerongBoard(CU48, 0).reading(GOOD[:cut]) is None


@given(at=st.integers(0, len(GOOD) - 1), flip=st.integers(1, 255))
def test_one_wrong_byte_is_no_reply_or_only_a_wrong_lock_byte(at: int, flip: int) -> None:
    wrong = bytes(byte ^ flip if place == at else byte for place, byte in enumerate(GOOD))
    assert KerongBoard(CU48, 0).reading(wrong) is None


def test_another_boards_reply_is_not_ours() -> None:
    assert KerongBoard(CU48, 1).reading(GOOD) is None
    assert KerongBoard(CU48B, 0).reading(GOOD) is None


def test_the_newest_reply_counts() -> None:
    newer = bytes.fromhex("02 00 00 65 00 00 00 00 00 00 03 6A")
    assert KerongBoard(CU48, 0).reading(GOOD + newer) == Reading(0)


# --- what cannot be ---

odd: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 12), st.integers(-1, 300), st.integers(), st.booleans(), st.floats(), st.text(max_size=3), st.none()
)


def _opens_more_than_one(frame: bytes) -> bool:
    """In any dialect's reading of the frame."""
    if len(frame) == 6:
        return frame[1] > 9 or (frame[3] in (0x51, 0x61) and frame[2] > 47)
    return len(frame) != 5 or frame[1] >> 4 > 9 or frame[2] not in (0x30, 0x31)


@settings(max_examples=500, deadline=None)
@given(dialect=st.one_of(st.sampled_from(Dialect), odd), address=odd, number=odd)
def test_whatever_is_asked_for_no_frame_opens_more_than_one_lock(dialect: Any, address: Any, number: Any) -> None:
    try:
        board = KerongBoard(dialect, address)
    except ValueError:
        return
    assert not _opens_more_than_one(board.request())
    try:
        lock = KerongLock(board, number)
    except ValueError:
        return
    assert not _opens_more_than_one(lock.pulse())


@pytest.mark.parametrize("address", [-1, 10, 15, 255, True, "0", 1.0, None])
def test_a_board_that_cannot_be(address: Any) -> None:
    with pytest.raises(ValueError, match="expected 0 to 9"):
        KerongBoard(CU48, address)


@pytest.mark.parametrize(("dialect", "number"), [(CU48, 0), (CU48, 49), (CU48B, 49), (CU16, 17), (CU16, -3)])
def test_a_lock_that_cannot_be(dialect: Dialect, number: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to"):
        KerongBoard(dialect, 0).lock(number)


def test_a_good_lock_cannot_be_made_a_bad_one() -> None:
    lock = KerongBoard(CU48, 0).lock(1)
    with pytest.raises(ValueError, match="expected"):
        msgspec.structs.replace(lock, index=0x30)
    with pytest.raises(AttributeError):
        lock.index = 0x30  # type: ignore[misc]
    with pytest.raises(TypeError):
        object.__setattr__(lock, "index", 0x30)
    with pytest.raises(ValueError, match="expected"):
        KerongLock("board", 0)  # type: ignore[arg-type]


def test_opening_everything_stands_in_one_place_that_no_driver_imports() -> None:
    alone = Path(kerong_open_all.__file__)
    for path in sorted(alone.parents[1].rglob("*.py")):
        if path == alone:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert alone.stem not in ast.dump(node), path


class Recorder:
    """A transport that keeps what is written."""

    url, byte_s = "tcp://recorder:1", 0.0

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def open(self) -> None:
        self.calls.append("open")

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def read(self, until: float) -> bytes:
        raise NotImplementedError

    def flush_input(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.calls.append("close")


def test_opening_everything_has_to_be_asked_for_in_words() -> None:
    recorder = Recorder()
    with pytest.raises(PermissionError, match="open every lock"):
        kerong_open_all.open_every_lock(recorder, CU48, "yes")
    assert recorder.calls == []
    kerong_open_all.open_every_lock(recorder, CU48, kerong_open_all.SENTENCE)
    assert recorder.calls == ["open", bytes.fromhex(EVERYTHING[1]), "close"]
