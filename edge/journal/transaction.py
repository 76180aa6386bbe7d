"""What a decision sees (`Tx`), what a noun contributes (`Projection`), and reading (`Reads`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NewType, Protocol

import msgspec

from edge.errors import Refusal
from edge.journal.entry import Clock, Entry, Fact, tag
from edge.journal.facts import JournalPruned, StreamOpened
from edge.journal.horizon import statements
from edge.journal.packing import known_to

_LOSE: Final = """INSERT INTO losses VALUES (?1,?2,1,?3,?3)
    ON CONFLICT (type, why) DO UPDATE SET count=count+1, last_ms=?3"""

OF_PERSONS: Final = ("person_keys", "person_numbers", "person_cards")
"""Tables by which a person can be read and found, by `subject`. No fact: they can be destroyed."""
DESTROY: Final = tuple(
    f"DELETE FROM {table} WHERE subject=?1 OR subject>?1||'/' AND subject<?1||'0'"  # noqa: S608 - ours
    for table in OF_PERSONS
)
"""A person, and whatever is kept under `<subject>/…`: the sign after the slash is a zero."""

Identity = NewType("Identity", bytes)
"""The 16 bytes of an entry's UUIDv7."""


class Reads(Protocol):
    """Questions to the tables. `Tx` answers inside a decision, `Reader` outside of one."""

    @property
    def now(self) -> int:
        """The store's time, Unix milliseconds: it does not jump when the box's clock does."""

    def all(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Every row."""

    def one(self, sql: str, *params: Any) -> sqlite3.Row | None:
        """The first row, or none."""


class Rows:
    """Writing to the tables while a fact is applied. Only functions of `Projection.facts` get one."""

    __slots__ = ("run",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.run = connection.cursor().execute
        """One SQL statement with its parameters."""


Apply = Callable[[Rows, Entry, Any], None]
Carry = Callable[[dict[str, Any]], dict[str, Any] | None]
"""A row of an earlier version by its columns, as it is now; none where it is no more."""
Applies = Mapping[type[Fact], Apply]
"""How facts change the tables."""


class Projection(msgspec.Struct, frozen=True):
    """One noun's share of the journal: its tables (a cache), and how each of its facts changes them."""

    name: str
    schema: str
    """`CREATE TABLE` and `CREATE INDEX` statements. Changing them rebuilds the tables at the next start. A column that
    is `ANY` holds names as SQL's `short` keeps them, a `BLOB` what `pack` makes of a fact; nothing else."""
    facts: Applies
    follows: Applies = {}
    """Facts of other nouns that change these tables as well, after their own noun has applied them."""
    rules: int = 1
    """The version of what the facts' functions do. Raise it with every change of them: the tables are made anew then,
    beside the old ones, while the store serves (`tests/journal/test_rules.py` tells when it is due)."""
    telemetry: frozenset[type[Fact]] = frozenset()
    """Facts of how things went, by which nothing is decided: the first to go when the disk fills. They are counted
    then, and their decisions hold without them."""
    observations: frozenset[type[Fact]] = frozenset()
    """Facts that are recorded always, and only history once their time is past: what they say goes, the oldest first,
    when the disk fills."""
    deferred: frozenset[type[Fact]] = frozenset()
    """Facts that can wait until there is space: refused as `disk_full` while the disk is for money, people and openings
    alone."""
    ends: tuple[str, ...] = ()
    """Statements that remove rows of what is over, once facts as old have left the journal: `?1` is the wall time up to
    which they have. Ledgers, consents, what is open and what was used stay."""
    doubts: tuple[str, ...] = ()
    """Statements that take back what was believed of the world: the journal goes on in a new stream, and what was seen
    or allowed before the copy was made may be so no longer."""
    carry: Mapping[str, Carry] = {}
    """How rows of a snapshot that an earlier version made become this one's, by table; needed where a new column
    cannot be empty."""
    guarded: frozenset[type[Fact]] = frozenset()
    """Facts that give, spend, open or merge: refused as `held` where they name what a later build's fact names."""
    also: Mapping[str, str] = {}
    """What else is the same thing, by the kind of id: a query for the others of one. What holds one holds them all."""

    @property
    def tags(self) -> list[str]:
        """The types of its facts."""
        return [tag(fact) for fact in self.facts]

    @property
    def known(self) -> list[str]:
        """The types of all facts that change its tables."""
        return [*self.tags, *map(tag, self.follows)]


def _in_turn(first: Apply, then: Apply) -> Apply:
    def apply(rows: Rows, entry: Entry, fact: Any) -> None:
        first(rows, entry, fact)
        then(rows, entry, fact)

    return apply


class _Tagged(msgspec.Struct):
    type: str


class Projections:
    """All nouns together: decodes any fact, applies any fact."""

    def __init__(self, nouns: Iterable[Projection]) -> None:
        self.nouns = tuple(nouns)
        self.applies: dict[str, Apply] = {}
        """By type tag: how that fact changes the tables."""
        types: list[type[Fact]] = []
        for noun in self.nouns:
            for fact, apply in noun.facts.items():
                self.applies[tag(fact)] = apply
                types.append(fact)
        for noun in self.nouns:
            for fact, apply in noun.follows.items():
                self.applies[tag(fact)] = _in_turn(self.applies[tag(fact)], apply)
        self.carry = {table: carry for noun in self.nouns for table, carry in noun.carry.items()}
        self.ends = tuple(statement for noun in self.nouns for statement in noun.ends)
        doubts = tuple(statement for noun in self.nouns for statement in noun.doubts)
        self._bind(JournalPruned, types, lambda fact: [(statement, (fact.to_ms,)) for statement in self.ends])
        self._bind(StreamOpened, types, lambda _: [(statement, ()) for statement in doubts])
        self._types = msgspec.json.Decoder(_Tagged)
        self.guarded = frozenset().union(*(noun.guarded for noun in self.nouns))
        self.also = {kind: query for noun in self.nouns for kind, query in noun.also.items()}
        self.telemetry = frozenset().union(*(noun.telemetry for noun in self.nouns))
        self.passing = self.telemetry.union(*(noun.observations for noun in self.nouns))
        """Of which the oldest are let go when the disk fills."""
        self.deferred = frozenset().union(*(noun.deferred for noun in self.nouns))
        self.readers: dict[str, Callable[[bytes], Any]] = {
            tag(fact): msgspec.json.Decoder(fact).decode for fact in types
        }
        """By type tag: how that fact's body is read."""

    def _bind(
        self, own: type[Fact], types: list[type[Fact]], share: Callable[[Any], list[tuple[str, tuple[Any, ...]]]]
    ) -> None:
        """A fact of the journal's own: every noun does its share, after the noun that keeps it has applied it."""
        name = tag(own)
        keep = self.applies.get(name)
        if keep is None:
            types.append(own)

        def apply(rows: Rows, entry: Entry, fact: Any) -> None:
            if keep is not None:
                keep(rows, entry, fact)
            for statement, values in share(fact):
                rows.run(statement, values)

        self.applies[name] = apply

    def is_passing(self, name: str) -> bool:
        """Whether facts of this type only tell how things went: the oldest go when the disk fills."""
        return name in {tag(fact) for fact in self.passing}

    def decode(self, body: bytes) -> Fact:
        """The fact of an entry's body. Raises `KeyError` for an unknown type."""
        fact: Fact = self.readers[self._types.decode(body).type](body)
        return fact

    @property
    def schema(self) -> str:
        """The SQL that creates every noun's tables."""
        return "\n".join(noun.schema for noun in self.nouns)


class Tx(msgspec.Struct, eq=False):
    """One decision's view of the store.

    It reads the tables as they stand before the decision, emits facts, or refuses. What it emits is applied and
    committed when it returns; if it raises, nothing of it happened.
    """

    _cursor: sqlite3.Cursor
    now: int
    """Unix time in milliseconds, the same throughout the decision."""
    _new_id: Callable[[int], bytes]
    _guard: Callable[[Fact], bool] | None = None
    fence_floor: int = 0
    """Every fence is above this: it fences off whatever an earlier box, or an earlier stream, still orders."""
    emitted: list[tuple[bytes, Fact]] = []
    aside: list[tuple[str, tuple[Any, ...]]] = []
    """What it changes beside the journal: statements on the keys and numbers of persons."""
    tidy: bool = False
    """Whether the log of the database is emptied after this, so that nothing destroyed is left in it."""
    wrote: bool = False
    """Whether it wrote what is no fact: its transaction is flushed even when no fact comes of it."""

    def all(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Every row."""
        return self._cursor.execute(sql, params).fetchall()

    def one(self, sql: str, *params: Any) -> sqlite3.Row | None:
        """The first row, or none."""
        row: sqlite3.Row | None = self._cursor.execute(sql, params).fetchone()
        return row

    def emit(self, fact: Fact) -> Identity:
        """State that something happened. Returns the id of the entry it will be. Refuses: held, disk_full."""
        identity = self._new_id(self.now)
        if self._guard is None or self._guard(fact):
            self.emitted.append((identity, fact))
        else:
            self.lose(tag(type(fact)), "disk")
        return Identity(identity)

    def lose(self, what: str, why: str) -> None:
        """Count a fact that is not recorded, with the span of time in which that went on; it takes no space."""
        self.wrote = True
        self.aside.append((_LOSE, (what, why, self.now)))

    def prune(self, pruned: JournalPruned) -> Identity:
        """State that facts have left the journal; from this commit on it begins where that says."""
        self.aside += statements(pruned)
        return self.emit(pruned)

    def settle_losses(self) -> None:
        """What was counted stands in a fact now: begin to count anew."""
        self.aside.append(("DELETE FROM losses", ()))

    def keep_key(self, subject: str, wrapped: bytes) -> None:
        """Keep a person's wrapped key beside the journal, where it can be destroyed; it commits with the facts."""
        self.aside.append(("INSERT INTO person_keys VALUES (?,?) ON CONFLICT (subject) DO NOTHING", (subject, wrapped)))

    def keep_number(self, subject: str, number: str) -> None:
        """Keep the blind index of a person's number beside the journal, where it can be destroyed as well."""
        self.aside.append(("INSERT OR REPLACE INTO person_numbers VALUES (?,?)", (subject, number)))

    def keep_card(self, subject: str, card: str) -> None:
        """The same for the blind index of a person's card."""
        self.aside.append(("INSERT OR REPLACE INTO person_cards VALUES (?,?)", (subject, card)))

    def destroy_person(self, subject: str) -> None:
        """Destroy what opens and finds a person, and what is kept under `<subject>/…`: what the journal holds of them
        says nothing any more.
        """
        self.tidy = True
        self.aside += [(statement, (subject,)) for statement in DESTROY]

    def beat(self, room: int = 0) -> None:
        """Write one row outside of the facts, and take so many bytes of the file meanwhile: proof that writes end."""
        self.wrote = True
        self._cursor.execute("UPDATE pulse SET at_ms=?, room=hex(zeroblob(?))", (self.now, room // 2))
        if room:
            self._cursor.execute("UPDATE pulse SET room=''")

    def refuse(self, code: str, **details: Any) -> Refusal:
        """The refusal to raise: `raise tx.refuse("cart_out", cart=cart)`."""
        return Refusal(code, **details)


class Reader:
    """A read-only connection to the tables. It never checkpoints and never waits for the writer."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        """`clock` is the journal's where one is open; without one the store's time is the box's."""
        self._connection = open_readonly(path)
        self._clock = clock or Clock()
        self._together = False

    @contextmanager
    def consistent_read(self) -> Iterator[None]:
        """Many questions of one moment: no commit comes between them, and each costs half. On the event loop alone, and
        nothing is awaited within.
        """
        if self._together:
            yield
            return
        self._connection.execute("BEGIN")
        self._together = True
        try:
            yield
        finally:
            self._together = False
            self._connection.execute("COMMIT")

    @property
    def now(self) -> int:
        """The store's time, Unix milliseconds."""
        return self._clock.wall_ms()

    def all(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        """Every row."""
        return self._connection.execute(sql, params).fetchall()

    def one(self, sql: str, *params: Any) -> sqlite3.Row | None:
        """The first row, or none."""
        row: sqlite3.Row | None = self._connection.execute(sql, params).fetchone()
        return row

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that can only read. Raises `sqlite3.OperationalError`, with the path as its note, where there is no
    file or this user may not use it.
    """
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA busy_timeout=5000")
        known_to(connection)
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        error.add_note(str(path))
        raise
    except sqlite3.DatabaseError:
        pass  # damaged: whoever reads on hears how far
    return connection
