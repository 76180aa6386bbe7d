"""Slips through a whole gateway: a real broker, a real file, and a printer in the hands of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.printing import decisions as printing
from tests.edge.conftest import Puppet, online, running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway


class Printer(Puppet):
    """A printer on bare paho; it says what it is told to say, and keeps every command."""

    def paper(self, paper: str = "ok", **more: Any) -> None:
        self.send("state", {"boot": self.boot, "at": "", "paper": paper, "cover": "closed", "online": True, **more})

    def state(self, lock: str = "", docked: bool = True, **more: Any) -> None:  # noqa: ARG002 - a printer has none
        self.paper()


@pytest.fixture
def printer(mosquitto: Broker) -> Iterator[Printer]:
    made = Printer(mosquitto, "printer-1")
    yield made
    made.stop()


async def ready(gateway: Gateway, device: str = "printer-1") -> None:
    await until(lambda: online(gateway, device))
    await until(lambda: gateway.reads.one("SELECT state FROM devices WHERE device=?", device)["state"])


async def order(gateway: Gateway, job: str = "o-1", slip: str = "test", **more: Any) -> None:
    values = {"printer": "Till 1"} if slip == "test" else {"title": "t", "price": 1, "was": 2, "code": "c"}
    await gateway.decide(printing.order, job=job, slip=slip, values=values, printer="printer-1", **more)


def state(gateway: Gateway, job: str = "o-1") -> str:
    return str(gateway.reads.one("SELECT state FROM print_jobs WHERE job=?", job)["state"])


async def ends(gateway: Gateway, end: str, job: str = "o-1") -> None:
    await until(lambda: state(gateway, job) == end)


async def test_a_slip_is_told_and_printed(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await order(gateway)
        await ends(gateway, "printed")
        command = printer.told()[0]
        assert command["verb"] == "print"
        assert (command["args"]["job"], command["args"]["revision"]) == ("o-1", 1)
        document = command["args"]["document"]
        assert document["language"] == "zh-CN"
        assert "copy" not in document
        assert any("测试页" in str(line) for line in document["lines"])
        row = gateway.reads.one("SELECT * FROM print_attempts")
        assert (row["attempt"], row["fence"]) == (command["id"], command["fence"])


async def test_paper_out_holds_and_goes_on_by_itself(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    printer.answer = lambda _: {"outcome": "failed", "reason": "paper_out"}
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await order(gateway)
        await until(printer.told)
        printer.paper("out")
        await ends(gateway, "held")
        printer.answer = lambda _: {"outcome": "done"}
        printer.paper("ok")
        await ends(gateway, "printed")
        assert all("copy" not in command["args"]["document"] for command in printer.told())


async def test_an_unknown_end_makes_a_marked_copy(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    printer.answer = lambda _: {"outcome": "unknown" if len(printer.told()) == 1 else "done"}
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await order(gateway)
        await ends(gateway, "printed")
        first, second = printer.told()
        assert "copy" not in first["args"]["document"]
        assert second["args"]["document"]["copy"] == {"zh-CN": "副本 第2次打印", "en": "COPY 2", "de": "KOPIE 2"}


async def test_what_is_worth_money_waits_for_a_person(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    printer.answer = lambda _: {"outcome": "unknown"}
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await order(gateway, slip="coupon")
        await order(gateway, "o-2")
        await ends(gateway, "asked")
        await until(lambda: len(printer.told()) >= 2)  # the queue goes on without it
        assert {command["args"]["job"] for command in printer.told()[1:]} == {"o-2"}


async def test_a_restart_asks_under_the_same_id(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    printer.answer = lambda _: None
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1000) as gateway:
        await ready(gateway)
        await order(gateway)
        await order(gateway, "o-2")
        await until(printer.told)
    assert len(printer.told()) == 1
    printer.answer = lambda _: {"outcome": "done"}
    async with running(mosquitto, tmp_path) as gateway:
        await ends(gateway, "printed")
        await ends(gateway, "printed", "o-2")
        jobs = [command["args"]["job"] for command in printer.told()]
        assert jobs == ["o-1", "o-2"]


async def test_a_lost_reply_is_asked_for_again_and_a_late_one_is_taken(
    mosquitto: Broker, printer: Printer, tmp_path: Path
) -> None:
    printer.answer = lambda _: None
    async with running(mosquitto, tmp_path, print_ttl_ms=500) as gateway:
        await ready(gateway)
        await order(gateway)
        await until(lambda: gateway.reads.one("SELECT max(asks) AS n FROM print_attempts")["n"])
        printer.reply({"id": printer.told()[0]["id"], "outcome": "done"})
        await ends(gateway, "printed")
        assert len(printer.told()) == 1


async def test_the_other_printer_of_the_zone_takes_over(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    other = Printer(mosquitto, "printer-2")
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await ready(gateway, "printer-2")
        printer.paper("out")
        await until(
            lambda: b"out" in gateway.reads.one("SELECT state FROM devices WHERE device='printer-1'")["state"].encode()
        )
        await order(gateway, slip="coupon")
        await ends(gateway, "printed")
        assert [command["args"]["job"] for command in other.told()] == ["o-1"]
        assert printer.told() == []
    other.stop()


async def test_a_slip_that_cannot_be_drawn_is_said_aloud_and_stops_nobody(
    mosquitto: Broker, printer: Printer, tmp_path: Path
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        await gateway.decide(printing.order, job="bad", slip="receipt", values={}, printer="printer-1")
        await order(gateway)
        await ends(gateway, "printed")
        assert state(gateway, "bad") == "failed"
        assert len(printer.told()) == 1


async def test_a_retired_process_is_not_waited_for(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    """Stopping while a printer is silent takes no longer than an unlock may."""
    printer.answer = lambda _: None
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1000) as gateway:
        await ready(gateway)
        await order(gateway)
        await until(printer.told)
    assert state_of(tmp_path) == "printing"


def state_of(folder: Path) -> str:
    from tests.faults.house import read

    return str(read(folder / "storekeeper.db", "SELECT state FROM print_jobs")[0]["state"])


async def test_a_queue_that_fails_begins_again(mosquitto: Broker, printer: Printer, tmp_path: Path) -> None:
    printer.paper()
    async with running(mosquitto, tmp_path) as gateway:
        await ready(gateway)
        render, failures = gateway.devices.spooler._render, []

        def fails_once(attempt: Any) -> dict[str, Any]:
            if not failures:
                failures.append(attempt)
                raise RuntimeError("a fault of ours")
            return render(attempt)

        gateway.devices.spooler._render = fails_once
        await order(gateway)
        await ends(gateway, "printed")
        assert failures
        assert len(printer.told()) == 1
