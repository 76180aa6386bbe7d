"""Facts and names that tables keep as bytes: the same comes back, and whoever shares or compares them sees the text."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.journal import Entry, Projection, Projections, Rows, packing
from edge.journal.journal import Journal
from edge.journal.packing import PHRASES, long, pack, plain, short, unpack
from edge.journal.pruning import prune
from edge.journal.verify import verify
from tests.journal.coins import CoinDropped, drop

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"zh-CN": "圣女果", "en": 'Cherry "tomatoes"', "de": "Kirschtomaten \\"}
TEXTS = st.one_of(
    st.text(),
    st.integers(),
    st.uuids().map(str),
    st.binary(min_size=1, max_size=140).map(bytes.hex),
    st.text('0123456789abcdef-\\"{}', max_size=60),
    st.dictionaries(st.sampled_from(["en", "de", "zh-CN", "name"]), st.text(max_size=20)),
)


def store() -> tuple[sqlite3.Connection, Rows]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(packing.SCHEMA)
    return connection, Rows(connection)


def again(connection: sqlite3.Connection, packed: bytes) -> bytes:
    return unpack(lambda sql, phrase: connection.execute(sql, (phrase,)).fetchone(), packed)


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner), max_leaves=12))
def test_the_same_comes_back(said: Any) -> None:
    connection, rows = store()
    with closing(connection):
        text = msgspec.json.encode({"said": said})
        packed = pack(rows, text)
        assert again(connection, packed) == text
        assert plain(connection, (packed, 7, None, "seven")) == (text.decode(), 7, None, "seven")


def test_what_is_said_again_stands_once() -> None:
    connection, rows = store()
    with closing(connection):
        lines = [msgspec.json.encode({"id": str(uuid.UUID(int=2**127 + n)), "names": NAMES}) for n in range(50)]
        packed = [pack(rows, line) for line in lines]
        assert connection.execute("SELECT count(*) FROM phrases").fetchone() == (1,)
        assert [again(connection, each) for each in packed] == lines
        assert sum(map(len, packed)) < sum(map(len, lines)) / 2


def test_another_phrase_of_the_same_name_stays_where_it_is() -> None:
    connection, rows = store()
    with closing(connection):
        text = msgspec.json.encode({"names": NAMES})
        pack(rows, text)
        connection.execute('UPDATE phrases SET said=\'{"en":"Another"}\'')
        assert again(connection, pack(rows, text)) == text


@given(st.one_of(st.uuids().map(str), st.uuids().map(lambda each: str(each).upper()), st.text()))
def test_a_name_comes_back(name: str) -> None:
    kept = short(name)
    assert kept is not None
    assert long(kept) == name
    assert short(None) is None


def _dropped(rows: Rows, entry: Entry, fact: CoinDropped) -> None:
    values = (fact.box, fact.value, pack(rows, entry.body))
    rows.run("INSERT OR REPLACE INTO boxes VALUES (short(?),?,?)", values)


def _plainly(rows: Rows, entry: Entry, fact: CoinDropped) -> None:
    rows.run("INSERT OR REPLACE INTO boxes VALUES (?,?,?)", (fact.box, fact.value, entry.body.decode()))


PACKING = Projection(
    "coins", "CREATE TABLE boxes (box ANY PRIMARY KEY, total INTEGER, last BLOB) STRICT;", {CoinDropped: _dropped}
)
PLAIN = Projection(
    "coins", "CREATE TABLE boxes (box TEXT PRIMARY KEY, total INTEGER, last TEXT) STRICT;", {CoinDropped: _plainly}
)


async def test_builds_that_pack_and_that_do_not_go_on_from_each_other(tmp_path: Path) -> None:
    """What left the journal is in the snapshot alone, and each build made one."""
    path, boxes = tmp_path / "j.db", [str(uuid.UUID(int=2**127 + n)) for n in range(6)]
    for place, noun in enumerate((PLAIN, PACKING, PLAIN, PACKING)):
        journal = Journal(path, [noun])
        for value in range(1, 4):
            await journal.write(drop, boxes[place], value, str(NAMES))
        await prune(journal, journal.sequence, journal.sequence - 1, "cloud")
        select = "SELECT long(box), total, last FROM boxes ORDER BY 1"
        with closing(sqlite3.connect(path)) as connection:
            packing.known_to(connection)
            found = [plain(connection, row) for row in connection.execute(select)]
            assert (connection.execute(f"SELECT count(*) FROM {PHRASES}").fetchone()[0] == 0) or noun is PACKING
        assert [(box, total) for box, total, _ in found] == [(box, 3) for box in boxes[: place + 1]]
        assert all(msgspec.json.decode(last, type=CoinDropped).box == box for box, _, last in found)
        journal.close()
        assert verify(path, Projections([noun])).faults == ()


async def test_verify_sees_what_is_packed(tmp_path: Path) -> None:
    """Bytes of another zlib are no difference, another text is one."""
    path = tmp_path / "j.db"
    journal = Journal(path, [PACKING])
    await journal.write(drop, str(uuid.UUID(int=2**127)), 1, "a")
    journal.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (packed,) = connection.execute("SELECT last FROM boxes").fetchone()
        connection.execute("UPDATE boxes SET last=?", (packed + b"\x00",))
        assert verify(path, Projections([PACKING])).faults == ()
        text = again(connection, packed)
        connection.execute("UPDATE boxes SET last=?", (pack(Rows(connection), text.replace(b'"a"', b'"b"')),))
    (fault,) = verify(path, Projections([PACKING])).faults
    assert "table boxes" in fault


def test_what_sqlite_looks_no_form_up_for_is_kept_as_it_is() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for value, kind in ((b"\x00a", "blob"), (None, "null"), (True, "integer"), (False, "integer")):
            assert (type(value), sqlite3.PrepareProtocol) in sqlite3.adapters
            assert connection.execute("SELECT ?1, typeof(?1)", (value,)).fetchone() == (value, kind)
