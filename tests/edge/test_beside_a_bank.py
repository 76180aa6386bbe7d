"""What stands beside a locker bank: a scanner that opens doors, a screen that takes digits, a printer for the slip."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import BankKeypad
from edge.bootstrap.gateway import open_gateway
from edge.domain.devices import queries as devices
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import scans as locker_scans
from edge.domain.printing import queries as print_queries
from edge.settings.settings import DeviceSettings
from tests.callers import by, stands_alone
from tests.edge.conftest import join, online, settings_for, until
from tests.edge.test_lockers import BANK, PuppetBank
from tests.edge.test_spooler import Printer
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

LABEL = {"zh-CN": "柜边", "en": "beside"}


class Scanner(Printer):
    """Reads what a test holds before it."""

    def scan(self, seq: int, text: str) -> None:
        data = {"symbology": "qr", "text": text}
        at = "2026-01-01T00:00:00.000Z"
        self.send("event", {"boot": self.boot, "seq": seq, "at": at, "type": "scanned", "data": data})


@pytest.fixture
def bank(mosquitto: Broker) -> Iterator[PuppetBank]:
    made = PuppetBank(mosquitto)
    yield made
    made.stop()


@pytest.fixture
def scanner(mosquitto: Broker) -> Iterator[Scanner]:
    made = Scanner(mosquitto, "scanner-a")
    yield made
    made.stop()


def beside(kind: Any, device: str, bank: str | None) -> DeviceSettings:
    return DeviceSettings(id=device, kind=kind, zone="checkout", label=LABEL, at=(1.0, 1.0), attached_to=bank)  # type: ignore[arg-type]


@pytest.fixture
async def gateway(mosquitto: Broker, tmp_path: Path, bank: PuppetBank, scanner: Scanner) -> AsyncIterator[Gateway]:  # noqa: ARG001 - both are on the bus
    settings = settings_for(mosquitto, tmp_path)
    more = (
        beside("scanner", "scanner-a", BANK),
        beside("scanner", "scanner-till", None),
        beside("screen", "screen-a", BANK),
    )
    async with open_gateway(settings.model_copy(update={"devices": (*settings.devices, *more)})) as running:
        await until(lambda: online(running, BANK))
        yield running


async def keep(gateway: Gateway, bank: PuppetBank, **more: Any) -> tuple[str, str, str]:
    """A parcel behind its door: its name, its door, its seed."""
    member = await join(gateway)
    opening = await gateway.decide(
        lockers.deposit,
        codes=gateway.lookup.codes,
        bank=BANK,
        size="S",
        caller=by(member),
        request=str(uuid.uuid4()),
        **more,
    )
    await until(lambda: any(body["id"] == opening.id for body in bank.commands()))
    bank.opens(opening.door)
    await until(lambda: state(gateway, opening.parcel) == "filling")
    bank.closes(opening.door, occupied=True)
    await until(lambda: state(gateway, opening.parcel) == "kept")
    row = gateway.reads.one("SELECT seed FROM parcels WHERE parcel=?", opening.parcel)
    assert row is not None
    return str(opening.parcel), opening.door, row["seed"]


def state(gateway: Gateway, parcel: str | None) -> str | None:
    row = gateway.reads.one("SELECT state FROM parcels WHERE parcel=?", parcel)
    return row["state"] if row else None


def told(bank: PuppetBank) -> set[str]:
    """Every command once, however often it was sent."""
    return {command["id"] for command in bank.commands()}


def refusals(gateway: Gateway) -> list[str]:
    rows = gateway.reads.all("SELECT body FROM entries WHERE type='locker.scan_refused.v1'")
    return [row["body"].decode() for row in rows]


async def test_a_collect_code_before_the_scanner_opens_its_door_and_stays_out_of_the_journal(
    gateway: Gateway, bank: PuppetBank, scanner: Scanner
) -> None:
    parcel, door, seed = await keep(gateway, bank)
    code = gateway.lookup.codes.collect(BANK, seed)
    before = len(told(bank))
    scanner.scan(1, gateway.devices.url(code))
    await until(lambda: len(told(bank)) == before + 1)
    assert bank.commands()[-1]["args"] == {"door": door}
    bank.opens(door)
    await until(lambda: state(gateway, parcel) == "taking")
    await until(lambda: gateway.reads.one("SELECT shut FROM doors WHERE door=?", door)["shut"] == "open")
    scanner.scan(2, gateway.devices.url(code))  # still held there
    await until(lambda: 2 in scanner.acks())
    assert len(told(bank)) == before + 1
    assert not refusals(gateway)
    bodies = b"".join(row["body"] for row in gateway.reads.all("SELECT body FROM entries"))
    assert code.encode() not in bodies


async def test_a_code_that_opens_nothing_says_why(gateway: Gateway, bank: PuppetBank, scanner: Scanner) -> None:
    _, _, seed = await keep(gateway, bank)
    before = len(told(bank))
    genuine = gateway.lookup.codes.collect(BANK, seed)
    scanner.scan(1, genuine[:-1] + ("a" if genuine[-1] != "a" else "b"))
    scanner.scan(2, gateway.lookup.codes.collect("locker-b", "abcdefghijkl"))
    scanner.scan(3, gateway.lookup.codes.collect(BANK, "abcdefghijkl"))
    scanner.scan(4, "6901234567892")
    await until(lambda: 4 in scanner.acks())
    reasons = [body.partition('"reason":"')[2].partition('"')[0] for body in refusals(gateway)]
    assert reasons == ["code_tampered", "parcel_elsewhere", "parcel_unknown"]
    assert len(told(bank)) == before


async def test_a_scanner_opens_no_door_before_its_late_fee_was_told(
    gateway: Gateway, bank: PuppetBank, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, seed = await keep(gateway, bank)
    before = len(told(bank))
    monkeypatch.setattr(locker_scans, "fee", lambda *_: 400)  # what a day later would be due
    shown: list[Any] = []
    monkeypatch.setattr(gateway.devices.scans, "_show", lambda _, scene: shown.append(scene))
    scanner.scan(1, gateway.lookup.codes.collect(BANK, seed))
    await until(lambda: 1 in scanner.acks())
    assert "parcel_late" in refusals(gateway)[0]
    assert shown[0].note["en"].startswith("A late fee is due: ")
    assert len(told(bank)) == before


async def test_a_scanner_at_a_till_opens_no_locker(gateway: Gateway, bank: PuppetBank, mosquitto: Broker) -> None:
    _, _, seed = await keep(gateway, bank)
    before = len(told(bank))
    till = Scanner(mosquitto, "scanner-till")
    till.scan(1, gateway.lookup.codes.collect(BANK, seed))
    await until(lambda: 1 in till.acks())
    till.stop()
    assert len(told(bank)) == before
    assert not refusals(gateway)


async def test_the_slip_has_the_code_and_the_journal_has_not(
    gateway: Gateway, bank: PuppetBank, mosquitto: Broker
) -> None:
    printer = Printer(mosquitto, "printer-1")
    printer.paper()
    await until(lambda: online(gateway, "printer-1"))
    _, door, seed = await keep(gateway, bank, slip="en")
    await until(printer.told)
    lines = printer.told()[0]["args"]["document"]["lines"]
    text = str(lines)
    digits = gateway.lookup.codes.digits(seed)
    assert f"{digits[:3]} {digits[3:]}" in text
    assert door in text
    assert gateway.devices.url(gateway.lookup.codes.collect(BANK, seed)) in text
    printer.stop()
    bodies = b"".join(row["body"] for row in gateway.reads.all("SELECT body FROM entries"))
    for secret in (f"{digits[:3]} {digits[3:]}", gateway.lookup.codes.collect(BANK, seed)):
        assert secret.encode() not in bodies
    assert not stands_alone(digits, bodies.decode())
    # Staff see a picture of the slip, and no code in it.
    (job,) = print_queries.jobs(gateway.reads, "WHERE slip='locker'")
    assert f"{digits[:3]} {digits[3:]}" not in (shown := str(gateway.devices.slips.of_job(job)))
    assert "••• •••" in shown


async def test_the_screen_beside_a_bank_is_told_to_take_digits(gateway: Gateway) -> None:
    screen = devices.device(gateway.reads, "screen-a")
    assert screen is not None
    scene = parse(msgspec.json.encode(gateway.devices.signage._body(screen, 0)))
    assert isinstance(scene, BankKeypad)
    assert scene.bank.code == gateway.lookup.codes.keypad(BANK, "screen-a"), "its own code, which no phone is told"
    assert scene.bank.url == f"http://store.test/t/{gateway.lookup.codes.static(BANK)}"
    assert scene.bank.gateway == "http://store.test"


@pytest.mark.parametrize("key", ["attached_to", "beside"])
def test_the_bank_is_named_by_either_word(key: str) -> None:
    table = {"id": "scanner-a", "kind": "scanner", "zone": "checkout", "label": LABEL, "at": (1.0, 1.0), key: BANK}
    assert DeviceSettings.model_validate(table).attached_to == BANK
