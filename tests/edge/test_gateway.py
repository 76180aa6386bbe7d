"""Decide, commit, carry out, record: the gateway with real brokers, and devices at their worst."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import time
import uuid
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from device_drivers.contract import UP_MS, Channel, DeviceId, State, Status
from edge.bus import Received
from edge.domain.carts.decisions import Grant
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import ClaimSource
from edge.errors import Refusal
from tests.callers import by
from tests.edge.conftest import Puppet, ask, gives_up_after, join, online, running, until

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway


def types(gateway: Gateway) -> list[str]:
    return [entry.type for entry in gateway.journal.after(0, 10_000)]


async def test_an_unlock_is_granted_sent_done_and_seen(broker: Broker, puppet: Puppet, tmp_path: Path) -> None:
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        anna = await join(gateway)
        grant = await ask(gateway, anna)
        end = await gateway.devices.outcomes.end(grant.id, 60)
        assert end is not None
        assert (end.stage, end.device, end.holder) == ("unlocked", "cart-01", anna)
        command = puppet.commands()[0]
        assert command["id"] == grant.id
        assert command["correlation"] == uuid.UUID(grant.id).bytes
        assert command["response"] == "sk/s001/cart-01/reply"
        assert (command["verb"], command["args"], command["fence"]) == ("unlock", {}, grant.fence)
        assert (command["qos"], command["retained"], command["expiry"]) == (0, False, 60)
        puppet.state("unlocked", docked=False)
        await until(lambda: gateway.devices.outcomes.progress(grant.id).stage == "seen")
        puppet.state("locked", docked=True)
        await until(lambda: "cart.returned.v1" in types(gateway))


async def test_a_lost_reply_is_asked_for_again_under_the_same_id(
    broker: Broker, puppet: Puppet, tmp_path: Path
) -> None:
    puppet.answer = lambda _: {"outcome": "done"} if len(puppet.commands()) >= 3 else None
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        grant = await ask(gateway, await join(gateway))
        assert (await gateway.devices.outcomes.end(grant.id, 60)).stage == "unlocked"
        assert {command["id"] for command in puppet.commands()} == {grant.id}
        assert len(puppet.commands()) >= 3, "and once more where the answer is slow"
        assert types(gateway).count("cart.unlocked.v1") == 1


@pytest.mark.parametrize(
    ("answer", "hop", "reason"),
    [
        ({"outcome": "failed", "reason": "jammed"}, "lock", "jammed"),
        ({"outcome": "refused", "reason": "stale_fence"}, "device", "stale_fence"),
        ({"outcome": "unknown"}, "lock", "unknown"),
        ({"outcome": "expired"}, "device", "expired"),
        (None, "device", "no_reply"),
    ],
)
async def test_a_failure_names_its_hop_and_leaves_the_shopper_free(
    mosquitto: Broker, tmp_path: Path, answer: dict[str, str] | None, hop: str, reason: str
) -> None:
    puppet = Puppet(mosquitto, "cart-03")
    puppet.answer = lambda _: answer
    async with running(mosquitto, tmp_path, unlock_ttl_ms=60_000 if answer else 1500) as gateway:
        await until(lambda: online(gateway, "cart-03"))
        anna = await join(gateway)
        end = await gateway.devices.outcomes.end((await ask(gateway, anna, "cart-03")).id, 60)
        assert (end.stage, end.hop, end.reason) == ("failed", hop, reason)
        puppet.answer = lambda _: {"outcome": "done"}
        gives_up_after(gateway, 60_000)
        again = await gateway.devices.outcomes.end((await ask(gateway, anna, "cart-03")).id, 60)
        assert again.stage == "unlocked"
    puppet.stop()


async def test_a_late_answer_is_recorded_and_nothing_is_sent_twice(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-03")
    puppet.answer = lambda _: None
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1500) as gateway:
        await until(lambda: online(gateway, "cart-03"))
        grant = await ask(gateway, await join(gateway), "cart-03")
        assert (await gateway.devices.outcomes.end(grant.id, 60)).reason == "no_reply"
        assert not gateway.devices.bus._calls, "it is said no more"
        puppet.reply({"id": grant.id, "outcome": "done"})
        await until(lambda: gateway.devices.outcomes.progress(grant.id).stage == "unlocked")
        assert not gateway.devices.bus._calls
        assert len(puppet.told()) == 1
    puppet.stop()


async def test_one_device_cannot_answer_for_another(mosquitto: Broker, tmp_path: Path) -> None:
    puppet, liar = Puppet(mosquitto, "cart-03"), Puppet(mosquitto, "cart-04")
    puppet.answer = lambda command: liar.reply({"id": command["id"], "outcome": "done"})
    async with running(mosquitto, tmp_path, unlock_ttl_ms=1500) as gateway:
        await until(lambda: online(gateway, "cart-03"))
        end = await gateway.devices.outcomes.end((await ask(gateway, await join(gateway), "cart-03")).id, 60)
        assert (end.stage, end.reason) == ("failed", "no_reply")
    puppet.stop()
    liar.stop()


async def test_a_device_that_vanishes_is_offline_and_refused_at_once(broker: Broker, tmp_path: Path) -> None:
    puppet = Puppet(broker, "cart-02")
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-02"))
        puppet.vanish()
        await until(lambda: not online(gateway, "cart-02"))
        with pytest.raises(Refusal, match="cart_away"):
            await ask(gateway, await join(gateway), "cart-02")


async def test_events_are_taken_once_and_acknowledged_after_the_commit(
    broker: Broker, puppet: Puppet, tmp_path: Path
) -> None:
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        for seq in (1, 2, 2, 1, 3):
            puppet.event(seq)
        await until(lambda: puppet.acks() and puppet.acks()[-1] == 3)
        assert types(gateway).count("device.reported.v1") == 3
        puppet.event(7)
        await until(lambda: len(puppet.acks()) >= 6)
        assert puppet.acks()[-1] == 3, "4 to 6 may only be late"


async def test_rubbish_is_counted_and_nothing_stops(broker: Broker, puppet: Puppet, tmp_path: Path) -> None:
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        before = gateway.devices.bus.dropped["malformed"]
        rubbish = (b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"boot":1}', b"[" * 5000, b"x" * 65_537)
        for payload in rubbish:
            puppet.send("event", payload)
        puppet.send("event/more", b"{}")
        puppet.event(1)
        await until(lambda: puppet.acks() == [1])
        assert gateway.devices.bus.dropped["malformed"] - before == len(rubbish)


async def test_retained_events_and_replies_are_an_attack_and_ignored(broker: Broker, tmp_path: Path) -> None:
    intruder = Puppet(broker, "cart-05")
    intruder.send("event", {"boot": "x", "seq": 1, "at": "", "type": "touched", "data": {}}, retain=True)
    intruder.send("status", {"online": True, "boot": "b"})
    await until(intruder.taken)  # before the gateway subscribes
    async with running(broker, tmp_path) as gateway:
        await until(lambda: gateway.devices.bus.dropped["retained"])
        assert "device.reported.v1" not in types(gateway)
    intruder.send("event", b"", retain=True)
    intruder.stop()


async def test_what_is_sent_as_retained_while_the_gateway_listens_is_the_same_attack(
    mosquitto: Broker, tmp_path: Path
) -> None:
    """rumqttd takes the flag off what it forwards, so nobody can see it there."""
    intruder = Puppet(mosquitto, "cart-05")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-05"))
        intruder.send("event", {"boot": "x", "seq": 1, "at": "", "type": "touched", "data": {}}, retain=True)
        await until(lambda: gateway.devices.bus.dropped["retained"])
        assert "device.reported.v1" not in types(gateway)
        intruder.event(1)
        await until(lambda: intruder.acks() == [1])
    intruder.send("event", b"", retain=True)
    intruder.stop()


async def test_a_stranger_s_messages_change_nothing(own_broker: Broker, tmp_path: Path) -> None:
    stranger = Puppet(own_broker, "cart-99")
    async with running(own_broker, tmp_path / "data") as gateway:
        before = gateway.journal.sequence
        stranger.event(1)
        stranger.state("unlocked", docked=False)
        await until(lambda: gateway.devices.ingest.foreign >= 2)
        assert gateway.journal.sequence == before
    stranger.stop()


async def test_heartbeats_are_no_facts(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-06")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-06"))
        await until(lambda: gateway.reads.one("SELECT lock FROM carts WHERE cart='cart-06'")["lock"] == "locked")
        before = gateway.journal.sequence
        for battery in range(50, 100):
            puppet.state("locked", docked=True, battery=battery / 100)
        await until(lambda: gateway.devices.ingest.live["cart-06"].state.battery == 0.99)
        assert gateway.journal.sequence == before
        assert next(view for view in gateway.devices.views() if view.id == "cart-06").battery == 0.99
    puppet.stop()


async def test_a_full_disk_stops_acknowledgements_and_recovers(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-07")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-07"))
        connection = gateway.journal._connection  # a real SQLITE_FULL, without a small disk
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        puppet.event(1, blob="x" * 60_000)
        await until(lambda: gateway.journal.pulse.held_up)
        assert not gateway.parts.ready().journal
        assert puppet.acks() == []
        connection.execute("PRAGMA max_page_count=1000000")
        await until(lambda: puppet.acks() == [1])
        assert gateway.parts.ready().journal


async def test_what_was_open_at_a_crash_lapses_and_is_never_sent(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-08")
    puppet.answer = lambda _: None
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-08"))
        # As after a crash between commit and effect: the fact is there, its order was never begun.
        gateway.after_commit._follow.clear()
        grant = await ask(gateway, await join(gateway), "cart-08")
    async with running(mosquitto, tmp_path) as gateway:
        progress = gateway.devices.outcomes.progress(grant.id)
        assert (progress.stage, progress.reason) == ("failed", "gateway_restarted")
        await until(lambda: online(gateway, "cart-08"))
        await asyncio.sleep(0.5)
        assert puppet.commands() == []
    puppet.stop()


async def test_a_broker_that_goes_away_and_comes_back(own_broker: Broker, tmp_path: Path) -> None:
    puppet = Puppet(own_broker, "cart-09")
    async with running(own_broker, tmp_path / "data", unlock_ttl_ms=4000) as gateway:
        await until(lambda: online(gateway, "cart-09"))
        anna = await join(gateway)
        os.kill(own_broker.pid, signal.SIGKILL)
        own_broker.stop()
        await until(lambda: not gateway.devices.bus.connected)
        assert not gateway.parts.ready().ready
        end = await gateway.devices.outcomes.end((await ask(gateway, anna, "cart-09")).id, 60)
        assert (end.stage, end.hop, end.reason) == ("failed", "broker", "broker_away")
        assert puppet.commands() == []
        own_broker.start()
        back = time.monotonic()
        await until(lambda: gateway.devices.bus.connected)
        await until(lambda: gateway.devices.ingest.live["cart-09"].heard > back)
        await asyncio.sleep(1)
        assert puppet.commands() == [], "nothing was queued for the cart"
        gives_up_after(gateway, 60_000)
        end = await gateway.devices.outcomes.end((await ask(gateway, anna, "cart-09")).id, 60)
        assert end.stage == "unlocked"
    puppet.stop()


async def test_messages_that_cannot_be_taken_do_not_use_up_what_the_broker_has_under_way(
    mosquitto: Broker, tmp_path: Path
) -> None:
    puppet = Puppet(mosquitto, "cart-10")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: gateway.devices.ingest.live["cart-10"].state)
        take, tried = gateway.devices.bus._on_message, []

        def spoilt(topic: str, *_: object) -> None:
            tried.append(topic)
            raise ZeroDivisionError

        gateway.devices.bus._on_message = spoilt
        with capture_logs() as said:
            for number in range(30):  # Mosquitto has 20 under way
                puppet.state(battery=number / 100)
            await until(lambda: len(tried) >= 30)
            await until(lambda: "message.not_taken" in [each["event"] for each in said])
        gateway.devices.bus._on_message = take
        puppet.state(battery=0.99)
        await until(lambda: gateway.devices.ingest.live["cart-10"].state.battery == 0.99)
    puppet.stop()


async def test_whose_status_alone_lies_there_and_who_says_nothing_is_gone_until_it_speaks(
    mosquitto: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(mosquitto, tmp_path) as gateway:
        ingest = gateway.devices.ingest
        await until(lambda: ingest._sweeping)  # the true broker's own sweep, which comes with the connection
        ingest.broker_changed(False)
        monkeypatch.setattr("edge.gateway.ingest.GRACE_S", 0)
        monkeypatch.setattr("edge.gateway.ingest.SILENT_S", 0)

        def said(device: str, body: Status | State, *, retained: bool) -> None:
            channel = Channel.STATUS if isinstance(body, Status) else Channel.STATE
            ingest.take(Received(DeviceId(device), channel, body, retained))

        back = time.monotonic()
        for device, verbs in (("cart-01", ["unlock"]), ("cart-02", ["unlock", UP_MS]), ("cart-03", ["unlock", UP_MS])):
            said(device, Status(True, "b", "cart", capabilities=tuple(verbs)), retained=True)
            said(device, State("b", lock="locked"), retained=True)
        said("cart-02", State("b", lock="locked", up_ms=7), retained=False)
        await until(lambda: all(online(gateway, f"cart-0{number}") for number in (1, 2, 3)))

        await ingest.sweep(back)
        await until(lambda: not online(gateway, "cart-01") and not online(gateway, "cart-03"))
        assert online(gateway, "cart-02"), "it speaks"

        said("cart-03", State("b", lock="locked", up_ms=8), retained=False)
        await until(lambda: online(gateway, "cart-03"))
        assert ingest.live["cart-03"].verbs == {"unlock", UP_MS}
        assert not online(gateway, "cart-01")


async def test_a_device_of_1_0_that_is_there_is_asked_and_one_that_died_with_the_broker_is_gone(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, dead = Puppet(broker), Puppet(broker, "cart-02")
    dead.present = None
    await until(lambda: there.taken() and dead.taken())
    began = time.monotonic()
    async with running(broker, tmp_path) as gateway:
        ingest = gateway.devices.ingest
        await until(lambda: online(gateway, "cart-01") and online(gateway, "cart-02"))
        await until(lambda: ingest.live["cart-01"].spoke)
        await until(lambda: dead.asked)
        assert not there.commands(), "nothing moves"
        monkeypatch.setattr("edge.gateway.ingest.GRACE_S", 0)
        monkeypatch.setattr("edge.gateway.ingest.SILENT_S", 0)
        await ingest.sweep(began)
        await until(lambda: not online(gateway, "cart-02"))
        assert online(gateway, "cart-01")
        dead.reply({"id": dead.asked[0]["id"], "outcome": "expired"})
        await until(lambda: online(gateway, "cart-02"))
    there.stop()
    dead.stop()


async def test_screens_show_their_zone_and_change_at_once(own_broker: Broker, tmp_path: Path) -> None:
    screen = Puppet(own_broker, "screen-baby")
    screen._client.subscribe("sk/s001/screen-baby/desired", 1)
    async with running(own_broker, tmp_path / "data") as gateway:
        first = await until(lambda: [body for channel, body in screen.got if channel == "desired"])
        wall = first[-1]["body"]
        raw = json.dumps(wall, separators=(",", ":"), ensure_ascii=False).encode()
        assert first[-1]["sha256"] == hashlib.sha256(raw).hexdigest()
        assert wall["zone"]["id"] == "baby"
        offered = {coupon["id"]: coupon for coupon in wall["coupons"]}
        assert len(offered) >= 4
        name, coupon = next(iter(offered.items()))
        code = coupon["url"].removeprefix("http://store.test/t/")
        touchpoint = gateway.lookup.codes.parse(code, time.time_ns() // 1_000_000)
        assert (touchpoint.id, touchpoint.coupon) == ("screen-baby", name)
        await gateway.decide(
            coupons.claim,
            coupon=name,
            caller=by(await join(gateway)),
            hand=ClaimSource("screen-baby", "1"),
            request="r",
        )

        def left() -> list[int]:
            walls = [body["body"] for channel, body in screen.got if channel == "desired"]
            return [c["left"] for c in walls[-1]["coupons"] if c["id"] == name]

        await until(lambda: left() == [coupon["left"] - 1])
        revisions = [body["revision"] for channel, body in screen.got if channel == "desired"]
        assert revisions == sorted(revisions)

        def fails() -> tuple[str, ...]:
            failed.set()
            raise ZeroDivisionError

        failed, direct = asyncio.Event(), gateway.devices.signage._direct
        gateway.devices.signage._direct = fails
        gateway.devices.signage.refresh()
        await asyncio.wait_for(failed.wait(), 60)
        gateway.devices.signage._direct = direct
        gateway.devices.signage.refresh()
        await until(lambda: [1 for channel, _ in screen.got if channel == "desired"][len(revisions) :])
    screen.stop()


async def test_two_in_the_same_millisecond_over_the_whole_gateway(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-10")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-10"))
        people = [await join(gateway, f"+86138001380{number:02}") for number in range(10)]
        results = await asyncio.gather(*(ask(gateway, person, "cart-10") for person in people), return_exceptions=True)
        grants = [result for result in results if isinstance(result, Grant)]
        assert len(grants) == 1
        await gateway.devices.outcomes.end(grants[0].id, 60)
        assert len({command["id"] for command in puppet.commands()}) == 1
    puppet.stop()


async def test_a_message_that_cannot_be_taken_stops_neither_its_device_nor_others(
    mosquitto: Broker, tmp_path: Path
) -> None:
    puppet, other = Puppet(mosquitto), Puppet(mosquitto, "cart-02")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway) and online(gateway, "cart-02"))
        acknowledge = gateway.devices.ingest._ack

        def fails_at_one(device: str, boot: str, seq: int) -> None:
            if (device, seq) == ("cart-01", 1):
                raise RuntimeError("a fault of ours")
            acknowledge(device, boot, seq)

        gateway.devices.ingest._ack = fails_at_one
        puppet.event(1)
        puppet.event(2)
        other.event(1)
        await until(lambda: 2 in puppet.acks() and 1 in other.acks())
    puppet.stop()
    other.stop()
