"""What the agent does for its driver that the contract suite cannot see from outside."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt.client import MQTTMessageInfo
from paho.mqtt.enums import MQTTErrorCode

from device_drivers import commands
from device_drivers.contract import Door, Instruction, Scanned, Unlock
from device_drivers.driver import Outcome, Result, State
from tests.device_drivers.conftest import Scripted

if TYPE_CHECKING:
    from tests.device_drivers.conftest import Bench


def test_a_driver_that_raises_fails_its_command_and_lives(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    class Clumsy(Scripted):
        def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
            if isinstance(instruction, Unlock):
                raise ZeroDivisionError("a wire came loose")
            return super().carry_out(instruction, deadline)

    _, gateway = bench.agent(Clumsy())
    reply = gateway.call("unlock")
    assert (reply["outcome"], reply["reason"]) == ("failed", "internal")
    assert "ZeroDivisionError: a wire came loose" in caplog.text
    assert "Traceback" in caplog.text
    assert gateway.call("identify")["outcome"] == "done"


def test_a_driver_whose_hardware_is_not_there_yet_is_started_again(bench: Bench) -> None:
    class Unplugged(Scripted):
        plugged = False

        def start(self, report: Any) -> None:
            if not self.plugged:
                raise OSError("no such port")
            super().start(report)

    driver = Unplugged()
    _, gateway = bench.agent(driver)
    reply = gateway.call("unlock")
    assert (reply["outcome"], reply["reason"]) == ("failed", "port_lost")
    driver.plugged = True
    assert gateway.call("unlock")["outcome"] == "done"
    assert gateway.wait("state").body["lock"] == "locked"


def test_a_blocked_driver_does_not_block_the_network(bench: Bench) -> None:
    class Slow(Scripted):
        go = threading.Event()

        def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
            self.go.wait(60)
            return super().carry_out(instruction, deadline)

    driver = Slow()
    _, gateway = bench.agent(driver)
    first = gateway.send("unlock")
    assert gateway.call("explode")["reason"] == "bad_args", "answered while the driver is busy"
    assert not [heard for heard in gateway.of("reply") if heard.body["id"] == first]
    driver.go.set()
    assert gateway.reply(first)["outcome"] == "done"


def test_more_commands_than_a_busy_driver_can_take_are_answered_busy(bench: Bench) -> None:
    class Slow(Scripted):
        go = threading.Event()

        def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
            self.go.wait(60)
            return super().carry_out(instruction, deadline)

    driver = Slow()
    _, gateway = bench.agent(driver)
    asked = [gateway.send("identify") for _ in range(commands.MAX_QUEUED + 3)]
    reply = gateway.reply(asked[-1])
    assert (reply["outcome"], reply["reason"]) == ("refused", "busy")
    driver.go.set()
    assert gateway.reply(asked[0])["outcome"] == "done"


def test_a_result_that_no_reply_can_hold_is_a_failure(bench: Bench) -> None:
    class Chatty(Scripted):
        def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
            return Result(Outcome.DONE, None, {"png": "x" * 70_000} if isinstance(instruction, Unlock) else {})

    _, gateway = bench.agent(Chatty())
    assert gateway.call("unlock")["reason"] == "internal"
    assert gateway.call("identify")["outcome"] == "done"


def test_events_that_nobody_acknowledges_are_sent_again_without_a_new_connection(bench: Bench) -> None:
    driver = Scripted()
    _, gateway = bench.agent(driver)
    driver.report.event(Scanned("6901234567892"))
    first = gateway.wait("event")
    since = gateway.heard.index(first) + 1
    again = gateway.wait("event", since=since)
    assert again.body["up_ms"] > first.body["up_ms"]
    assert {**again.body, "up_ms": 0} == {**first.body, "up_ms": 0}
    gateway.ack(first.body["boot"], 1)
    gateway.settle()
    driver.report.event(Scanned("6901234567908"))
    assert gateway.wait("event", lambda body: body["seq"] == 2).body["data"] == {"text": "6901234567908"}


def test_a_state_that_did_not_change_is_not_said_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "device_drivers.agent.STATE_INTERVAL_S", 3600
    )  # nor because it has been long, on a slow machine
    driver = Scripted()
    _, gateway = bench.agent(driver)
    gateway.settle()
    since = len(gateway.heard)
    for battery in (0.5, 0.5, 0.5, 0.4):
        driver.report.state(State(lock="locked", battery=battery))
    gateway.wait("state", lambda body: body.get("battery") == 0.4)
    assert [heard.body["battery"] for heard in gateway.heard[since:] if heard.channel == "state"] == [0.5, 0.4]


def test_a_state_that_cannot_be_said_is_the_driver_s_own_fault(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Scripted()
    agent, gateway = bench.agent(driver)
    with pytest.raises(TypeError):
        driver.report.state(State(lock="locked", battery=object()))
    doors = {f"{number:05}": Door(lock="locked", door="closed") for number in range(3000)}
    with pytest.raises(ValueError, match="bytes; a message holds 65536"):
        driver.report.state(State(doors=doors))
    monkeypatch.setattr("device_drivers.agent.STATE_INTERVAL_S", 0)
    since = len(gateway.heard)
    assert gateway.wait("state", since=since).body["lock"] == "locked"
    assert agent.connected


def test_what_was_not_accepted_is_counted(bench: Bench) -> None:
    agent, gateway = bench.agent(Scripted())
    for payload in (b"{", b"[]", b"\xff"):
        gateway.publish("command", payload)
    gateway.send("unlock", retain=True)
    gateway.settle()
    gateway.publish("command", b"", retain=True)
    assert agent.rejected["retained command"] == 1
    assert agent.rejected["malformed"] >= 3


def test_damaged_notes_are_put_aside(bench: Bench, tmp_path: Any) -> None:
    folder = tmp_path / "cart-broken"
    folder.mkdir()
    (folder / "notes.db").write_bytes(b"this is no database" * 100)
    _, gateway = bench.agent(Scripted(), "cart-broken")
    assert gateway.call("unlock")["outcome"] == "done"
    assert (folder / "notes.broken").read_bytes().startswith(b"this is no database")


def test_a_broker_that_goes_at_the_same_moment_does_not_keep_the_agent_from_stopping(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaving(Scripted):
        stopped = False

        def stop(self) -> None:
            self.stopped = True

    agent, _ = bench.agent(driver := Leaving())
    gone = MQTTMessageInfo(1)
    gone.rc = MQTTErrorCode.MQTT_ERR_NO_CONN
    monkeypatch.setattr(agent._connection._client, "publish", lambda *_, **__: gone)
    agent.stop()
    assert not agent.connected
    assert driver.stopped


def test_a_stuck_driver_does_not_keep_the_agent_from_stopping(bench: Bench) -> None:
    class Stuck(Scripted):
        go = threading.Event()

        def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
            self.done.append(instruction.verb)
            self.go.wait(60)
            return Result(Outcome.DONE)

    driver = Stuck()
    agent, gateway = bench.agent(driver)
    gateway.send("unlock")
    deadline = time.monotonic() + 60
    while not driver.done and time.monotonic() < deadline:
        time.sleep(0.01)
    agent.stop()
    gateway.wait("status", lambda body: body == {"online": False})
    driver.go.set()
