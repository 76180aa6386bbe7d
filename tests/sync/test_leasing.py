"""A lease's whole way: asked for over HTTP, held in the journal, given from, returned, and free again in the cloud."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import leases as held
from edge.domain.campaigns import leasing as decisions
from edge.domain.campaigns import queries
from edge.domain.campaigns.facts import LeaseGranted
from edge.domain.nouns import NOUNS
from edge.errors import JournalClosed, Refusal
from edge.gateway.leasing import Leasing
from edge.journal.journal import Journal
from operations.leases.from_cloud import asking
from operations.leases.wishing import NoAnswer
from pricing.campaigns import Budget as Shared
from sync.client import CloudUnreachable, HttpReply, understood
from sync.cloud.leases import Budgets, SharedBudget, standings
from sync.messages import MAX_NAME, Lease, SignedLease
from sync.signing import Signer
from tests.domain.conftest import SetClock
from tests.domain.test_campaigns import campaign, pay, quote
from tests.sync.processes import TOKEN, Running, send, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.conftest import Receiver


def committed(receiver: Receiver, budget: SharedBudget) -> int:
    connection = sqlite3.connect(f"{receiver.database.as_uri()}?mode=ro", uri=True)
    try:
        return standings(connection, {"a1": budget})[0].committed_uses
    finally:
        connection.close()


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, condition)


async def test_a_lease_comes_is_spent_and_frees_the_rest(receiver: Receiver, tmp_path: Path) -> None:
    clock, path = SetClock(), tmp_path / "store" / "storekeeper.db"
    journal = Journal(path, NOUNS, clock=clock)
    await journal.write(campaigns.activate, [campaign("a1", budget=Shared(uses=100, shared=True))], "settings")
    ask = asking(f"http://127.0.0.1:{receiver.port}", "s001", TOKEN)
    assert ask is not None
    leasing = Leasing(journal, ask)
    with pytest.raises(NoAnswer, match="works in another stream"):
        await leasing.once()  # the cloud has heard nothing of this store
    uplink = Running(send, str(path), str(tmp_path / "sync.json"), receiver.port, TOKEN)
    uplink.start()
    try:
        await until(lambda: _greeted(receiver))
        with pytest.raises(NoAnswer, match="no budget for 'a1'"):
            await leasing.once()
        Budgets(receiver.database.parent).set("a1", SharedBudget(uses=100))
        assert await leasing.once() == 1
        assert await leasing.once() == 0
        (lease,) = held.held(journal.reads, "a1")
        assert (lease.uses, committed(receiver, SharedBudget(uses=100))) == (2, 2)
        await journal.write(pay, quote("one", "a1"), "o1")
        clock.now = max(clock.now, lease.ends_ms)
        assert await journal.write(decisions.give_back) == 1
        await until(lambda: committed(receiver, SharedBudget(uses=100)) == 1)
        Budgets(receiver.database.parent).set("a1", SharedBudget(uses=1))
        assert await leasing.once() == 0
        assert held.is_exhausted(journal.reads, "a1")
        found = queries.uses(journal.reads, member="", day="", now_ms=clock.now)["a1"]
        assert (found.uses, found.offline) == (100, False)
    finally:
        uplink.stop()
        journal.close()


def _greeted(receiver: Receiver) -> bool:
    connection = sqlite3.connect(f"{receiver.database.as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*) FROM streams").fetchone()[0] == 1
    finally:
        connection.close()


async def test_a_lease_that_nobody_signed_is_not_believed(receiver: Receiver) -> None:
    ask = asking(f"http://127.0.0.1:{receiver.port}", "s001", "another token")
    assert ask is not None
    with pytest.raises(NoAnswer, match="refuses this store's token"):
        await asyncio.to_thread(ask, "ab" * 16, held.Wish("a1", 1))


async def test_a_budget_that_the_cloud_does_not_know_keeps_no_other_waiting(tmp_path: Path) -> None:
    shared = Shared(uses=100, shared=True)
    journal = Journal(tmp_path / "storekeeper.db", NOUNS, clock=SetClock())
    await journal.write(campaigns.activate, [campaign(name, budget=shared) for name in ("a1", "b1")], "settings")

    def ask(stream: str, wish: held.Wish) -> LeaseGranted:
        if wish.campaign == "a1":
            raise NoAnswer("there is no budget for 'a1' here")
        return granted(wish, stream)

    with pytest.raises(NoAnswer, match="no budget for 'a1'"):
        await Leasing(journal, ask).once()
    assert [each.lease for each in held.held(journal.reads, "b1")] == ["l1"]
    journal.close()


def granted(wish: held.Wish, stream: str) -> LeaseGranted:
    place = {"campaign": wish.campaign, "number": wish.number, "granted_ms": 0, "ends_ms": 2**50}
    return LeaseGranted(lease="l1", store="s001", stream=stream, uses=5, **place)


async def test_a_lease_that_is_not_ours_keeps_no_other_waiting(tmp_path: Path) -> None:
    """It ended the round, so that nothing behind it was ever asked for."""
    shared = Shared(uses=100, shared=True)
    journal = Journal(tmp_path / "storekeeper.db", NOUNS, clock=SetClock())
    await journal.write(campaigns.activate, [campaign(name, budget=shared) for name in ("a1", "b1")], "settings")
    with pytest.raises(Refusal, match="lease_not_ours"):
        await Leasing(journal, lambda ours, wish: granted(wish, "00" * 16 if wish.campaign == "a1" else ours)).once()
    assert [each.lease for each in held.held(journal.reads, "b1")] == ["l1"]
    journal.close()


def test_a_lease_has_a_name_and_no_book(receiver: Receiver) -> None:
    """What the cloud calls it stays in the journal for ever."""
    lease = Lease("s001/ab/a1/1", "s001", "ab" * 16, "a1", 1, 0, 1)
    for wrong in ("", "x" * (MAX_NAME + 1)):
        named = msgspec.structs.replace(lease, lease=wrong)
        told = msgspec.json.encode(Signer(receiver.database.parent).sign(named))
        with pytest.raises(CloudUnreachable):
            understood(HttpReply(200, {}, told), SignedLease)


async def test_what_nobody_thought_of_ends_no_leasing() -> None:
    """It ended the asking until the next start, and after twelve hours nothing was left to give."""

    class Shaky(Leasing):
        asked = 0

        async def once(self) -> int:
            self.asked += 1
            raise RuntimeError("no thread") if self.asked == 1 else JournalClosed("the store closes")

    shaky = Shaky(None, None, every_s=0.0)  # type: ignore[arg-type]
    await asyncio.wait_for(shaky.run(), 60)
    assert shaky.asked == 2
