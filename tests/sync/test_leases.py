"""Shared budgets: twenty stores, partitions, lost answers, boxes that die and spend on; never over, hardly any idle.

The cloud's side is the real one on SQLite; a store is the domain's own rules around a list of leases, because a journal
for each of twenty stores and a thousand seeds would take days. `tests/domain/test_leases.py` holds that the tables keep
to the same rules, `tests/web/test_leasing.py` that both sides meet over HTTP.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.domain.campaigns.facts import LeaseGranted, LeaseReturned
from edge.domain.campaigns.leases import HeldLease
from edge.journal.entry import GENESIS, Entry
from edge.journal.reader import JournalReader
from sync.cloud import leases, streams
from sync.cloud.leases import Budgets, NoLease, SharedBudget
from sync.cloud.schema import open_writer
from sync.cloud.sqlite_store import SqliteStore
from sync.messages import Hello, Lease, LeaseWish
from sync.signing import Signer, is_signed
from sync.wire import pack
from tests.rounds import rounds
from tests.sync.journals import JournalFile

ROUNDS = rounds(8)
BUDGET = 10_000
STORES = 20
STEP_MS = 5 * 60_000
HOURS = 48


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(tmp_path / "cloud.db", None)
    yield connection
    connection.close()


class Store:
    """A store with a box; a clone of it spends on, unseen."""

    def __init__(self, cloud: sqlite3.Connection, name: str, chance: random.Random) -> None:
        self.cloud, self.name, self.chance = cloud, name, chance
        self.generation, self.read, self.spent, self.wished = 0, 0, 0, 0
        self.offline_until = 0
        self.begin()

    def begin(self) -> None:
        """In a stream of its own, without any lease."""
        self.stream = self.chance.randbytes(16)
        streams.begin(self.cloud, self.name, self.stream, 0, None)
        self.cloud.execute("UPDATE streams SET generation=? WHERE stream=?", (self.generation, self.stream))
        (self.key,) = self.cloud.execute("SELECT key FROM streams WHERE stream=?", (self.stream,)).fetchone()
        self.held: list[HeldLease] = []
        self.number, self.sequence = 0, 0
        self.unsent: list[LeaseReturned] = []

    def give(self, now: int, uses: int) -> None:
        """As many of these as the leases allow, the first to end first."""
        self.wished += uses
        for place, each in enumerate(self.held):
            if each.is_usable(now) and uses:
                taken = min(uses, (each.uses or 0) - each.spent_uses)
                uses, self.spent = uses - taken, self.spent + taken
                spent_ms = now if taken else each.spent_ms
                self.held[place] = msgspec.structs.replace(each, spent_uses=each.spent_uses + taken, spent_ms=spent_ms)
        for each in [each for each in self.held if each.ends_ms <= now]:
            self.held.remove(each)
            self.unsent.append(LeaseReturned(lease=each.lease, campaign="c1", uses=each.spent_uses, amount=0))

    def sync(self, now: int) -> None:
        """What the journal has is read by the cloud, then the next lease is asked for; answers get lost."""
        after = self.sequence
        for fact in self.unsent:
            self.sequence += 1
            self.cloud.execute(
                "INSERT INTO entries VALUES (?,?,?,?,0,0,x'',?,x'')",
                (self.key, self.sequence, self.chance.randbytes(16), leases.RETURNED, msgspec.json.encode(fact)),
            )
        self.unsent.clear()
        leases.settle(self.cloud, self.key, self.name, after, self.sequence)
        newest = self.held[-1] if self.held else None
        if newest is None or newest.is_nearly_over(now):
            self.ask(now, newest)

    def ask(self, now: int, newest: HeldLease | None) -> None:
        uses = newest.expected(now)[0] if newest else 0
        wish = LeaseWish(self.stream.hex(), "c1", self.number + 1, uses)
        try:
            lease = leases.grant(self.cloud, self.name, wish, {"c1": SharedBudget(uses=BUDGET)}, now)
        except NoLease as error:
            assert error.code == "budget_gone"  # noqa: PT017
            return
        if self.chance.random() < 0.1:
            return  # killed before it was recorded, or the answer was lost: the same wish comes again
        self.number += 1
        self.held.append(HeldLease(lease.lease, lease.uses, None, lease.granted_ms, lease.ends_ms, 0, 0, None))


def simulate(cloud: sqlite3.Connection, seed: int, deaths: int) -> tuple[int, int, int]:
    """Returns what was given, what was wanted, and what boxes that died took with them."""
    chance = random.Random(seed)
    stores = [Store(cloud, f"s{number:03}", chance) for number in range(STORES)]
    pull = chance.choice([1.5, 3.0]) * BUDGET / (STORES * HOURS * 3600_000 / STEP_MS)
    weights = [chance.uniform(0.3, 1.7) for _ in stores]
    clones: list[Store] = []
    lost = 0
    for now in range(0, HOURS * 3600_000, STEP_MS):
        for store, weight in zip(stores, weights, strict=True):
            store.give(now, chance.choices((0, 1), (0.5, 0.5))[0] * round(2 * pull * weight + chance.random() - 0.5))
            if now >= store.offline_until:
                if chance.random() < 0.0064:  # spells of 0.5 to 12 h, 30 % of the time
                    store.offline_until = now + int(chance.uniform(0.5, 12) * 3600_000)
                else:
                    store.sync(now)
        for clone in clones:
            clone.give(now, 3)
        if deaths > len(clones) and chance.random() < 0.01:
            lost += die(chance.choice(stores), clones)
    return sum(store.spent for store in [*stores, *clones]), sum(store.wished for store in stores), lost


def die(store: Store, clones: list[Store]) -> int:
    """The box is stolen, and goes on giving by itself; another one takes its place in a new stream."""
    clone = Store.__new__(Store)
    clone.__dict__.update(store.__dict__, held=list(store.held), unsent=[], spent=0)
    clones.append(clone)
    left = sum((each.uses or 0) for each in store.held)
    store.generation += 1
    store.begin()
    return left


@pytest.mark.timeout(900 + 3 * ROUNDS)
def test_never_over_and_hardly_anything_idle(tmp_path: Path) -> None:
    shares = []
    for seed in range(ROUNDS):
        with_deaths = seed % 4 == 3
        connection = open_writer(tmp_path / f"{seed}.db", None)
        connection.execute("BEGIN")
        given, wanted, _ = simulate(connection, seed, deaths=2 if with_deaths else 0)
        committed = leases.standings(connection, {"c1": SharedBudget(uses=BUDGET)})[0].committed_uses
        connection.execute("ROLLBACK")
        connection.close()
        assert given <= committed <= BUDGET, f"seed {seed}"
        if not with_deaths:
            shares.append(given / min(BUDGET, wanted))
    print(f"\n{ROUNDS} seeds: used {sum(shares) / len(shares):.4f}, worst {min(shares):.4f}")
    assert sum(shares) / len(shares) >= 0.99
    assert min(shares) >= 0.95, "a store that is cut off at the end of the two days keeps what it has"


def wish(number: int = 1, uses: int = 0, stream: bytes = b"\1" * 16, campaign: str = "c1") -> LeaseWish:
    return LeaseWish(stream.hex(), campaign, number, uses)


def grant(cloud: sqlite3.Connection, asked: LeaseWish, store: str = "s001", budget: int = 1000) -> Lease:
    return leases.grant(cloud, store, asked, {"c1": SharedBudget(uses=budget)}, 1_000)


def test_the_same_wish_gets_the_same_lease(cloud: sqlite3.Connection) -> None:
    streams.begin(cloud, "s001", b"\1" * 16, 0, None)
    first = grant(cloud, wish(uses=80))
    assert (first.uses, first.amount, first.ends_ms) == (80, None, 1_000 + leases.LASTS_MS)
    assert grant(cloud, wish(uses=33)) == first
    assert grant(cloud, wish(2, uses=5_000)).uses == 92  # a tenth of the 920 that are left
    assert grant(cloud, wish(3)).uses == 17  # a fiftieth of 828


def test_the_last_one_is_granted_once(cloud: sqlite3.Connection) -> None:
    streams.begin(cloud, "s001", b"\1" * 16, 0, None)
    assert [grant(cloud, wish(number), budget=3).uses for number in (1, 2, 3)] == [1, 1, 1]
    with pytest.raises(NoLease) as caught:
        grant(cloud, wish(4), budget=3)
    assert caught.value.code == "budget_gone"


def test_who_is_not_in_charge_gets_nothing(cloud: sqlite3.Connection) -> None:
    streams.begin(cloud, "s001", b"\1" * 16, 0, None)
    for asked, store, code in (
        (wish(stream=b"\2" * 16), "s001", "not_in_charge"),
        (wish(), "s002", "not_in_charge"),
        (wish(campaign="c2"), "s001", "budget_unknown"),
    ):
        with pytest.raises(NoLease) as caught:
            grant(cloud, asked, store)
        assert caught.value.code == code


def test_only_the_stream_that_has_it_gives_it_back(cloud: sqlite3.Connection) -> None:
    for number, stream in enumerate((b"\1" * 16, b"\2" * 16)):
        streams.begin(cloud, f"s00{number + 1}", stream, 0, None)
    mine = grant(cloud, wish(uses=80))
    body = msgspec.json.encode(LeaseReturned(lease=mine.lease, campaign="c1", uses=5, amount=0))
    for key, spent in ((2, 80), (1, 5), (1, 5)):
        cloud.execute("DELETE FROM entries")
        cloud.execute("INSERT INTO entries VALUES (?,1,x'',?,0,0,x'',?,x'')", (key, leases.RETURNED, body))
        leases.settle(cloud, key, f"s00{key}", 0, 1)
        assert leases.standings(cloud, {"c1": SharedBudget(uses=1000)})[0].committed_uses == spent


def test_a_budget_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    budgets = Budgets(tmp_path)
    assert budgets.read() == {}
    budgets.set("c1", SharedBudget(uses=10))
    budgets.set("c2", SharedBudget(amount=500))
    assert Budgets(tmp_path).read() == {"c1": SharedBudget(uses=10), "c2": SharedBudget(amount=500)}
    (tmp_path / leases.FILE).write_text("[c1]\nuses = -1\n")
    with pytest.raises(leases.BudgetMistake, match=r"expected \[campaign\] with uses or amount"):
        budgets.read()


def test_a_signature_is_of_one_lease_and_one_key(cloud: sqlite3.Connection, tmp_path: Path) -> None:
    streams.begin(cloud, "s001", b"\1" * 16, 0, None)
    signed = Signer(tmp_path).sign(grant(cloud, wish()))
    assert is_signed(signed)
    assert Signer(tmp_path).sign(signed.lease) == signed  # the key is kept
    other = Signer(tmp_path / "other").sign(signed.lease)
    assert is_signed(other)
    more = msgspec.structs.replace(signed.lease, uses=999)
    for forged in (
        msgspec.structs.replace(signed, lease=more),
        msgspec.structs.replace(signed, key=other.key),
        msgspec.structs.replace(signed, signature="zz"),
        msgspec.structs.replace(signed, key=""),
    ):
        assert not is_signed(forged)


@pytest.mark.parametrize("uses", [2**63, 2**64, -1])
def test_a_number_that_no_store_spends_stops_nobody(tmp_path: Path, uses: int) -> None:
    """One that no database holds ended the sorting of what every store sends; the lease counts as spent."""
    store = SqliteStore(tmp_path / "cloud.db")
    journal = JournalFile(tmp_path / "storekeeper.db")
    name = journal.stream.hex()
    store.hello("s001", Hello(name, 0, []), 1)
    mine = store.grant("s001", LeaseWish(name, "c1", 1, 80), {"c1": SharedBudget(uses=1000)}, 1)
    journal.append(1, b'{"type":"%b","lease":"%b","campaign":"c1","uses":%d,"amount":0}'
                   % (leases.RETURNED.encode(), mine.lease.encode(), uses))  # fmt: skip
    store.receive("s001", pack([entry_of(journal)], GENESIS), 1)
    assert store.shelve()
    assert not store.shelve()
    assert store.overview(1).stores[0].quarantined == 1
    assert store.standings({"c1": SharedBudget(uses=1000)})[0].committed_uses == 80
    journal.close()
    store.close()


@pytest.mark.parametrize("forged", ["", "key", "uses", "store", "stream"])
def test_a_receiver_restored_from_an_older_copy_hears_of_its_leases_from_the_stores(
    tmp_path: Path, forged: str
) -> None:
    """What was granted after the copy was granted to others once more, and the budget passed."""
    store, signer = SqliteStore(tmp_path / "cloud.db"), Signer(tmp_path)
    journal = JournalFile(tmp_path / "storekeeper.db")
    budgets = {"c1": SharedBudget(uses=1000)}
    store.hello("s001", Hello(journal.stream.hex(), 0, []), 1)
    lease = store.grant("s001", LeaseWish(journal.stream.hex(), "c1", 1, 80), budgets, 1)
    store._write.execute("DELETE FROM leases")  # as in the copy
    other = {"store": "s002"} if forged == "store" else {"stream": "22" * 16} if forged == "stream" else {}
    signed = (Signer(tmp_path / "other") if forged == "key" else signer).sign(msgspec.structs.replace(lease, **other))
    told = msgspec.structs.asdict(signed.lease) | ({"uses": 999} if forged == "uses" else {})
    journal.append(1, msgspec.json.encode(LeaseGranted(**told, key=signed.key, signature=signed.signature)))
    store.receive("s001", pack([entry_of(journal)], GENESIS), 1)
    assert store.shelve()
    assert store.standings(budgets)[0].committed_uses == (0 if forged else 80)
    if not forged:
        assert store.grant("s001", LeaseWish(journal.stream.hex(), "c1", 1, 5), budgets, 9) == lease
    journal.close()
    store.close()


def entry_of(journal: JournalFile) -> Entry:
    reader = JournalReader(journal.path)
    found = reader.after(0, 1)[0]
    reader.close()
    return found
