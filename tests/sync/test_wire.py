from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from edge.journal.entry import GENESIS, Entry, entry_hash
from edge.journal.reader import JournalReader
from sync.wire import Batch, ChainBroken, Malformed, first_break, pack, unpack
from tests.sync.journals import JournalFile

Part = tuple[bytes, int, int, bytes, bytes]
number = st.integers(0, 2**63 - 1)
sixteen = st.binary(min_size=16, max_size=16)
json_body = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(msgspec.json.encode)
fact_body = st.builds(lambda kind, rest: msgspec.json.encode({"type": kind, "x": rest}), st.text(), st.text())
odd_body = st.sampled_from([b"", b" {}", b'{"a":\n1}', b'{"a":1}\r\n', b"nul"])
body = st.one_of(fact_body, json_body, st.binary(), odd_body)


def chain(stream: bytes, first: int, previous: bytes, parts: list[Part]) -> list[Entry]:
    entries = []
    for sequence, (identity, wall, mono, boot, what) in enumerate(parts, first):
        previous = entry_hash(previous, stream, sequence, identity, wall, mono, boot, what)
        entries.append(Entry(sequence, stream, identity, "", wall, mono, boot, what, previous))
    return entries


a_boot = st.sampled_from([bytes(16), b"b" * 16])
some_parts: st.SearchStrategy[list[Part]] = st.lists(
    st.tuples(sixteen, number, number, a_boot, body), min_size=1, max_size=8
)


@given(sixteen, st.integers(1, 2**62), sixteen, some_parts, st.sets(st.integers(0, 7)))
def test_every_entry_comes_back_byte_for_byte(
    stream: bytes, first: int, previous: bytes, parts: list[Part], parked_at: set[int]
) -> None:
    entries = chain(stream, first, previous, parts)
    parked = {first + at for at in parked_at if at < len(entries)}
    batch = pack(entries, previous, parked)
    sent = Batch.parse(stream.hex(), {k.lower(): v for k, v in batch.headers().items()}, batch.content)
    assert sent == batch
    unpacked = unpack(sent)
    for entry, (sequence, identity, _, wall, mono, boot, what, digest) in zip(entries, unpacked.rows, strict=True):
        assert (sequence, identity, wall, mono, boot, digest) == (
            entry.sequence, entry.id, entry.wall_ms, entry.mono_ms, entry.boot, entry.hash,
        )  # fmt: skip
        assert what == (None if sequence in parked else entry.body)
    assert {p.sequence: (p.sha256, p.length) for p in unpacked.parked} == {
        e.sequence: (hashlib.sha256(e.body).digest(), len(e.body)) for e in entries if e.sequence in parked
    }


@given(fact_body)
def test_a_facts_type_is_read_from_its_body(what: bytes) -> None:
    entries = chain(bytes(16), 1, GENESIS, [(bytes(16), 1, 1, bytes(16), what)])
    assert unpack(pack(entries, GENESIS)).rows[0][2] == msgspec.json.decode(what)["type"]


@pytest.mark.parametrize(
    "what", [b"", b"[]", b'{"type":7}', b'{"kind":"a.b.v1"}', b'{"type":"a.b.v1", oops', b"\xff\xfe"]
)
def test_a_body_that_names_no_type_has_none(what: bytes) -> None:
    entries = chain(bytes(16), 1, GENESIS, [(bytes(16), 1, 1, bytes(16), what)])
    row = unpack(pack(entries, GENESIS)).rows[0]
    assert row[2] == ""
    assert row[6] == what


@given(st.data())
def test_a_changed_batch_is_never_taken_for_the_one_that_was_packed(data: st.DataObject) -> None:
    entries = chain(bytes(16), 1, GENESIS, data.draw(some_parts))
    batch = pack(entries, GENESIS)
    text = bytearray(zstandard.ZstdDecompressor().decompress(batch.content))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
    changed = msgspec.structs.replace(batch, content=zstandard.compress(bytes(text)))
    try:
        rows = unpack(changed).rows
    except (Malformed, ChainBroken):
        return
    # Some changes say the same in other words: a capital hexadecimal digit, a space.
    assert [(r[0], r[1], *r[3:]) for r in rows] == [
        (e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body, e.hash) for e in entries
    ]


@given(st.binary(max_size=300), st.integers(1, 5))
def test_rubbish_is_refused_with_a_reason(content: bytes, count: int) -> None:
    with pytest.raises((Malformed, ChainBroken)):
        unpack(Batch(bytes(16), 1, count, GENESIS, bytes(16), content))
    with pytest.raises((Malformed, ChainBroken)):
        unpack(Batch(bytes(16), 1, count, GENESIS, bytes(16), zstandard.compress(content)))


def test_a_batch_that_would_fill_the_memory_is_refused() -> None:
    bomb = zstandard.compress(bytes(100 * 1024 * 1024))
    with pytest.raises(Malformed) as caught:
        unpack(Batch(bytes(16), 1, 1, GENESIS, bytes(16), bomb))
    assert caught.value.code == "too_large"
    stream = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(100 * 1024 * 1024))
    with pytest.raises(Malformed):
        unpack(Batch(bytes(16), 1, 1, GENESIS, bytes(16), stream))


def test_headers_are_checked_before_the_content() -> None:
    entries = chain(bytes(16), 1, GENESIS, [(bytes(16), 1, 1, bytes(16), b"{}")])
    batch = pack(entries, GENESIS)
    good = {name.lower(): value for name, value in batch.headers().items()}
    for name, value, code in (
        ("content-digest", "sha-256=:AAAA:", "digest_mismatch"),
        ("from-sequence", "0", "bad_header"),
        ("from-sequence", "one", "bad_header"),
        ("count", "999999999", "bad_header"),
        ("previous-hash", "00", "bad_header"),
        ("last-hash", "zz", "bad_header"),
    ):
        with pytest.raises(Malformed) as caught:
            Batch.parse(batch.stream.hex(), {**good, name: value}, batch.content)
        assert caught.value.code == code
    with pytest.raises(Malformed):
        Batch.parse("stream", good, batch.content)


def test_the_first_entry_that_was_changed_is_named() -> None:
    entries = chain(bytes(16), 1, GENESIS, [(bytes(16), n, n, bytes(16), b"{}") for n in range(5)])
    assert first_break(entries, GENESIS) is None
    entries[3] = msgspec.structs.replace(entries[3], body=b'{"more":1}')
    assert first_break(entries, GENESIS) == 4


def test_a_fact_costs_at_most_80_bytes_on_the_wire(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path / "storekeeper.db")
    journal.append(2000)
    reader = JournalReader(journal.path)
    entries = reader.after(0, 2000)
    small, large = pack(entries[:500], GENESIS), pack(entries, GENESIS)
    journal.close()
    reader.close()
    assert len(small.content) / 500 <= 80
    assert len(large.content) / 2000 <= 80
