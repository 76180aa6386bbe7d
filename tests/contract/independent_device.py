"""A cart lock written from the text of the device contract alone, with bare paho and nothing of this project.

It exists so that the contract suite tests the contract, and not one implementation's idea of it. It is also the size
of what
a firmware author has to write.
"""
# A firmware author's file, outside of the project's house rules on purpose.
# ruff: noqa: PGH004
# ruff: noqa

import argparse
import hashlib
import json
import math
import os
import queue
import random
import secrets
import signal
import socket
import threading
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

LIMIT = 64 * 1024
VERBS = ("unlock", "lock", "find", "identify")
OFFLINE = b'{"online":false}'


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Flash:
    """What survives a restart: one JSON file, replaced and flushed."""

    def __init__(self, path):
        self.path = path
        self.data = {"fence": -1, "commands": {}, "events": []}
        if os.path.exists(path):
            with open(path) as file:
                self.data = json.load(file)

    def save(self):
        with open(self.path + ".new", "w") as file:
            json.dump(self.data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)


class Device:
    def __init__(self, given):
        self.given = given
        self.boot = secrets.token_hex(6)
        self.new = given.contract == "1.1"
        self.began = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.said = 0.0
        self.base = f"sk/{given.store}/{given.device}/"
        os.makedirs(given.folder, exist_ok=True)
        self.flash = Flash(os.path.join(given.folder, "flash.json"))
        self.replies = {}
        for command, reply in self.flash.data["commands"].items():
            self.replies[command] = reply or {"id": command, "outcome": "unknown", "observed": {}}
        self.lock = "locked"
        self.seq = 0
        self.applied = None
        self.client = None
        self.work = queue.Queue()
        self.guard = threading.RLock()
        self.stopping = threading.Event()

    # --- connection: section 6 ---

    def run(self):
        threading.Thread(target=self.worker, daemon=True).start()
        failures = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            lost = threading.Event()
            client = self.connect(lost)
            resend = time.monotonic() + 2
            while client and not lost.is_set() and not self.stopping.is_set():
                lost.wait(0.2)
                if self.new and client.is_connected() and time.monotonic() - self.said > 20:
                    self.send_state()
                if time.monotonic() > resend:
                    self.send_events()  # whoever should have heard them may not have been there
                    resend = time.monotonic() + 2
            if client and self.stopping.is_set():
                client.publish(self.base + "status", OFFLINE, 1, True).wait_for_publish(1)
            if client:
                client.disconnect()
                client.loop_stop()
            failures = 0 if time.monotonic() - began > 300 else failures + 1
            self.stopping.wait(random.uniform(0, min(60, 2 ** (failures - 1))) * self.given.hurry)

    def connect(self, lost):
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, self.given.device, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        if self.given.password:
            client.username_pw_set(self.given.device, self.given.password)
        client.will_set(self.base + "status", OFFLINE, 1, True)
        client.on_socket_open = lambda _c, _u, sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.on_connect = self.on_connect
        client.on_disconnect = lambda *_: lost.set()
        client.on_message = self.on_message
        try:
            client.connect(self.given.host, int(self.given.port), keepalive=15, clean_start=True)
        except OSError:
            return None
        self.client = client
        client.loop_start()
        return client

    def on_connect(self, client, _user, _flags, reason, _properties):
        if reason.is_failure:
            return
        client.subscribe(
            [
                (self.base + "command", SubscribeOptions(qos=0, retainAsPublished=True, retainHandling=2)),
                (self.base + "desired", SubscribeOptions(qos=1)),
                (self.base + "ack", SubscribeOptions(qos=1)),
            ]
        )
        status = {"online": True, "boot": self.boot, "kind": "cart", "contract": 1}
        status |= {"firmware": "independent " + self.given.contract, "capabilities": list(VERBS)}
        if self.new:
            status["capabilities"].append("up_ms")
        self.send("status", status, 1, True)
        self.send_state()
        if self.applied:
            self.send("applied", self.applied, 1, True)
        self.send_events()

    def send_events(self):
        with self.guard:
            for event in self.flash.data["events"]:
                self.send("event", event, 1, False)

    def send(self, level, body, qos, retain, correlation=None):
        properties = None
        if correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)
            properties.CorrelationData = correlation
        if self.new and level in ("status", "state", "event", "reply"):
            body = body | {"up_ms": self.up_ms()}
        if self.client and self.client.is_connected():
            self.client.publish(self.base + level, json.dumps(body), qos, retain, properties)

    def up_ms(self):
        return int((time.clock_gettime(time.CLOCK_BOOTTIME) - self.began) * 1000)

    def send_state(self):
        self.said = time.monotonic()
        state = {"boot": self.boot, "at": now(), "lock": self.lock, "docked": True, "battery": 0.5}
        self.send("state", state, 1, True)

    # --- what arrives ---

    def on_message(self, _client, _user, message):
        arrived = time.monotonic()
        if len(message.payload) > LIMIT:
            return
        try:
            body = json.loads(message.payload)
            level = message.topic.rpartition("/")[2]
            if level == "command":
                self.on_command(body, message, arrived)
            elif level == "ack":
                self.on_ack(body["boot"], int(body["seq"]))
            elif level == "desired":
                self.on_desired(message.payload, int(body["revision"]), str(body["sha256"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # malformed: dropped, and the reader goes on

    def on_command(self, body, message, arrived):
        command, verb, args = str(body["id"]), str(body["verb"]), body["args"]
        fence, ttl = int(body["fence"]), int(body["ttl_ms"])
        if not 0 <= fence < 2**53:
            return
        correlation = getattr(message.properties, "CorrelationData", None)
        expiry = getattr(message.properties, "MessageExpiryInterval", None)
        earlier = self.replies.get(command)
        if earlier == "running":
            return
        if earlier:
            self.send("reply", earlier | {"repeated": True}, 0, False, correlation)
            return
        if message.retain:
            return
        if expiry is None:
            self.answer(command, "refused", "no_expiry", correlation)
        elif fence < self.flash.data["fence"]:
            self.answer(command, "refused", "stale_fence", correlation)
        elif self.new and self.too_late(body):
            self.flash.data["fence"] = fence
            self.answer(command, "expired", None, correlation)
        elif verb not in VERBS or not isinstance(args, dict) or not isinstance(args.get("door", ""), str):
            self.answer(command, "refused", "bad_args", correlation)
        else:
            spent = max(0, math.ceil(ttl / 1000) - expiry)
            self.flash.data["fence"] = fence
            self.replies[command] = "running"
            self.work.put((command, verb, arrived + ttl / 1000 - spent, correlation))

    def too_late(self, body):
        if body.get("boot") not in (None, self.boot):
            return True
        last = body.get("not_after_up_ms")
        return last is not None and self.up_ms() > last

    def answer(self, command, outcome, reason, correlation, observed=None):
        reply = {"id": command, "outcome": outcome, "observed": observed or {}, "repeated": False}
        if reason:
            reply["reason"] = reason
        self.replies[command] = reply
        self.send("reply", reply, 0, False, correlation)
        return reply

    def on_ack(self, boot, seq):
        with self.guard:
            events = self.flash.data["events"]
            self.flash.data["events"] = [e for e in events if e["boot"] != boot or e["seq"] > seq]
            self.flash.save()

    def on_desired(self, payload, revision, sha256):
        raw = payload[payload.index(b'"body":') + 7 : payload.rindex(b"}")].strip()
        applied = {"revision": revision}
        if hashlib.sha256(raw).hexdigest() != sha256:
            applied["error"] = "the digest does not fit the body"
        elif json.loads(raw).get("schema") != 1:
            applied["error"] = "only schema 1"
        else:
            applied["sha256"] = sha256
        self.applied = applied
        self.send("applied", applied, 1, True)

    # --- what it does ---

    def worker(self):
        while True:
            command, verb, deadline, correlation = self.work.get()
            with self.guard:
                self.flash.data["commands"][command] = None
                self.flash.save()
            if time.monotonic() >= deadline:
                reply = self.answer(command, "expired", None, correlation)
            else:
                reply = self.act(command, verb, correlation)
            with self.guard:
                self.flash.data["commands"][command] = reply
                self.flash.save()

    def act(self, command, verb, correlation):
        time.sleep(self.given.late)
        wanted = {"unlock": "unlocked", "lock": "locked"}.get(verb, self.lock)
        if verb in ("unlock", "lock") and wanted == self.lock:
            return self.answer(command, "already", None, correlation, {"lock": self.lock})
        self.lock = wanted
        moved = verb in ("unlock", "lock")
        if moved:
            with open(os.path.join(self.given.folder, "moves"), "a") as file:
                file.write(verb + "\n")
        reply = self.answer(command, "done", None, correlation)
        if moved:
            self.send_state()
            self.event("bolt_moved", {"verb": verb})
        return reply

    def event(self, kind, data):
        with self.guard:
            self.seq += 1
            event = {"boot": self.boot, "seq": self.seq, "at": now(), "type": kind, "data": data}
            self.flash.data["events"] = [*self.flash.data["events"], event][-500:]
            self.flash.save()
            self.send("event", event, 1, False)


def main():
    parser = argparse.ArgumentParser()
    for name in ("host", "port", "store", "device", "folder"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--password")
    parser.add_argument("--contract", choices=["1.0", "1.1"], default="1.0")
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--hurry", type=float, default=0.2, help="shortens the back-off, for the suite")
    device = Device(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: device.stopping.set())
    device.run()


if __name__ == "__main__":
    main()
