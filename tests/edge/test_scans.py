"""Scanner events through a whole gateway: meaning, decision, screen; and what the journal is not told."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import Event, State
from edge.bootstrap.gateway import open_gateway
from edge.domain.members import passes, queries, sessions
from edge.errors import Refusal
from edge.gateway.scans import waited_s
from tests.callers import by
from tests.edge.conftest import Puppet, facts, join, running, settings_for, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

SCANNER = "scanner-checkout"
SCREEN = "screen-checkout"


class Device(Puppet):
    """A scanner or a screen in the hands of a test."""

    def __init__(self, broker: Broker, device: str, kind: str) -> None:
        self._kind = kind
        self._seq = 0
        super().__init__(broker, device)

    def state(self, *_: Any, **__: Any) -> None:
        self.send("state", {"boot": self.boot, "at": "", "online": True})

    def scan(self, text: str, symbology: str | None = "qr", **more: Any) -> int:
        self._seq += 1
        body = {"boot": self.boot, "seq": self._seq, "at": "2026-01-01T00:00:00.000Z", "type": "scanned"}
        self.send("event", {**body, "data": {"text": text, "symbology": symbology, **more}})
        return self._seq

    def scenes(self) -> list[dict[str, Any]]:
        return [body["args"]["scene"] for body in self.told() if body["verb"] == "show"]


@pytest.fixture
def scanner(broker: Broker) -> Iterator[Device]:
    made = Device(broker, SCANNER, "scanner")
    yield made
    made.stop()


@pytest.fixture
def screen(broker: Broker) -> Iterator[Device]:
    made = Device(broker, SCREEN, "screen")
    yield made
    made.stop()


@asynccontextmanager
async def here(broker: Broker, data: Path) -> AsyncIterator[Gateway]:
    """The example store with a scanner and a screen at its checkout."""
    settings = settings_for(broker, data)
    cart = next(device for device in settings.devices if device.id == "cart-01")
    more = [cart.model_copy(update={"id": SCANNER, "kind": "scanner", "zone": "checkout"})]
    more.append(cart.model_copy(update={"id": SCREEN, "kind": "screen", "zone": "checkout"}))
    async with open_gateway(settings.model_copy(update={"devices": (*settings.devices, *more)})) as gateway:
        await until(lambda: gateway.devices.bus.connected)
        yield gateway


async def member_code(gateway: Gateway, member: str, ahead_s: float = 0) -> str:
    name = await gateway.decide(
        sessions.issue_pass, caller=by(member), fresh=gateway.lookup.passes.fresh(member.encode())
    )
    return gateway.lookup.passes.code(name, int((time.time() + ahead_s) * 1000))


async def read(gateway: Gateway, scanner: Device, text: str, symbology: str | None = "qr") -> dict[str, Any]:
    """The fact that a code becomes."""
    before = len(facts(gateway, "code.read.v1"))
    seq = scanner.scan(text, symbology)
    await until(lambda: seq in scanner.acks())
    found = facts(gateway, "code.read.v1")
    assert len(found) == before + 1
    return found[-1]


async def test_what_was_scanned_is_a_fact_and_stands_on_the_screen(
    broker: Broker, tmp_path: Path, scanner: Device, screen: Device
) -> None:
    async with here(broker, tmp_path) as gateway:
        fact = await read(gateway, scanner, gateway.devices.url(gateway.lookup.codes.static("poster-door")))
        assert (fact["kind"], fact["zone"], fact["readings"][0]["touchpoint"]) == (
            "touchpoint",
            "checkout",
            "poster-door",
        )
        scene = (await until(screen.scenes))[0]
        assert scene["title"]["en"] == "Poster at the door"
        assert scene["type"] == "notice"


async def test_every_kind_of_code_has_a_scene_of_its_own(
    broker: Broker, tmp_path: Path, scanner: Device, screen: Device
) -> None:
    async with here(broker, tmp_path) as gateway:
        own = gateway.devices.url
        codes = gateway.lookup.codes
        wanted = {
            "134567890123456789": ("till", "basket"),
            "upi://pay?pa=shop@bank": ("till", "basket"),
            "BCD\n002\n1\nSCT\n\nShop\nDE33100205000001194700": ("till", "basket"),
            "HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC": ("shield", ""),
            own(codes.static("locker-a")): ("locker", "lockers"),
            own(codes.static("cart-01")): ("basket", ""),
            "https://example.com/somebody": ("globe", ""),
            "WIFI:T:WPA;S:home;P:secret;;": ("globe", ""),
            "BEGIN:VCARD\nN:Wang\nEND:VCARD": ("person", ""),
            "4012345678901": ("lens", "search"),
        }
        for number, (text, sign) in enumerate(wanted.items(), 1):
            await read(gateway, scanner, text)
            scene = (await until(lambda number=number: screen.scenes()[number - 1 :]))[0]  # type: ignore[misc]
            assert (scene.get("sign", ""), scene.get("way", "")) == sign, text


async def test_no_secret_reaches_the_journal(broker: Broker, tmp_path: Path, scanner: Device) -> None:
    secrets = {
        "134567890123456789": "payment",
        "BCD\n002\n1\nSCT\n\nShop\nDE33100205000001194700": "payment",
        "HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC": "unknown",
        "WIFI:T:WPA;S:home;P:my-secret-password;;": "unknown",
        "BEGIN:VCARD\nN:Wang\nTEL:13912345678\nEND:VCARD": "unknown",
        "13912345678": "unknown",
        "https://example.com/private/token-abcdef": "unknown",
    }
    async with here(broker, tmp_path) as gateway:
        member = await join(gateway)
        for text, kind in secrets.items():
            assert (await read(gateway, scanner, text))["kind"] == kind
        code = await member_code(gateway, member)
        await read(gateway, scanner, code)
        bodies = b"".join(row["body"] for row in gateway.reads.all("SELECT body FROM entries"))
        for part in (*secrets, "DE33100205000001194700", "my-secret-password", "13912345678", "token-abcdef", code):
            assert part.encode() not in bodies


@pytest.mark.parametrize(
    ("boot", "at", "up_ms", "seconds"),
    [
        ("b1", "2026-11-22T10:00:00.000Z", 1_000_000, 0),
        ("b1", "2026-11-22T10:00:20.000Z", 1_020_000, 0),
        ("b1", "2026-11-22T09:55:00.000Z", 1_000_000, 300),
        ("b1", "2026-11-22T10:01:00.000Z", 1_300_000, 240),
        ("b0", "2026-11-22T09:00:00+00:00", 5_000, 3600),
        ("b1", "2026-11-22T09:00:00.000Z", None, 0),
        ("b1", "noon", 1_000_000, 0),
        ("b1", "2026-11-22T09:00:00", 1_000_000, 0),
    ],
)
def test_how_long_a_scan_waited_is_told_by_its_device(boot: str, at: str, up_ms: int | None, seconds: float) -> None:
    state = State("b1", "2026-11-22T10:00:00.000Z", up_ms=1_000_000)
    assert waited_s(Event(boot, 1, at, "scanned", {}, up_ms), state) == seconds
    assert waited_s(Event(boot, 1, at, "scanned", {}, up_ms), None) == 0


@pytest.mark.parametrize(
    ("at", "since_s", "seconds"),
    [
        ("2026-11-22T10:00:05.000Z", 5, 0),
        ("2026-11-22T09:55:00.000Z", 5, 305),
        ("2026-11-22T09:55:00.000Z", None, 0),
        ("2026-11-22T09:55:00.000Z", 61, 0),
        ("noon", 5, 0),
    ],
)
def test_of_a_device_without_uptime_what_it_said_just_now_counts(
    at: str, since_s: float | None, seconds: float
) -> None:
    state = State("b1", "2026-11-22T10:00:00.000Z")
    assert waited_s(Event("b1", 1, at, "scanned", {}), state, since_s) == seconds
    assert waited_s(Event("b1", 1, at, "scanned", {}, 5), state, since_s) == 0
    assert waited_s(Event("b1", 1, at, "scanned", {}), State("b1", state.at, up_ms=5), since_s) == 0


@pytest.mark.parametrize("up", [{"up_ms": 1_000_000}, {}], ids=["contract 1.1", "contract 1.0"])
async def test_what_was_scanned_while_nobody_listened_is_a_fact_and_no_more(
    broker: Broker, tmp_path: Path, scanner: Device, screen: Device, up: dict[str, int]
) -> None:
    async with here(broker, tmp_path) as gateway:
        at = {"at": "2026-11-22T10:05:00.000Z", **up}
        scanner.send("state", {"boot": scanner.boot, "online": True, **at})
        await until(lambda: gateway.devices.ingest.live[SCANNER].state is not None)
        for seq, when in enumerate(("2026-11-22T10:00:00.000Z", "2026-11-22T10:05:00.000Z"), 1):
            told = {"boot": scanner.boot, "seq": seq, **at, "at": when, "type": "scanned"}
            scanner.send("event", {**told, "data": {"text": ("WIFI:S:old;;", "tel:+8613800138000")[seq - 1]}})
            await until(lambda seq=seq: seq in scanner.acks())
        assert len(facts(gateway, "code.read.v1")) == 2
        await until(lambda: bool(screen.scenes()))
        (scene,) = screen.scenes()
        assert scene["sign"] == "phone"


async def test_a_members_code_greets_once_also_after_a_restart(
    broker: Broker, tmp_path: Path, scanner: Device, screen: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (passes, queries):
        monkeypatch.setattr(module, "LIFE_S", 600)  # a restart may be slow, as this machine is
    async with here(broker, tmp_path) as gateway:
        member = await join(gateway)
        code = await member_code(gateway, member)
        later = await member_code(gateway, member, ahead_s=2)
        fact = await read(gateway, scanner, code)
        assert (fact["member"], fact.get("refused", "")) == (member, "")
        await until(lambda: any(scene["title"]["en"] == "Welcome back" for scene in screen.scenes()))
        assert (await read(gateway, scanner, code))["refused"] == "code_used"
        assert len(facts(gateway, "code.used.v1")) == 1
    async with here(broker, tmp_path) as gateway:
        await until(lambda: gateway.devices.ingest.live)
        assert (await read(gateway, scanner, code))["refused"] == "code_used"
        assert (await read(gateway, scanner, later))["member"] == member
        assert (await read(gateway, scanner, code))["refused"] == "code_used"


async def test_an_action_that_fails_does_not_burn_the_code(broker: Broker, tmp_path: Path) -> None:
    async with running(broker, tmp_path) as gateway:
        member = await join(gateway)
        code = await member_code(gateway, member)
        shown = gateway.lookup.passes.read(code, int(time.time() * 1000))
        assert shown is not None

        def jammed(tx: Any) -> None:
            sessions.use_code(tx, shown, purpose="unlock", at="cart-01")
            raise tx.refuse("cart_jammed")

        with pytest.raises(Refusal, match="cart_jammed"):
            await gateway.decide(jammed)
        assert await gateway.decide(sessions.use_code, shown, purpose="unlock", at="cart-01") == member
        with pytest.raises(Refusal, match="code_used"):
            await gateway.decide(sessions.use_code, shown, purpose="unlock", at="cart-01")


async def test_a_repeated_event_is_one_reading(broker: Broker, tmp_path: Path, scanner: Device) -> None:
    async with here(broker, tmp_path) as gateway:
        body = {"boot": scanner.boot, "seq": 1, "at": "", "type": "scanned", "data": {"text": "6901234567892"}}
        for _ in range(3):
            scanner.send("event", body)
        await until(lambda: scanner.acks().count(1) == 3)
        assert len(facts(gateway, "code.read.v1")) == 1


@pytest.mark.parametrize(
    "data",
    [{"text": 7}, {"text": None, "bytes": "zz"}, {"text": "\x00\x1d" * 3000}, {"symbology": ["qr"], "text": ""}],
)
async def test_an_event_that_breaks_the_contract_is_taken_as_rejected(
    broker: Broker, tmp_path: Path, scanner: Device, data: dict[str, Any]
) -> None:
    async with here(broker, tmp_path) as gateway:
        scanner.send("event", {"boot": scanner.boot, "seq": 1, "at": "", "type": "scanned", "data": data})
        await until(lambda: 1 in scanner.acks())
        assert facts(gateway, "code.read.v1") == []
        (fact,) = facts(gateway, "device.event_rejected.v1")
        sent = json.dumps({"boot": scanner.boot, "seq": 1, "at": "", "type": "scanned", "data": data}).encode()
        assert (fact["seq"], fact["length"]) == (1, len(sent))
        assert fact["sha256"] == hashlib.sha256(sent).hexdigest()
        scanner.send("event", {"boot": scanner.boot, "seq": 2, "at": "", "type": "scanned", "data": {}})
        await until(lambda: 2 in scanner.acks())
        assert [fact["kind"] for fact in facts(gateway, "code.read.v1")] == ["unknown"]
