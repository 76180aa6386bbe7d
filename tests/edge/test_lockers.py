"""A bank of lockers in the hands of a test, on a real broker: what the gateway makes of lost words and lies."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers.openings import Opening
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.gateway import door_lights
from edge.journal.journal import Journal
from tests.callers import by
from tests.edge.conftest import Puppet, gives_up_after, join, online, running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

BANK = "locker-a"


class PuppetBank(Puppet):
    """Twelve doors that move only when a test moves them."""

    def __init__(self, broker: Broker, device: str = BANK) -> None:
        self.doors = {f"{n:02d}": {"lock": "locked", "door": "closed", "occupied": False} for n in range(1, 13)}
        self._told = 0
        super().__init__(broker, device)

    def state(self, *_: Any, **__: Any) -> None:
        self.send("state", {"boot": self.boot, "at": "", "doors": self.doors})

    def move(self, name: str, **changes: Any) -> None:
        self.doors[name] = {**self.doors[name], **changes}
        self.state()

    def opens(self, door: str) -> None:
        self.move(door, lock="unlocked", door="open")

    def closes(self, door: str, *, occupied: bool) -> None:
        self.move(door, lock="locked", door="closed", occupied=occupied)

    def tell(self, event: str, door: str) -> None:
        self._told += 1
        at = "2026-01-01T00:00:00.000Z"
        self.send("event", {"boot": self.boot, "seq": self._told, "at": at, "type": event, "data": {"door": door}})


@pytest.fixture
def bank(mosquitto: Broker) -> Iterator[PuppetBank]:
    made = PuppetBank(mosquitto)
    yield made
    made.stop()


async def deposit(gateway: Gateway, member: str, **more: Any) -> Opening:
    return await gateway.decide(
        lockers.deposit,
        codes=gateway.lookup.codes,
        bank=BANK,
        caller=by(member),
        **{"size": "S", "request": str(uuid.uuid4()), **more},
    )


def state(gateway: Gateway, opening: Opening) -> str:
    return str(gateway.reads.one("SELECT state FROM parcels WHERE parcel=?", opening.parcel)["state"])


async def becomes(gateway: Gateway, opening: Opening, wanted: str) -> None:
    await until(lambda: state(gateway, opening) == wanted)


async def ready(gateway: Gateway) -> str:
    await until(lambda: online(gateway, BANK))
    await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE bank=?", BANK)["shut"] == "closed")
    return await join(gateway)


async def test_a_parcel_there_and_back(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        opening = await deposit(gateway, anna)
        await becomes(gateway, opening, "filling")
        command = bank.commands()[0]
        assert (command["verb"], command["args"], command["id"]) == ("unlock", {"door": opening.door}, opening.id)
        bank.opens(opening.door)
        bank.closes(opening.door, occupied=True)
        await becomes(gateway, opening, "kept")
        request = str(uuid.uuid4())
        await gateway.decide(lockers.take, parcel=opening.parcel, caller=by(anna), request=request)
        await gateway.decide(lockers.take, parcel=opening.parcel, caller=by(anna), request=request)
        await becomes(gateway, opening, "taking")
        bank.opens(opening.door)
        bank.closes(opening.door, occupied=False)
        await becomes(gateway, opening, "emptied")
        assert len(bank.told()) == 2
        assert gateway.parts.commands[("unlock", "done")] == 2


@pytest.mark.parametrize("lit", [None, False])
async def test_only_a_door_that_has_a_light_is_lit(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path, lit: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bank that announces `find` may beep, all of it: one with lights says of each door whether it is lit."""
    monkeypatch.setattr(door_lights, "TTL_MS", 60_000)
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        status = {"online": True, "boot": bank.boot, "kind": "locker", "contract": 1, "firmware": "puppet"}
        bank.send("status", {**status, "capabilities": ["unlock", "find"]})
        bank.doors = {name: {**door, "lit": lit} for name, door in bank.doors.items()}
        bank.state()
        live = gateway.devices.ingest.live[BANK]
        await until(lambda: "find" in live.verbs and live.state and live.state.doors["01"].lit is lit)
        opening = await deposit(gateway, anna)
        await becomes(gateway, opening, "filling")
        bank.opens(opening.door)
        bank.closes(opening.door, occupied=True)
        await becomes(gateway, opening, "kept")
        if lit is not None:
            await until(lambda: len(bank.told()) == 2)
        found = {command["verb"]: command["args"].get("door") for command in bank.told()}
        assert found == {"unlock": opening.door} | ({} if lit is None else {"find": opening.door})


async def test_a_lost_reply_opens_nothing_twice(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    bank.answer = lambda _: {"outcome": "done"} if len(bank.commands()) == 3 else None
    async with running(mosquitto, tmp_path) as gateway:
        opening = await deposit(gateway, await ready(gateway))
        await becomes(gateway, opening, "filling")
        assert {command["id"] for command in bank.commands()} == {opening.id}


async def test_many_doors_at_once_each_get_their_own_command(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        people = [await join(gateway, f"+861380013800{n}") for n in range(6)]
        openings = await asyncio.gather(*(deposit(gateway, person) for person in people))
        for opening in openings:
            await becomes(gateway, opening, "filling")
        assert sorted(command["args"]["door"] for command in bank.told()) == sorted(o.door for o in openings)
        fences = [command["fence"] for command in bank.told()]
        assert fences == sorted(fences)


@pytest.mark.parametrize("answer", [{"outcome": "failed", "reason": "jammed"}, {"outcome": "unknown"}, None])
async def test_a_failed_collection_leaves_the_code_good(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path, answer: dict[str, str] | None
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        opening = await deposit(gateway, anna)
        await becomes(gateway, opening, "filling")
        bank.opens(opening.door)
        bank.closes(opening.door, occupied=True)
        await becomes(gateway, opening, "kept")
        bank.answer = lambda _: answer
        gives_up_after(gateway, 60_000 if answer else 1500)
        first = await gateway.decide(lockers.take, parcel=opening.parcel, caller=by(anna), request=str(uuid.uuid4()))
        await until(lambda: _ended(gateway, first))
        assert state(gateway, opening) == "kept"
        bank.answer = lambda _: {"outcome": "done"}
        gives_up_after(gateway, 60_000)
        await gateway.decide(lockers.take, parcel=opening.parcel, caller=by(anna), request=str(uuid.uuid4()))
        await becomes(gateway, opening, "taking")


def _ended(gateway: Gateway, opening: Opening) -> bool:
    return bool(gateway.reads.one("SELECT state FROM openings WHERE grant_id=?", opening.id)["state"] != "granted")


async def test_a_late_reply_is_believed(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    bank.answer = lambda _: None
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1500) as gateway:
        opening = await deposit(gateway, await ready(gateway))
        await becomes(gateway, opening, "cancelled")
        bank.reply({"id": opening.id, "outcome": "done"})
        await becomes(gateway, opening, "filling")


async def test_another_device_cannot_open_it_by_a_word(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    liar = Puppet(mosquitto, "cart-04")
    bank.answer = lambda command: liar.reply({"id": command["id"], "outcome": "done"})
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1500) as gateway:
        opening = await deposit(gateway, await ready(gateway))
        await becomes(gateway, opening, "cancelled")
    liar.stop()


async def test_a_crash_opens_nothing_and_truth_wins_after_it(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        codes = gateway.lookup.codes
    # Granted and durable, and then the power went: nobody sent it, nobody settled it.
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    opening = await journal.write(
        lockers.deposit, codes=codes, bank=BANK, size="S", caller=by(anna), request=str(uuid.uuid4())
    )
    journal.close()
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, BANK))
        assert state(gateway, opening) == "cancelled"
        assert bank.commands() == [], "nothing opens by itself after a restart"
        bank.opens(opening.door)
        await becomes(gateway, opening, "filling")
        bank.closes(opening.door, occupied=True)
        await becomes(gateway, opening, "kept")


async def test_a_door_that_moved_while_the_gateway_was_away(
    mosquitto: Broker, bank: PuppetBank, tmp_path: Path
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        opening = await deposit(gateway, anna)
        await becomes(gateway, opening, "filling")
    bank.move(opening.door, occupied=True)
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, BANK))
        bank.tell("door_opened", opening.door)
        bank.tell("door_closed", opening.door)
        await becomes(gateway, opening, "kept")


async def test_a_forced_door_is_a_need_within_seconds(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        bank.opens("07")
        await until(lambda: [need.kind for need in locker_needs.needs(gateway.reads, 0)] == ["locker_forced"])
        assert [need.details for need in locker_needs.needs(gateway.reads, 0)] == [{"door": "07"}]


async def test_a_bank_that_vanishes_is_refused(mosquitto: Broker, tmp_path: Path) -> None:
    bank = PuppetBank(mosquitto)
    async with running(mosquitto, tmp_path) as gateway:
        anna = await ready(gateway)
        bank.vanish()
        await until(lambda: not online(gateway, BANK))
        with pytest.raises(Refusal, match="locker_away"):
            await deposit(gateway, anna)
    late = PuppetBank(mosquitto)
    late.stop()


async def test_a_doubtful_state_is_taken_as_it_is(mosquitto: Broker, bank: PuppetBank, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        bank.doors["99"] = {"lock": "locked", "door": "open"}
        bank.doors["03"] = {}
        bank.state()
        await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE door='03'")["shut"] == "unknown")
        assert gateway.reads.one("SELECT 1 FROM doors WHERE door='99'") is None
