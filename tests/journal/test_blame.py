"""Whatever a decision raises, at whichever step, is its caller's; whatever the storage raises is everybody's."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
import structlog

from edge.errors import DecisionFailed, JournalBroken, JournalBusy, JournalDamaged, JournalFull, Refusal
from edge.journal import Entry, Fact, Projection, Projections, Rows, Tx
from edge.journal.journal import Journal
from edge.journal.verify import verify
from tests.journal.coins import COINS, CoinDropped, drop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

GROUP = 256
AT = 100
"""Which of the group is the bad one."""


class Odd(BaseException):
    """A kind of its own."""


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError("not even this")

    __repr__ = __str__


def _deep() -> None:
    _deep()


def _surrogate() -> None:
    "\ud800".encode()


def _statement(sql: str, *params: Any) -> Callable[[], None]:
    def run() -> None:
        sqlite3.connect(":memory:").execute(sql, params)

    return run


def _raising(error: BaseException | type[BaseException]) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


KINDS: Final[dict[str, Callable[[], None]]] = {
    **{
        kind.__name__: _raising(kind)
        for kind in (
            KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError, StopIteration, StopAsyncIteration,
            OverflowError, MemoryError, RecursionError, ArithmeticError, AttributeError, OSError, AssertionError,
            EOFError, BufferError, TimeoutError, Warning, Odd, Unprintable, sqlite3.Warning, sqlite3.InterfaceError,
            sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InternalError,
            sqlite3.NotSupportedError, sqlite3.OperationalError, sqlite3.DatabaseError, msgspec.ValidationError,
        )
    },
    "a group": _raising(BaseExceptionGroup("both", [KeyboardInterrupt(), ValueError()])),
    "real recursion": _deep,
    "real surrogate": _surrogate,
    "no such table": _statement("SELECT * FROM nowhere"),
    "too large an integer": _statement("SELECT ?", 2**63),
    "an unbound value": _statement("SELECT ?"),
    "an unbindable value": _statement("SELECT ?", object()),
    "two statements": _statement("SELECT 1; SELECT 2"),
    "too long a text": _statement("SELECT hex(zeroblob(900000000))"),
}  # fmt: skip


class Tripped(Fact, frozen=True, tag="trap.tripped.v1"):
    """Its table takes one row, and then the kind that it names is raised."""

    kind: str
    value: Any = None


def _tripped(rows: Rows, _: Entry, fact: Tripped) -> None:
    rows.run("INSERT INTO traps VALUES (?)", (fact.kind,))
    if fact.kind == "a silent end":
        rows.run("ROLLBACK")
    if fact.kind in KINDS:
        KINDS[fact.kind]()


TRAPS = Projection(name="traps", schema="CREATE TABLE traps (kind TEXT) STRICT;", facts={Tripped: _tripped})
NOUNS = Projections([COINS, TRAPS])


def while_reading(tx: Tx, kind: str) -> None:
    tx.one("SELECT 1 FROM boxes")
    KINDS[kind]()


def after_emitting(tx: Tx, kind: str) -> None:
    tx.emit(CoinDropped(box="bad", value=1))
    KINDS[kind]()


def while_applied(tx: Tx, kind: str) -> None:
    tx.emit(CoinDropped(box="bad", value=1))
    tx.emit(Tripped(kind=kind))


STEPS = [while_reading, after_emitting, while_applied]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The default renderer draws every local of every frame; a deployed gateway does not."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "j.db", [COINS, TRAPS])
    yield opened
    opened.close()
    assert not verify(tmp_path / "j.db", NOUNS).faults


async def among(journal: Journal, bad: Callable[..., Any], *args: Any, at: int = AT, size: int = GROUP) -> Any:
    """The bad decision's error, when all others of its group were committed in order and only once."""
    before = journal.sequence
    writes = [
        journal.write(bad, *args) if number == at else journal.write(drop, f"box-{number}", 1, str(number))
        for number in range(size)
    ]
    async with asyncio.timeout(60):
        results = await asyncio.gather(*writes, return_exceptions=True)
    errors = {number: found for number, found in enumerate(results) if isinstance(found, BaseException)}
    assert list(errors) == [at]
    bodies = [msgspec.json.decode(entry.body) for entry in journal.after(before, 1000)]
    assert [body["note"] for body in bodies] == [str(number) for number in range(size) if number != at]
    await still_writes(journal)
    return errors[at]


async def still_writes(journal: Journal) -> None:
    async with asyncio.timeout(60):
        await journal.write(drop, "after", 1)
    assert journal.pulse.writes
    assert not journal._connection.in_transaction


async def mended(journal: Journal) -> None:
    """By itself: nobody writes."""
    async with asyncio.timeout(60):
        while not journal.pulse.writes:  # noqa: ASYNC110 - nobody is told; a probe asks each time
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("kind", KINDS)
async def test_it_costs_its_caller_alone(journal: Journal, step: Callable[..., Any], kind: str) -> None:
    alone = journal.write(step, kind)
    (error,) = await asyncio.gather(alone, return_exceptions=True)
    assert isinstance(error, Exception), "what ends a task or the loop is not raised into one"
    await still_writes(journal)
    with pytest.raises(type(error)):
        await journal.write(step, kind)
    assert type(await among(journal, step, kind)) is type(error)
    assert not journal.reads.all("SELECT * FROM traps")
    assert not journal.reads.all("SELECT * FROM boxes WHERE box='bad'")


@pytest.mark.parametrize("at", [0, 1, GROUP - 1])
async def test_it_may_be_the_first_or_the_last(journal: Journal, at: int) -> None:
    await among(journal, while_applied, "SystemExit", at=at)


async def test_a_whole_group_of_bad_ones(journal: Journal) -> None:
    steps = [step for _ in range(30) for step in STEPS]
    results = await asyncio.gather(
        *(journal.write(step, kind) for step, kind in zip(steps, list(KINDS) * 3, strict=False)), return_exceptions=True
    )
    assert all(isinstance(result, Exception) for result in results)
    assert journal.sequence == 0
    await still_writes(journal)


UNSTORABLE: Final[dict[str, Any]] = {
    "a lone surrogate": "\ud800",
    "an integer of 5,000 digits": 10**5000,
    "an object": object(),
    "itself": [],
    "a thousand deep": None,
    "two megabytes": "x" * 2_000_000,
    "a complex number": 1j,
    "keys that are no text": {(1, 2): 3},
}
UNSTORABLE["itself"].append(UNSTORABLE["itself"])
for _ in range(1000):
    UNSTORABLE["a thousand deep"] = [UNSTORABLE["a thousand deep"]]


def store(tx: Tx, value: Any) -> None:
    tx.emit(CoinDropped(box="bad", value=1, extra=value))


@pytest.mark.parametrize("what", UNSTORABLE)
async def test_what_cannot_be_stored_costs_its_caller_alone(journal: Journal, what: str) -> None:
    await among(journal, store, UNSTORABLE[what])


@pytest.mark.parametrize("field", [{"value": 2**63}, {"value": -(2**63) - 1}, {"value": "1"}, {"value": True}])
async def test_a_field_out_of_its_range_costs_its_caller_alone(journal: Journal, field: dict[str, Any]) -> None:
    await among(journal, lambda tx: tx.emit(CoinDropped(**{"box": "bad", "value": 1, **field})))


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), float("-inf")])
async def test_a_number_that_is_none_is_not_stored(journal: Journal, weight: float) -> None:
    await among(journal, lambda tx: tx.emit(CoinDropped(box="bad", value=1, weight=weight)))


@pytest.mark.parametrize("key", [("a", 2**70), ("\ud800", b"x"), (object(), b"x"), (None, b"x"), ("a", None)])
async def test_a_key_that_cannot_be_kept_costs_its_caller_alone(journal: Journal, key: tuple[Any, Any]) -> None:
    def keep(tx: Tx) -> None:
        tx.emit(CoinDropped(box="bad", value=1))
        tx.keep_key(*key)

    await among(journal, keep)


async def test_a_fact_that_no_noun_has_costs_its_caller_alone(journal: Journal) -> None:
    class Stray(Fact, frozen=True, tag="stray.seen.v1"):
        pass

    assert isinstance(await among(journal, lambda tx: tx.emit(Stray())), KeyError)


@pytest.mark.parametrize("sql", ["ROLLBACK", "COMMIT"])
async def test_a_decision_that_ends_the_transaction_costs_its_caller_alone(journal: Journal, sql: str) -> None:
    await among(journal, lambda tx: tx.all(sql), at=0)
    with pytest.raises(Exception, match="transaction"):
        await journal.write(lambda tx: tx.all(sql))


async def test_facts_that_end_the_transaction_cost_their_caller_alone(journal: Journal) -> None:
    await among(journal, lambda tx: tx.emit(Tripped(kind="a silent end")))


async def test_what_a_decision_swallowed_is_not_held_against_others(journal: Journal) -> None:
    def shrug(tx: Tx) -> str:
        try:
            tx.one("SELECT * FROM nowhere")
        except sqlite3.Error:
            return "well"
        return "odd"

    results = await asyncio.gather(journal.write(shrug), *(journal.write(drop, "a", 1) for _ in range(50)))
    assert results == ["well", *range(50)]


async def test_a_caller_in_a_task_survives_what_would_end_the_loop(journal: Journal) -> None:
    async def caller() -> str:
        with pytest.raises(DecisionFailed) as told:
            await journal.write(while_reading, "SystemExit")
        assert isinstance(told.value.__cause__, SystemExit)
        return "went on"

    assert await asyncio.create_task(caller()) == "went on"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_watcher_costs_nobody(journal: Journal, kind: str) -> None:
    seen: list[int] = []
    journal.watch(lambda _: KINDS[kind]())
    journal.watch(lambda placed: seen.extend(entry.sequence for entry, _ in placed))
    async with asyncio.timeout(60):
        await asyncio.gather(*(journal.write(drop, "a", 1) for _ in range(300)))
    assert seen == list(range(1, 301))
    await still_writes(journal)


async def test_callers_that_went_away_cost_nobody(journal: Journal) -> None:
    gone = [journal.write(drop, "a", 1) for _ in range(100)]
    stay = [journal.write(drop, "b", 1) for _ in range(100)]
    for future in gone:
        future.cancel()
    assert await asyncio.gather(*stay) == list(range(100))
    await still_writes(journal)


# What the storage raises. Each fault is a real one of SQLite.


def _full(journal: Journal) -> None:
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")


def _descriptor(journal: Journal) -> int:
    """Of the log that every commit is written to, in the connection that writes."""
    name = f"{journal.path}-wal"
    found = [int(link.name) for link in Path("/proc/self/fd").iterdir() if _target(link) == name]
    assert found
    return min(found)  # the writer opened it first


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _cut(journal: Journal, path: str, flags: int) -> Callable[[], None]:
    """Under SQLite's feet, the log becomes another file. Returns what makes it itself again."""
    log = _descriptor(journal)
    whole, other = os.dup(log), os.open(path, flags)
    os.dup2(other, log)
    os.close(other)

    def mend() -> None:
        os.dup2(whole, log)
        os.close(whole)

    return mend


def _full_at_the_flush(journal: Journal) -> Callable[[], None]:
    return _cut(journal, "/dev/full", os.O_RDWR)


def _dead_at_the_flush(journal: Journal) -> Callable[[], None]:
    return _cut(journal, "/dev/null", os.O_RDONLY)


def _read_only(journal: Journal) -> None:
    journal._connection.execute("PRAGMA query_only=ON")


async def _all_fail(journal: Journal, kind: type[Exception]) -> None:
    seen: list[int] = []
    journal.watch(lambda placed: seen.extend(entry.sequence for entry, _ in placed))
    before = journal.sequence
    # One of them would be refused, and one would fail by itself: with the group lost, that is no answer either.
    writes = [
        journal.write(drop, "full", 1, "x" * 500) if number % 50 else journal.write(drop, "full", 0)
        for number in range(GROUP)
    ]
    async with asyncio.timeout(60):
        results = await asyncio.gather(*writes, return_exceptions=True)
    assert {type(result) for result in results} == {kind}
    assert journal.sequence == before
    assert seen == []
    assert not journal.pulse.writes


async def test_a_full_disk_fails_the_whole_group(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    _full(journal)
    await _all_fail(journal, JournalFull)
    assert journal.pulse.answers, "a restart would not make space"
    journal._connection.execute("PRAGMA max_page_count=1000000")
    await mended(journal)
    await still_writes(journal)


async def test_a_disk_that_is_full_at_the_flush(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    mend = _full_at_the_flush(journal)
    await _all_fail(journal, JournalFull)
    await asyncio.sleep(2.5)
    assert not journal.pulse.writes, "what is tried while nobody writes must reach the disk too"
    mend()


async def test_a_disk_that_fails_at_the_flush_is_never_trusted_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", [COINS, TRAPS])
    await journal.write(drop, "a", 1)
    mend = _dead_at_the_flush(journal)
    await _all_fail(journal, JournalBroken)
    assert journal.pulse.broken.is_set()
    assert not journal.pulse.answers
    mend()
    for _ in range(3):
        with pytest.raises(JournalBroken):
            await journal.write(drop, "a", 1)
    journal.close()
    again = Journal(tmp_path / "j.db", [COINS, TRAPS])
    assert again.sequence == 1
    await still_writes(again)
    again.close()


async def test_a_disk_that_fails_while_facts_leave_is_never_trusted_again(journal: Journal) -> None:
    """It was told to whoever prunes, and the next facts were chained to what nobody knows of."""
    await journal.write(drop, "a", 1)
    mend = _dead_at_the_flush(journal)
    with pytest.raises(JournalBroken):
        await journal.run_exclusively(_beat)
    mend()
    assert journal.pulse.broken.is_set()
    with pytest.raises(JournalBroken):
        await journal.write(drop, "a", 1)


async def test_nothing_at_all_is_done_to_a_file_that_is_damaged(journal: Journal) -> None:
    """Facts went on leaving it while a whole copy was made of it."""
    await journal.write(drop, "a", 1)
    journal.refuse("it is damaged")
    with pytest.raises(JournalDamaged):
        await journal.run_exclusively(_beat)
    assert journal.reads.one("SELECT at_ms FROM pulse")["at_ms"] == 0  # type: ignore[index]


def _beat(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE pulse SET at_ms=7")


async def test_a_read_only_disk_is_never_trusted_again(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    _read_only(journal)
    await _all_fail(journal, JournalBroken)
    journal._connection.execute("PRAGMA query_only=OFF")
    with pytest.raises(JournalBroken):
        await journal.write(drop, "a", 1)


async def test_a_damaged_file_is_never_trusted_again(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS, TRAPS])
    await journal.write(drop, "a", 1)
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = journal.reads.one("SELECT rootpage FROM sqlite_master WHERE name='boxes'")["rootpage"]  # type: ignore[index]
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    journal._connection.execute("PRAGMA cache_size=0")
    await _all_fail(journal, JournalBroken)
    assert journal.pulse.broken.is_set()
    journal.close()


async def test_another_programs_lock_fails_the_group_and_passes(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    journal._connection.execute("PRAGMA busy_timeout=20")
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await _all_fail(journal, JournalBusy)
    assert journal.pulse.answers
    other.execute("ROLLBACK")
    other.close()
    await mended(journal)
    await still_writes(journal)


async def test_a_refusal_costs_no_second_run(journal: Journal) -> None:
    ran: list[int] = []

    def count(tx: Tx, number: int) -> None:
        ran.append(number)
        drop(tx, "a", number % 2)

    results = await asyncio.gather(*(journal.write(count, n) for n in range(100)), return_exceptions=True)
    assert [type(result) for result in results[:2]] == [Refusal, type(None)]
    assert ran == list(range(100))
