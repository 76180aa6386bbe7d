"""One journal, two builds: what the later one wrote, the earlier one keeps, passes by and leaves alone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.callers import Caller, Proof
from edge.domain.carts import decisions as carts
from edge.domain.carts import queries as cart_queries
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons.rules import ClaimSource
from edge.domain.held import queries as held
from edge.domain.ledger import decisions as ledger
from edge.domain.ledger.facts import CommissionEarned
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.facts import LockerDoorAdded
from edge.domain.members.facts import MembersLinked
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints.codes import Codes
from edge.errors import JournalError, JournalTooNew, Refusal
from edge.journal import Entry, Fact, Projection, Projections, Rows, Tx, background_rebuild, entry_hash
from edge.journal.journal import Journal
from edge.journal.queries import entries_about, fields_of, has_entry_with
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from sync.wire import Batch, pack, unpack
from tests.callers import member_of
from tests.domain.conftest import SetClock, come_online, furnish, join
from tests.journal.coins import COINS, CoinDropped, drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class CartLent(Fact, frozen=True, tag="cart.lent.v1"):
    """What a later build knows: a cart went out to somebody for a week."""

    cart: str
    member: str
    days: int


class DoorSealed(Fact, frozen=True, tag="locker.sealed.v1"):
    bank: str
    door: str


class CouponsPooled(Fact, frozen=True, tag="coupon.pooled.v1"):
    pool: list[dict[str, str]]


def _lent(rows: Rows, _: Entry, fact: CartLent) -> None:
    rows.run("INSERT INTO loans VALUES (?,?,?)", (fact.cart, fact.member, fact.days))


def _passed_by(rows: Rows, entry: Entry, _: Any) -> None:
    rows.run("INSERT INTO pools VALUES (?)", (entry.sequence,))


ONE, TWO = (Caller(member_of(number), f"phone-{number}", Proof.DEVICE) for number in (1, 2))
HAND = ClaimSource("screen-baby", "live-1", "phone-1")

LATER = Projection(
    name="loans",
    schema="CREATE TABLE loans (cart TEXT, member TEXT, days INTEGER) STRICT; CREATE INDEX lent ON loans (cart);"
    "CREATE TABLE pools (sequence INTEGER) STRICT;",
    facts={CartLent: _lent, DoorSealed: _passed_by, CouponsPooled: _passed_by},
)


def say(tx: Tx, *facts: Fact) -> None:
    for fact in facts:
        tx.emit(fact)


async def lived(path: Path) -> None:
    """A store as the later build leaves it."""
    journal = Journal(path, [*NOUNS, LATER], clock=SetClock())
    await journal.write(furnish)
    await journal.write(come_online)
    await journal.write(join, 1)
    await journal.write(join, 2)
    await journal.write(
        say, CartLent(cart="cart-02", member=TWO.member, days=7), CouponsPooled(pool=[{"coupon": "wipes"}])
    )
    journal.close()


async def test_an_earlier_build_opens_serves_verifies_rebuilds_and_syncs(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await lived(path)
    with_later = bodies(path)

    journal = Journal(path, NOUNS, clock=SetClock())
    assert journal.rebuilt == len(with_later)
    assert dict(journal.reads.all("SELECT type, count FROM unknown_facts")) == {
        "cart.lent.v1": 1, "coupon.pooled.v1": 1,
    }  # fmt: skip
    await journal.write(carts.unlock, cart="cart-01", caller=ONE, touchpoint="cart-01", request="r1")
    await journal.write(coupons.claim, coupon="milk", caller=ONE, hand=HAND, request="r2")
    journal.close()
    found = verify(path, Projections(NOUNS))
    assert found.faults == ()
    assert any("cart.lent.v1" in note for note in found.notes)
    connection = open_writer(str(path))
    assert rebuild(connection, Projections(NOUNS)) == found.entries
    connection.close()
    assert bodies(path)[: len(with_later)] == with_later, "no fact was rewritten"
    assert travelled(path) == found.entries

    again = Journal(path, [*NOUNS, LATER], clock=SetClock())
    assert again.rebuilt == found.entries
    assert [tuple(row) for row in again.reads.all("SELECT * FROM loans")] == [("cart-02", TWO.member, 7)]
    assert not again.reads.all("SELECT * FROM held_subjects")
    assert again.reads.one("SELECT member FROM carts WHERE cart='cart-01'")["member"] == ONE.member  # type: ignore[index]
    again.close()
    assert verify(path, Projections([*NOUNS, LATER])).faults == ()
    journal = Journal(path, NOUNS, clock=SetClock())  # and back again
    assert journal.reads.all("SELECT * FROM held_subjects")
    journal.close()


async def test_what_an_unknown_fact_touches_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await lived(path)
    journal = Journal(path, NOUNS, clock=SetClock())

    async def refused(decision: Callable[..., Any], **given: Any) -> str:
        with pytest.raises(Refusal) as no:
            await journal.write(decision, **given)
        assert no.value.code == "held"
        return str(no.value.details["subject"])

    ride = {"touchpoint": "cart-02", "request": "r3"}
    assert await refused(carts.unlock, cart="cart-02", caller=ONE, **ride) == "cart-02"
    assert await refused(carts.unlock, cart="cart-03", caller=TWO, **ride) == TWO.member
    assert await refused(coupons.claim, coupon="wipes", caller=ONE, hand=HAND, request="r4") == "wipes"
    shown = cart_queries.spots(journal.reads)
    assert {cart for cart, spot in shown.items() if spot.why is None} == {"cart-01", "cart-03"}
    assert [found.coupon for found in coupon_queries.on_offer(journal.reads, "baby", 0)] == ["milk"]
    lines = held.needs(journal.reads, 0)
    assert {need.details["subject"] for need in lines} == {"cart-02", TWO.member, "wipes"}
    journal.close()


async def test_what_touches_one_browser_of_a_person_touches_all_of_them(tmp_path: Path) -> None:
    """The later build gave a cart to the one phone; the other, linked with it, took a second one."""
    path = tmp_path / "store.db"
    journal = Journal(path, [*NOUNS, LATER], clock=SetClock())
    await journal.write(furnish)
    await journal.write(come_online)
    for number in (1, 2, 3, 4):
        await journal.write(join, number)
    first, second, third, other = (member_of(number) for number in (1, 2, 3, 4))
    links = [MembersLinked(member=one, kin=kin, how="phone") for one, kin in ((first, second), (second, third))]
    await journal.write(say, *links, CartLent(cart="cart-09", member=third, days=7))
    journal.close()
    journal = Journal(path, NOUNS, clock=SetClock())
    for number in (1, 2, 3):
        caller = Caller(member_of(number), f"phone-{number}", Proof.DEVICE)
        with pytest.raises(Refusal) as no:
            await journal.write(carts.unlock, cart="cart-01", caller=caller, touchpoint="cart-01", request=f"r{number}")
        assert (no.value.code, no.value.details["subject"]) == ("held", third)
    with pytest.raises(Refusal) as no:
        await journal.write(say, MembersLinked(member=other, kin=first, how="phone"))
    assert no.value.code == "held"
    caller = Caller(other, "phone-4", Proof.DEVICE)
    await journal.write(carts.unlock, cart="cart-01", caller=caller, touchpoint="cart-01", request="r4")
    journal.close()


async def test_who_played_a_later_builds_game_is_named_by_it(tmp_path: Path) -> None:
    class GamePrized(Fact, frozen=True, tag="game.prized.v1"):
        players: tuple[str, ...]

    later = Projection("prizes", "CREATE TABLE prizes (n INTEGER) STRICT", {GamePrized: lambda *_: None})
    path = tmp_path / "store.db"
    journal = Journal(path, [*NOUNS, later], clock=SetClock())
    await journal.write(furnish)
    await journal.write(come_online)
    await journal.write(join, 1)
    await journal.write(say, GamePrized(players=(ONE.member, TWO.member)))
    journal.close()
    journal = Journal(path, NOUNS, clock=SetClock())
    with pytest.raises(Refusal) as no:
        await journal.write(carts.unlock, cart="cart-01", caller=ONE, touchpoint="cart-01", request="r1")
    assert (no.value.code, no.value.details["subject"]) == ("held", ONE.member)
    journal.close()


async def test_a_sealed_door_is_not_given_and_the_others_are(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    journal = Journal(path, [*NOUNS, LATER], clock=SetClock())
    await journal.write(furnish)
    await journal.write(join, 1)
    await journal.write(
        lambda tx: say(
            tx,
            *(LockerDoorAdded(bank="bank-1", door=door, size="M") for door in ("01", "02")),
            DoorSealed(bank="bank-1", door="01"),
        )
    )
    journal.close()
    journal = Journal(path, NOUNS, clock=SetClock())
    codes = Codes(b"k" * 32, "s001", lambda _: None)
    spot = locker_serving.spot(journal.reads, "bank-1", 0)
    assert spot is not None
    assert (spot.why, spot.free) == (None, 1)
    opening = await journal.write(lockers.deposit, codes=codes, bank="bank-1", size="S", caller=ONE, request="r1")
    assert opening.door == "02"
    journal.close()


async def test_an_order_that_is_held_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    """Its commission was refused each second, and with it nobody's points ended, and no commission was settled."""

    class OrderDisputed(Fact, frozen=True, tag="order.disputed.v1"):
        order: str

    def earned(order: str) -> CommissionEarned:
        return CommissionEarned(promoter="li", member=ONE.member, order=order, number=1, amount=300, settles_ms=1)

    later = Projection("disputes", "CREATE TABLE disputes (n INTEGER) STRICT", {OrderDisputed: lambda *_: None})
    path = tmp_path / "store.db"
    journal = Journal(path, [*NOUNS, later], clock=SetClock())
    await journal.write(say, earned("o-1"), earned("o-2"), OrderDisputed(order="o-1"))
    journal.close()
    journal = Journal(path, NOUNS, clock=SetClock())
    await journal.write(ledger.on_tick)
    settled = [msgspec.json.decode(each.body)["order"] for each in journal.after(3, 10)]
    assert settled == ["o-2"]
    journal.close()


async def test_a_bank_that_is_held_holds_its_doors(tmp_path: Path) -> None:
    class BankMoved(Fact, frozen=True, tag="locker.moved.v1"):
        device: str

    later = Projection("moves", "CREATE TABLE moves (n INTEGER) STRICT", {BankMoved: lambda *_: None})
    path = tmp_path / "store.db"
    journal = Journal(path, [*NOUNS, later])
    door = LockerDoorAdded(bank="bank-1", door="01", size="M")
    await journal.write(lambda tx: say(tx, door, BankMoved(device="bank-1")))
    journal.close()
    journal = Journal(path, NOUNS, clock=SetClock())
    spot = locker_serving.spot(journal.reads, "bank-1", 0)
    assert spot is not None
    assert spot.why == "out_of_order"
    journal.close()


async def test_what_a_later_build_added_to_a_known_fact_is_kept(tmp_path: Path) -> None:
    class Wider(Fact, frozen=True, tag="coin.dropped.v1"):
        box: str
        value: int
        mint: str
        note: str = ""
        weight: float = 1.0

    wider = Projection("coins", COINS.schema, {Wider: COINS.facts[CoinDropped]})
    journal = Journal(tmp_path / "j.db", [wider])
    await journal.write(lambda tx: tx.emit(Wider(box="a", value=3, mint="royal")))
    journal.close()
    journal = Journal(tmp_path / "j.db", [COINS])
    assert await journal.write(drop, "a", 1) == 3
    journal.close()
    assert b'"mint":"royal"' in bodies(tmp_path / "j.db")[0]
    assert verify(tmp_path / "j.db", Projections([COINS])).faults == ()


async def test_a_known_type_that_cannot_be_read_is_as_unknown(tmp_path: Path) -> None:
    class Other(Fact, frozen=True, tag="coin.dropped.v1"):
        box: str
        value: str
        member: str

    other = Projection("coins", COINS.schema, {Other: lambda *_: None})
    journal = Journal(tmp_path / "j.db", [other])
    await journal.write(lambda tx: tx.emit(Other(box="a", value="a crown", member="member-7")))
    journal.close()
    journal = Journal(tmp_path / "j.db", [Projection("coins", COINS.schema, COINS.facts, rules=2)])
    await asyncio.wait_for(journal.swapped, 60)
    assert await journal.write(drop, "a", 1) == 0
    assert [row["subject"] for row in journal.reads.all("SELECT * FROM held_subjects")] == ["member-7"]
    journal.close()


async def test_the_later_builds_own_tables_and_columns_do_not_disturb(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await journal.write(drop, "a", 1)
    journal.close()
    later = sqlite3.connect(path)
    later.execute("ALTER TABLE entries ADD COLUMN signature BLOB")
    later.execute("ALTER TABLE cache ADD COLUMN why TEXT")
    later.execute("ALTER TABLE streams ADD COLUMN branch TEXT")
    later.execute("CREATE TABLE _erased (subject TEXT PRIMARY KEY)")
    later.execute("INSERT INTO _erased VALUES ('member-9')")
    later.execute("CREATE TABLE ledger (amount INTEGER)")
    later.execute("CREATE INDEX by_amount ON ledger (amount)")
    later.execute("INSERT INTO ledger VALUES (5)")
    later.execute(
        "INSERT INTO streams (stream, first_sequence, reason)"
        " VALUES (x'00112233445566778899aabbccddeeff', 2, 'restored')"
    )
    later.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('journal', 'chain')")
    later.execute("UPDATE cache SET schema_digest='of a later build'")
    later.commit()
    journal = Journal(path, [COINS])
    assert journal.rebuilt == 1
    assert await journal.write(drop, "a", 1) == 1
    journal.close()
    assert verify(path, Projections([COINS])).faults == ()
    reader = JournalReader(path)
    assert reader.stream().hex() == "00112233445566778899aabbccddeeff"
    assert [entry.stream == reader.stream() for entry in reader.after(0, 10)] == [False, True]
    reader.close()
    assert later.execute("SELECT subject FROM _erased").fetchall() == [("member-9",)]
    assert later.execute("SELECT amount FROM ledger").fetchall() == [(5,)]


async def test_a_form_that_this_build_would_misread_is_refused_with_a_sentence(tmp_path: Path) -> None:
    Journal(tmp_path / "j.db", [COINS]).close()
    later = sqlite3.connect(tmp_path / "j.db")
    later.execute("PRAGMA user_version=99")
    later.close()
    with pytest.raises(JournalTooNew, match="a later version wrote it"):
        Journal(tmp_path / "j.db", [COINS])
    with pytest.raises(JournalError):  # and the file is not left locked
        Journal(tmp_path / "j.db", [COINS])


UNREADABLE = [
    b"",
    b"nothing",
    b'{"type":"x.y.v1"}',
    b"[" * 5000,
    b'{"type":"x.y.v1","cart":' + b"[" * 990 + b'"a"' + b"]" * 990 + b"}",
    b'{"cart":"\xff\xfe"}',
    b'{"cart":"\\ud800"}',
    b'{"cart":1e999,"door":null,"bank":7}',
    b'{"n":' + b"9" * 5000 + b"}",
    b'{"cart":NaN}',
    b'"text"',
    b"null",
]


async def test_bodies_that_nobody_can_read_stop_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await journal.write(drop, "a", 1)
    journal.close()
    forge(path, UNREADABLE)
    journal = Journal(path, [Projection("coins", COINS.schema + " ", COINS.facts)])
    assert journal.rebuilt == 1 + len(UNREADABLE)
    assert await journal.write(drop, "a", 1) == 1
    journal.close()
    assert verify(path, Projections([Projection("coins", COINS.schema + " ", COINS.facts)])).faults == ()
    assert travelled(path) == 2 + len(UNREADABLE)


async def test_bodies_that_nobody_can_read_hide_no_other_fact_about_a_person(tmp_path: Path) -> None:
    """A download of what is stored about somebody ended with an error for good, once such a fact named them."""
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await journal.write(drop, "a", 1)
    forge(path, [b'["m-1"]', b'"m-1"', *(each + b' "m-1"' for each in UNREADABLE), b'{"member":"m-1","grant":"g"}'])
    found = entries_about(journal.reads, ["m-1"])
    assert len(found) == 3 + len(UNREADABLE)
    assert fields_of(found[-1]) == {"member": "m-1", "grant": "g"}
    assert has_entry_with(journal.reads, "x.y.v1", "member", "m-1")
    journal.close()


def forge(path: Path, stored: list[bytes], kind: str = "x.y.v1") -> None:
    """Entries as a build without our limits might have written them, in a chain that holds."""
    connection = sqlite3.connect(path)
    sequence, previous, stream, boot = connection.execute(
        "SELECT sequence, hash, stream, boot FROM entries ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    for number, body in enumerate(stored, 1):
        identity = number.to_bytes(16, "big")
        previous = entry_hash(previous, stream, sequence + number, identity, 0, 0, boot, body)
        row = (sequence + number, stream, identity, kind, 0, 0, boot, body, previous)
        connection.execute("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)", row)
    connection.commit()
    connection.close()


def left_beside(folder: Path) -> list[Path]:
    return list(folder.glob("*.anew*"))


def bodies(path: Path) -> list[bytes]:
    reader = JournalReader(path)
    found = [entry.body for entry in reader.after(0, 10_000)]
    reader.close()
    return found


def travelled(path: Path) -> int:
    """How many entries arrive at the cloud as they are."""
    reader = JournalReader(path)
    entries = reader.after(0, 10_000)
    reader.close()
    batch = pack(entries, bytes(16))
    sent = Batch.parse(batch.stream.hex(), {k.lower(): v for k, v in batch.headers().items()}, batch.content)
    rows = unpack(sent).rows
    assert [row[6] for row in rows] == [entry.body for entry in entries]
    return len(rows)


# Rules that change while the tables stay the same.


def _doubled(rows: Rows, entry: Entry, fact: CoinDropped) -> None:
    COINS.facts[CoinDropped](rows, entry, msgspec.structs.replace(fact, value=fact.value * 2))


TWICE = Projection("coins", COINS.schema, {CoinDropped: _doubled}, rules=2)


async def test_changed_rules_are_applied_beside_while_the_store_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await asyncio.gather(*(journal.write(drop, f"box-{n % 50}", 1) for n in range(3000)))
    journal.close()

    seen_enough = hold_back(monkeypatch)
    journal = Journal(path, [TWICE])
    assert journal.rebuilt == 0
    assert await journal.write(drop, "box-0", 1) == 60, "served by the old rows"
    assert not journal.swapped.done()
    seen = {journal.reads.one("SELECT total FROM boxes WHERE box='box-1'")["total"]}  # type: ignore[index]
    seen_enough.set()
    while not journal.swapped.done():
        await journal.write(drop, "during", 1)
        seen.add(journal.reads.one("SELECT total FROM boxes WHERE box='box-1'")["total"])  # type: ignore[index]
    assert await journal.swapped >= 3001
    seen.add(journal.reads.one("SELECT total FROM boxes WHERE box='box-1'")["total"])  # type: ignore[index]
    assert seen == {60, 120}, "one or the other, and nothing between"
    assert await journal.write(drop, "box-1", 1) == 120
    journal.close()
    assert left_beside(tmp_path) == []
    assert verify(path, Projections([TWICE])).faults == ()
    journal = Journal(path, [TWICE])
    assert journal.swapped.done()
    journal.close()


def hold_back(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """However slow the machine is, the tables that are made beside are not ready before the event."""
    go, batches = threading.Event(), background_rebuild._batches

    def slowly(reader: JournalReader, place: int) -> Iterator[list[Entry]]:
        for batch in batches(reader, place):
            yield batch
            go.wait(60)

    monkeypatch.setattr(background_rebuild, "_batches", slowly)
    return go


async def test_a_stop_in_the_middle_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await asyncio.gather(*(journal.write(drop, f"box-{n % 50}", 1) for n in range(3000)))
    journal.close()
    for _ in range(3):
        with monkeypatch.context() as patch:
            seen_enough = hold_back(patch)
            journal = Journal(path, [TWICE])
            await journal.write(drop, "a", 1)
            assert not journal.swapped.done()
            seen_enough.set()  # the loop does not turn before the end: nothing changes places
            journal.close()
        assert left_beside(tmp_path) == []
    assert verify(path, Projections([TWICE])).faults == ()
    assert any("another version's rules" in note for note in verify(path, Projections([TWICE])).notes)
    journal = Journal(path, [TWICE])
    await asyncio.wait_for(journal.swapped, 60)
    journal.close()
    assert verify(path, Projections([TWICE])).notes == ()


async def test_a_change_that_fails_leaves_the_old_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await asyncio.gather(*(journal.write(drop, f"box-{n}", 1) for n in range(900)))
    journal.close()
    attach = background_rebuild._take_over

    def empty(writer: sqlite3.Connection, nouns: Projections) -> None:
        """As if somebody had taken the other file away."""
        writer.execute("DROP TABLE anew.boxes")
        attach(writer, nouns)

    monkeypatch.setattr(background_rebuild, "_take_over", empty)
    journal = Journal(path, [TWICE])
    with pytest.raises(JournalError, match="keep their old rules"):
        await asyncio.wait_for(journal.swapped, 60)
    assert await journal.write(drop, "box-1", 1) == 1
    journal.close()
    monkeypatch.undo()
    journal = Journal(path, [TWICE])
    await asyncio.wait_for(journal.swapped, 60)
    assert await journal.write(drop, "box-1", 1) == 4
    journal.close()


async def test_a_table_that_is_no_more_goes_with_its_noun(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    Journal(path, [COINS]).close()
    renamed = Projection("coins", COINS.schema.replace("boxes", "chests"), {CoinDropped: lambda *_: None})
    journal = Journal(path, [renamed])
    assert {row["name"] for row in journal.reads.all("SELECT name FROM sqlite_master")} >= {"chests"}
    assert not journal.reads.all("SELECT name FROM sqlite_master WHERE name='boxes'")
    journal.close()
