"""A cart lock that speaks the device contract itself: reference firmware for an ESP32 with MicroPython.

One loop, no threads: the network is read while the hook moves. `docs/drivers/firmware.md` says how it gets onto a
board; `micropython cart_lock.py --host … --port … --store … --device … --folder …` runs it on a desk.
"""

import binascii
import gc
import hashlib
import json
import os
import random
import sys
import time

from device_drivers.firmware import mqtt5
from device_drivers.firmware.bus import KEEPALIVE_S, LIMIT, Bus
from device_drivers.firmware.hooks import Pins, SimulatedHook
from device_drivers.firmware.memory import KEPT_REPLIES, Clock, Flash, stamp

try:  # noqa: SIM105 - nor has it contextlib
    from typing import Any
except ImportError:  # MicroPython has none, and does not look at annotations
    pass

FIRMWARE = "storekeeper-cart-lock 1.1"
RELEASE_MS = 2000
"""A hook that is still closed so long after its pulse is jammed."""
AGAIN_MS = 3000
"""Events that nobody acknowledged are sent again after this."""
SAY_MS = 25_000
"""The state is said again after this, also where nothing changed: it tells how long this lock has been up."""
WAITING = 16
AT_ONCE = 8
"""Messages at QoS 1 under way; brokers allow 20."""
BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError)
"""What a malformed body raises; a nesting too deep is a RuntimeError."""


class CartLock:
    """The contract, and a hook."""

    def __init__(self, given: dict[str, Any], hook: SimulatedHook | Pins) -> None:
        self._given, self._hook = given, hook
        self._topic = "sk/{}/{}/".format(given["store"], given["device"])
        self._clock = Clock()
        self._boot = binascii.hexlify(os.urandom(6)).decode()
        self._flash = Flash(given["folder"])
        unknown = {"outcome": "unknown", "observed": {}}
        self._replies = {name: reply or dict(unknown, id=name) for name, reply in self._flash.replies}
        self._known = [name for name, _ in self._flash.replies]
        """The commands in the order of their coming, which the dictionary of a small port does not keep."""
        self._waiting: list[tuple[str, str, dict[str, Any], int, bytes | None]] = []
        self._moving: tuple[str, bool, bytes | None, int] | None = None
        self._sequence = 0
        self._sent = 0
        """How many of the unacknowledged events have been sent since `_again`."""
        self._again = 0
        self._closed = hook.closed(self._clock.ms())
        self._jammed = False
        self._shown: dict[str, Any] | None = None
        self._said = 0
        self._applied: dict[str, Any] | None = None
        self._bus: Bus | None = None

    # --- connection ---

    def run(self) -> None:
        """For ever."""
        failures = 0
        while True:
            began = self._clock.ms()
            try:
                self._session()
            except (OSError, mqtt5.MalformedPacket) as error:
                print("no broker:", error)  # noqa: T201 - a board has a console and no log
            failures = 0 if self._clock.ms() - began > 300_000 else failures + 1
            ceiling = min(60_000, 1000 * 2 ** min(failures - 1, 6)) * float(self._given.get("hurry", 1))
            until = self._clock.ms() + ceiling * random.getrandbits(16) / 65536
            while self._clock.ms() < until:
                time.sleep(0.02)
                try:
                    self._act()
                except OSError as error:
                    print("hook:", error)  # noqa: T201 - as above; whatever it is, the lock goes on

    def _session(self) -> None:
        address = (self._given["host"], int(self._given["port"]))
        status = self._topic + "status"
        bus = Bus(address, self._given["device"], self._given.get("password"), status, self._given.get("authority"))
        try:
            self._talk(bus)
        finally:
            self._bus = None
            bus.close()

    def _talk(self, bus: Bus) -> None:
        """Until the connection breaks. Raises `OSError`, `MalformedPacket`."""
        alive = pinged = self._clock.ms()
        while True:
            for kind, flags, body in bus.receive(10):
                alive = self._clock.ms()
                self._packet(bus, kind, flags, body)
            now = self._clock.ms()
            if now - alive > KEEPALIVE_S * 1500:
                raise OSError("the broker is silent")
            if now - pinged > KEEPALIVE_S * 500:
                bus.send(mqtt5.ping())
                pinged = now
            self._act()
            self._send_events(now)

    def _packet(self, bus: Bus, kind: int, flags: int, body: bytes) -> None:
        if kind == mqtt5.CONNACK:
            if body[1]:
                raise OSError(f"the broker refuses: 0x{body[1]:02x}")
            # Retained commands are not even asked for (retain handling 2); a live one keeps its flag (8).
            topics = [("command", 2 << 4 | 8), ("ack", 1), ("desired", 1)]
            bus.send(mqtt5.subscribe(1, [(self._topic + name, options) for name, options in topics]))
        elif kind == mqtt5.SUBACK:
            self._arrived(bus)
        elif kind == mqtt5.PUBACK:
            bus.under_way.discard(int.from_bytes(body[:2], "big"))
        elif kind == mqtt5.DISCONNECT:
            raise OSError("the broker says goodbye")
        elif kind == mqtt5.PUBLISH:
            self._published(bus, flags, body)

    def _published(self, bus: Bus, flags: int, body: bytes) -> None:
        message, identifier = mqtt5.message(flags, body)
        if identifier:
            bus.send(mqtt5.puback(identifier))
        try:
            self._message(message)
        except BROKEN as error:
            print("malformed:", message.topic, error)  # noqa: T201 - as above
        gc.collect()

    def _arrived(self, bus: Bus) -> None:
        status = {"online": True, "boot": self._boot, "kind": "cart", "contract": 1, "firmware": FIRMWARE}
        status["capabilities"] = list(self._hook.verbs) + ["up_ms"]  # noqa: RUF005 - MicroPython has no other way
        status["up_ms"] = self._clock.ms()
        bus.publish(self._topic + "status", status, True, 1)
        self._bus, self._shown = bus, None  # from here on, and not before the status, anybody hears of the rest
        self._show()
        if self._applied:
            bus.publish(self._topic + "applied", self._applied, True, 1)
        self._sent, self._again = 0, self._clock.ms() + AGAIN_MS

    # --- what arrives ---

    def _message(self, message: mqtt5.Message) -> None:
        if len(message.payload) > LIMIT:
            return
        body = json.loads(message.payload)
        level = message.topic.split("/")[-1]
        if level == "command":
            self._command(body, message)
        elif level == "ack" and not message.retained:
            self._acknowledged(body["boot"], _contract_integer(body["seq"]))
        elif level == "desired":
            self._desired(message.payload, _contract_integer(body["revision"]), body["sha256"])

    def _command(self, body: dict[str, Any], message: mqtt5.Message) -> None:
        name, verb, args = body["id"], body["verb"], body["args"]
        fence, ttl = _contract_integer(body["fence"]), _contract_integer(body["ttl_ms"])
        if name in self._replies:
            earlier = self._replies[name]
            if earlier is not None:
                self._send_reply(dict(earlier, repeated=True), message.correlation)
            return
        if message.retained:
            return
        late = self._stood_still(body.get("boot"), body.get("not_after_up_ms"))
        spent = max(0, -(-ttl // 1000) - (message.expiry or 0)) * 1000
        deadline = self._clock.ms() + ttl - spent
        reason = self._objection(verb, args, fence, message.expiry, late or self._clock.ms() >= deadline)
        if reason:
            if reason == "bad_args" and fence > self._flash.fence:
                self._flash.fence = fence  # it was seen, and an earlier one holds no more, whatever is lost now
                self._flash.save()
            self._known.append(name)
            self._answer(name, "refused", reason, message.correlation)
            return
        self._flash.fence = fence
        self._replies[name] = None
        self._known.append(name)
        not_after = body.get("not_after_up_ms")
        if late:
            deadline = 0
        elif not_after is not None:
            deadline = min(deadline, not_after)
        self._waiting.append((name, verb, args, deadline, message.correlation))

    def _stood_still(self, boot: str | None, not_after: int | None) -> bool:
        """Whether it was meant for another boot, or for a time that is over by this lock's own clock."""
        return boot not in (None, self._boot) or (not_after is not None and self._clock.ms() > not_after)

    def _objection(self, verb: str, args: dict[str, Any], fence: int, expiry: int | None, late: bool) -> str | None:
        if expiry is None:
            return "no_expiry"
        if fence < self._flash.fence:
            return "stale_fence"
        if late:
            return None  # noted and answered as expired when its turn comes
        seconds = args.get("seconds", 1)
        good = args.get("door") is None or isinstance(args["door"], str)
        good = good and isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 < seconds <= 600
        if verb not in self._hook.verbs or not good:
            return "bad_args"
        return "busy" if len(self._waiting) >= WAITING else None

    def _acknowledged(self, boot: str, sequence: int) -> None:
        before = len(self._flash.events)
        self._flash.events = [one for one in self._flash.events if one["boot"] != boot or one["seq"] > sequence]
        if len(self._flash.events) != before:
            self._sent = max(0, self._sent - before + len(self._flash.events))
            self._flash.save()

    def _desired(self, payload: bytes, revision: int, sha256: str) -> None:
        raw = payload[payload.index(b'"body":') + 7 : payload.rindex(b"}")].strip()
        self._applied = {"revision": revision}
        if binascii.hexlify(hashlib.sha256(raw).digest()).decode() != sha256:
            self._applied["error"] = "the digest does not fit the body"
        elif json.loads(raw).get("schema") != 1:
            self._applied["error"] = "this lock knows schema 1"
        else:
            self._applied["sha256"] = sha256
        if self._bus:
            self._bus.publish(self._topic + "applied", self._applied, True, 1)

    # --- what it does ---

    def _act(self) -> None:
        """One step: looks at the hook, ends what is moving, begins what waits."""
        now = self._clock.ms()
        closed = self._hook.closed(now)
        if closed != self._closed:
            self._closed, self._jammed = closed, False
            expected = self._moving is not None
            self._event("docked" if closed else "undocked" if expected else "forced")
        if self._moving and closed == self._moving[1]:
            self._end("done", None)
        elif self._moving and now > self._moving[3]:
            self._jammed = True
            self._end("failed", "jammed")
        self._show()
        while self._waiting and not self._moving:
            self._begin(*self._waiting.pop(0))

    def _begin(self, name: str, verb: str, args: dict[str, Any], deadline: int, correlation: bytes | None) -> None:
        self._flash.replies.append([name, None])
        noted = self._flash.save()  # before anything moves
        now, wanted = self._clock.ms(), verb == "lock"
        if not noted:
            self._answer(name, "failed", "internal", correlation)
        elif now >= deadline:
            self._answer(name, "expired", None, correlation)
        elif verb in ("find", "identify"):
            self._hook.blink(float(args.get("seconds", 2)))
            self._answer(name, "done", None, correlation)
        elif args.get("door"):
            self._answer(name, "refused", "bad_door", correlation)
        elif self._closed == wanted:
            self._answer(name, "already", None, correlation)
        else:
            self._moving = (name, wanted, correlation, now + RELEASE_MS + int(self._given.get("late_ms", 0)))
            self._hook.begin(verb, now)

    def _end(self, outcome: str, reason: str | None) -> None:
        name, _, correlation, _ = self._moving or ("", False, None, 0)
        self._moving = None
        self._answer(name, outcome, reason, correlation)

    def _answer(self, name: str, outcome: str, reason: str | None, correlation: bytes | None) -> None:
        reply = {"id": name, "outcome": outcome, "observed": self._state(), "repeated": False}
        if reason:
            reply["reason"] = reason
        self._replies[name] = reply
        for noted in self._flash.replies:
            if noted[0] == name:
                noted[1] = reply
                self._flash.save()
        while len(self._known) > KEPT_REPLIES and self._replies.get(self._known[0]):
            self._replies.pop(self._known.pop(0))
        self._send_reply(reply, correlation)

    def _send_reply(self, reply: dict[str, Any], correlation: bytes | None) -> None:
        if self._bus:
            self._bus.publish(self._topic + "reply", dict(reply, up_ms=self._clock.ms()), False, 0, correlation)

    def _state(self) -> dict[str, Any]:
        lock = "jammed" if self._jammed else "locked" if self._closed else "unlocked"
        return {"lock": lock, "docked": True}

    def _show(self) -> None:
        state = self._state()
        now = self._clock.ms()
        if self._bus and (state != self._shown or now - self._said > SAY_MS):
            self._shown, self._said = state, now
            body = dict(state, boot=self._boot, at=stamp(), up_ms=now)
            self._bus.publish(self._topic + "state", body, True, 1)

    def _event(self, kind: str) -> None:
        self._sequence += 1
        event = {"boot": self._boot, "seq": self._sequence, "at": stamp(), "type": kind, "data": {}}
        if self._sent == len(self._flash.events):
            self._again = self._clock.ms() + AGAIN_MS
        self._flash.events.append(event)
        self._flash.save()

    def _send_events(self, now: int) -> None:
        bus = self._bus
        if now >= self._again:
            self._sent, self._again = 0, now + AGAIN_MS
        while bus and self._shown and self._sent < len(self._flash.events) and len(bus.under_way) < AT_ONCE:
            event = dict(self._flash.events[self._sent], up_ms=now)
            bus.publish(self._topic + "event", event, False, 1)
            self._sent += 1


def _contract_integer(value: object) -> int:
    """The contract's `seq`, `fence`, `revision` and `ttl_ms`. Raises `ValueError` for what is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError("no number of the contract")
    return value


def main() -> None:
    """On a board the settings lie in `lock.json`; on a desk they are given as `--name value`."""
    given: dict[str, Any] = {sys.argv[at][2:]: sys.argv[at + 1] for at in range(1, len(sys.argv) - 1, 2)}
    if not given:
        with open("lock.json") as file:  # noqa: PTH123 - MicroPython
            given = json.load(file)
    given.setdefault("folder", ".")
    if "coil" in given:
        hook: SimulatedHook | Pins = Pins(given["coil"], given["contact"], given["light"])
    else:
        hook = SimulatedHook(given["folder"], int(given.get("late_ms", 0)))
    CartLock(given, hook).run()


if __name__ == "__main__":
    main()
