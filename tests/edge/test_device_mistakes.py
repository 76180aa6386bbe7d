"""What a device says wrongly costs what is wrong of it, and nobody else anything."""

from __future__ import annotations

import base64
import io
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from edge.bootstrap.gateway import _check_devices, open_gateway
from edge.gateway.quotas import HELD_S, Quotas
from edge.settings.quotas import Quota, QuotaSettings
from tests.edge.conftest import Puppet, facts, settings_for, until
from tests.edge.test_lockers import BANK, PuppetBank

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway


def seen(gateway: Gateway, device: str = "cart-01") -> dict[str, Any]:
    return next(view.state for view in gateway.devices.views() if view.id == device)


def no_time_passes(gateway: Gateway) -> None:
    """For its quotas: nothing of what is used up comes back, however slow this machine is."""
    now = time.monotonic()
    gateway.devices.ingest._quotas._clock = lambda: now


def needs(gateway: Gateway) -> dict[str, dict[str, Any]]:
    return {need.kind: {"device": need.device, **need.details} for need in gateway.devices.mistakes.needs(0)}


async def test_a_device_of_another_kind_is_told_to_staff(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].online)
        assert "device_other_kind" not in needs(gateway)
        puppet.send("status", {"online": True, "boot": puppet.boot, "kind": "printer"})
        await until(lambda: "device_other_kind" in needs(gateway))
        assert needs(gateway)["device_other_kind"] == {"device": "cart-01", "said": "printer", "ours": "cart"}
        puppet.send("status", {"online": True, "boot": puppet.boot, "kind": "cart"})
        await until(lambda: "device_other_kind" not in needs(gateway))


@pytest.mark.parametrize(
    "seq", [2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -1, 0, 1.5, "1", True, None, 10**400], ids=str
)
async def test_a_number_out_of_range_never_reaches_the_journal(
    broker: Broker, tmp_path: Path, puppet: Puppet, seq: Any
) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        dropped = gateway.devices.bus.dropped["malformed"]
        for _ in range(2):
            puppet.send("event", {"boot": puppet.boot, "seq": seq, "at": "x", "type": "t"})
        await until(lambda: gateway.devices.bus.dropped["malformed"] == dropped + 2)
        puppet.event(1)
        await until(lambda: 1 in puppet.acks())
        assert [body["seq"] for body in facts(gateway, "device.reported.v1")] == [1]
        assert needs(gateway)["device_unreadable"]["device"] == "cart-01"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ('"battery":NaN', "battery"), ('"battery":"0.5"', "battery"), ('"battery":85', "battery"),
        ('"battery":1e999', "battery"), ('"battery":0,5', "battery"),
        ('"battery":-Infinity', "battery"), ('"battery":' + "[" * 17 + "]" * 17, "battery"),
        ('"cover":"a\\u0000b"', "cover"), ('"paper":"PLENTY"', "paper"), ('"online":1', "online"),
        ('"camera":{"sharpness":"x"}', "camera.sharpness"), ('"doors":[1]', "doors"),
    ],
)  # fmt: skip
async def test_a_wrong_field_of_a_state_costs_that_field_alone(
    broker: Broker, tmp_path: Path, puppet: Puppet, wrong: str, field: str
) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        body = f'{{"boot":"{puppet.boot}","at":"","lock":"jammed","docked":false,{wrong}}}'
        puppet.send("state", body.encode())
        await until(lambda: seen(gateway).get("lock") == "jammed")
        assert seen(gateway)["docked"] is False
        await until(lambda: gateway.reads.one("SELECT docked FROM carts WHERE cart='cart-01'")["docked"] == 0)
        assert needs(gateway)["device_nonsense"] == {"device": "cart-01", "fields": field}
        assert gateway.devices.mistakes.counts["cart-01", "wrong"] == 1
        puppet.state(lock="locked")
        await until(lambda: seen(gateway).get("lock") == "locked")
        assert "device_nonsense" not in needs(gateway), "it is well again"


async def test_a_lock_that_nobody_knows_is_unknown(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        puppet.send("state", {"boot": puppet.boot, "at": "", "lock": "LOCKED", "docked": True, "battery": 0.25})
        await until(lambda: seen(gateway).get("battery") == 0.25)
        await until(lambda: gateway.reads.one("SELECT lock FROM carts WHERE cart='cart-01'")["lock"] == "unknown")


async def test_a_wrong_door_costs_that_door_s_field(broker: Broker, tmp_path: Path) -> None:
    bank = PuppetBank(broker)
    try:
        async with open_gateway(settings_for(broker, tmp_path)) as gateway:
            await until(lambda: gateway.devices.ingest.live[BANK].state)
            doors = {
                "01": {"lock": "jammed", "door": "AJAR", "occupied": True},
                "02": 7,
                "03": {"lock": "jammed", "door": "closed", "occupied": "yes"},
            }
            bank.send("state", {"boot": bank.boot, "at": "", "doors": doors})
            await until(
                lambda: gateway.reads.one("SELECT lock FROM doors WHERE bank=? AND door='03'", BANK)["lock"] == "jammed"
            )
            row = gateway.reads.one("SELECT lock, shut FROM doors WHERE bank=? AND door='01'", BANK)
            assert (row["lock"], row["shut"]) == ("jammed", "unknown")
            assert needs(gateway)["device_nonsense"]["fields"] == "doors.01.door, doors.02, doors.03.occupied"
    finally:
        bank.stop()


@pytest.mark.parametrize(
    "rest",
    [
        b'"data":' + b'{"a":' * 950 + b"1" + b"}" * 950,
        b'"data":{"x":NaN}',
        b'"data":{"x":"\\u0000"}',
        b'"data":{"x":18446744073709551616}',
        b'"data":[1]',
        b'"data":{"x":"\xff"}',
        b'"data":{"x":1e999}',
        b'"nothing":1',
        b'"data":{"x":' + b"9" * 5000 + b"}",
    ],
    ids=lambda rest: repr(rest[:24]),
)
async def test_an_event_whose_rest_is_wrong_is_taken_as_rejected(
    broker: Broker, tmp_path: Path, puppet: Puppet, rest: bytes
) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        kind = b"" if rest == b'"nothing":1' else b'"type":"t",'
        body = b'{"boot":"%s","seq":1,"at":"",%s%s}' % (puppet.boot.encode(), kind, rest)
        puppet.send("event", body)
        await until(lambda: 1 in puppet.acks())
        (fact,) = facts(gateway, "device.event_rejected.v1")
        assert (fact["device"], fact["seq"], fact["length"]) == ("cart-01", 1, len(body))
        puppet.event(2)
        await until(lambda: 2 in puppet.acks())
        assert [body["seq"] for body in facts(gateway, "device.reported.v1")] == [2]


async def test_a_flood_of_large_events_makes_the_journal_no_larger_than_its_quota(
    broker: Broker, tmp_path: Path, puppet: Puppet
) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        no_time_passes(gateway)
        for seq in range(1, 201):
            puppet.event(seq, blob="x" * 60_000)
        await until(lambda: gateway.devices.mistakes.counts["cart-01", "held"] > 150)
        await until(puppet.acks)
        kept = sum(len(row["body"]) for row in gateway.reads.all("SELECT body FROM entries"))
        assert kept < 800_000, "its quota, and not twelve megabytes"
        assert max(puppet.acks()) < 15
        assert needs(gateway)["device_floods"]["device"] == "cart-01"
        assert b"device_mistakes" in metrics_of(gateway)


def metrics_of(gateway: Gateway) -> bytes:
    from edge.web.rendering import environment
    from edge.web.web import Web

    return Web(gateway.parts, environment([])).metrics.text()


async def test_a_backlog_of_an_outage_drains_at_once(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        for seq in range(1, 201):
            puppet.event(seq)
        await until(lambda: 200 in puppet.acks())
        assert not [count for (_, what), count in gateway.devices.mistakes.counts.items() if what == "held"]


async def test_states_beyond_the_quota_become_the_newest(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    settings = settings_for(broker, tmp_path)
    quotas = QuotaSettings(cart=Quota(messages=30, bytes=1_000_000, facts=1000))
    async with open_gateway(settings.model_copy(update={"quotas": quotas})) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        no_time_passes(gateway)
        for number in range(100):
            puppet.state(lock="jammed" if number % 2 else "locked")
        puppet.state(lock="unlocked")
        await until(lambda: gateway.devices.mistakes.counts["cart-01", "coalesced"] > 50)
        gateway.devices.ingest._quotas._clock = time.monotonic
        await until(lambda: seen(gateway).get("lock") == "unlocked")
        assert len(facts(gateway, "cart.seen.v1")) < 40


async def test_what_a_device_refuses_is_counted_and_shown(broker: Broker, tmp_path: Path, puppet: Puppet) -> None:
    from device_drivers.contract import Find, Unlock

    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-01"].state)
        import uuid

        for order, reason in ((Find(1), "bad_args"), (Unlock(), "not_docked")):
            puppet.answer = lambda _, reason=reason: {"outcome": "refused", "reason": reason}  # type: ignore[misc]
            fence = int(time.time())
            await gateway.devices.bus.call("cart-01", order, id=str(uuid.uuid4()), fence=fence, ttl_ms=60_000)
        assert gateway.devices.mistakes.refusals == {
            ("cart-01", "find", "bad_args"): 1,
            ("cart-01", "unlock", "not_docked"): 1,
        }
        shown = [need.details["verb"] for need in gateway.devices.mistakes.needs(0) if need.kind == "device_refuses"]
        assert shown == ["find"], "who took the cart says the other"
        assert b'storekeeper_device_refusals_total{device="cart-01",reason="bad_args",verb="find"} 1.0' in metrics_of(
            gateway
        )


async def test_settings_that_a_driver_does_not_take_are_told_staff(broker: Broker, tmp_path: Path) -> None:
    said = ['devices.toml:12: dialect: expected one of cu48, cu48b, cu16; found "x"']
    async with open_gateway(settings_for(broker, tmp_path)) as gateway:
        assert gateway.parts.ready().journal
        await _check_devices(gateway, lambda: {"cart-01": said})
        assert needs(gateway)["device_misset"] == {"device": "cart-01", "said": said[0]}


class Backlog:
    """A device that keeps its events until they are acknowledged, and sends all of them again, ever more rarely."""

    def __init__(self, count: int, size: int) -> None:
        self.now = 0.0
        self.left = list(range(1, count + 1))
        self.size = size
        self.taken: list[int] = []

    def run(self, quotas: Quotas, kind: str, seconds: float) -> None:
        wait = 3.0
        while self.left and self.now < seconds:
            taken = 0
            for seq in list(self.left):
                if not quotas.take_event("d", kind, self.size, "b", seq):
                    continue
                last = self.taken[-1] if self.taken else 0
                assert seq == last + 1, "in order, nothing skipped"
                self.taken.append(seq)
                quotas.wrote("d", 1)
                self.left.remove(seq)
                taken += 1
            wait = 3.0 if taken else min(wait * 2, 60.0)
            self.now += wait


@pytest.mark.parametrize(("kind", "count", "size"), [("cart", 200, 200), ("cart", 2000, 200), ("scanner", 2000, 900)])
def test_any_backlog_drains_in_order_and_nothing_is_lost(kind: str, count: int, size: int) -> None:
    device = Backlog(count, size)
    device.run(Quotas(QuotaSettings(), lambda: device.now), kind, 3600)
    assert device.taken == list(range(1, count + 1))
    assert device.now < count / 3, "at the pace of the quota"


def test_an_event_that_its_device_gave_up_holds_nothing_up_for_ever() -> None:
    now = [0.0]
    quotas = Quotas(QuotaSettings(cart=Quota(messages=1, bytes=1000, facts=10)), lambda: now[0])
    assert quotas.take_event("d", "cart", 10, "b", 1)
    assert not quotas.take_event("d", "cart", 10, "b", 2)
    now[0] = 70.0
    assert not quotas.take_event("d", "cart", 10, "b", 3), "two comes first"
    now[0] = HELD_S + 1
    assert quotas.take_event("d", "cart", 10, "b", 3)


def test_a_till_a_chattering_bank_and_a_camera_never_meet_their_quota() -> None:
    now = [0.0]
    quotas = Quotas(QuotaSettings(), lambda: now[0])
    for second in range(600):
        now[0] = float(second)
        for number in range(2):  # a busy till: two codes a second
            assert quotas.take_event("till", "scanner", 600, "b", 2 * second + number + 1)
            quotas.wrote("till", 2)
        for _ in range(10):  # forty doors, ten changes a second
            assert quotas.take("bank", "locker", 2600) == 0
            quotas.wrote("bank", 1)
        if second % 5 == 0:
            assert quotas.take("cart", "cart", 200) == 0


def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG", optimize=True)
    return out.getvalue()


WHOLE = picture(320, 240)


@pytest.mark.parametrize(
    "png",
    [b"", b"hello", b"GIF89a", b"<svg onload='x'/>", WHOLE[:8], WHOLE[:-20], picture(12_000, 9_000)],
    ids=["empty", "text", "gif", "svg", "head", "cut", "108 MP"],
)
async def test_a_screen_that_answers_something_else_has_no_picture(broker: Broker, tmp_path: Path, png: bytes) -> None:
    screen = Puppet(broker, "screen-fresh")
    try:
        async with open_gateway(settings_for(broker, tmp_path)) as gateway:
            await until(lambda: gateway.devices.ingest.live["screen-fresh"].state)
            for answer, wanted in ((png, None), (WHOLE, WHOLE)):
                observed = {"png": base64.b64encode(answer).decode()}
                screen.answer = lambda _, observed=observed: {"outcome": "done", "observed": observed}  # type: ignore[misc]
                assert await gateway.devices.snapshot("screen-fresh") == wanted
    finally:
        screen.stop()
