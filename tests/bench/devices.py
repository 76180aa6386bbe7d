"""Carts that answer `done` at once: one process, as many connections as wished. Double: see `tests.bench.mqtt`.

    python -m tests.bench.devices PORT STORE CARTS [--connections N] [--heartbeat SECONDS]

They keep what the gateway relies on (presence with a last will, state, replies with correlation data, the outcome after
the order) and leave out what only costs the device: ledger, expiry, fence. Nobody pulls a cart out until SIGUSR1 comes:
then all that were unlocked take the next step of `HOMEWARD`, so that a measured second has unlocks alone in it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from datetime import UTC, datetime
from typing import Final

import msgspec
import uvloop

from device_drivers.contract import UP_MS, Command, LockState, Outcome, Reply, State, Status, encode, rfc3339
from device_drivers.uptime import boot_ms
from tests.bench.mqtt import Client, connect

HOMEWARD: Final[tuple[tuple[LockState, bool | None], ...]] = (("unlocked", False), ("locked", True), ("locked", False))
"""Lock and dock of a cart that is pulled out, pushed back, and then said to be in no dock: the bound on carts that wait
in their docks does not count it then. A sensor that falls silent instead would soon count as flapping.
"""

_command = msgspec.json.Decoder(Command)


def name(number: int) -> str:
    """The id of a cart, counted from 0."""
    return f"cart-{number:04}"


class Carts:
    """All carts, spread over the connections."""

    def __init__(self, port: int, store: str, count: int, connections: int) -> None:
        self._port = port
        self._store = store
        self._homes: list[list[str]] = [[] for _ in range(connections)]
        for number in range(count):
            self._homes[number % connections].append(name(number))
        self._clients: list[Client] = []
        self._opened: set[str] = set()
        self._stands: dict[str, tuple[LockState, bool | None]] = {}
        """How each stands that was unlocked once; a heartbeat that said otherwise would count as flapping."""
        self._steps = 0

    async def connect(self) -> None:
        """Returns when every cart has said that it is online, and how it stands."""
        for devices in self._homes:
            alone = len(devices) == 1
            will = f"sk/{self._store}/{devices[0]}/status" if alone else None
            client = await connect(
                self._port, devices[0] if alone else f"rack-{self._store}-{devices[0]}", self._unlock, will
            )
            await client.subscribe([f"sk/{self._store}/{device}/command" for device in devices])
            self._clients.append(client)
            for device in devices:
                status = Status(True, "b1", "cart", 1, "bench", ("unlock", UP_MS), boot_ms())
                client.publish(f"sk/{self._store}/{device}/status", encode(status), 1, retain=True)
                self._say(client, device, 1.0)
                await asyncio.sleep(0)

    def step_home(self) -> None:
        """All that were unlocked take one more step; after the last of `HOMEWARD` they can be unlocked again."""
        lock, docked = HOMEWARD[self._steps % len(HOMEWARD)]
        self._steps += 1
        for device in self._opened:
            self._stands[device] = (lock, docked)
            self._say(self._client(device), device, 1.0)
        if self._steps % len(HOMEWARD) == 0:
            self._opened.clear()

    def _client(self, device: str) -> Client:
        return self._clients[int(device[5:]) % len(self._clients)]

    def _say(self, client: Client, device: str, battery: float) -> None:
        lock, docked = self._stands.get(device, ("locked", None))
        at = rfc3339(datetime.now(UTC))
        state = State(boot="b1", at=at, lock=lock, docked=docked, battery=round(battery, 4), up_ms=boot_ms())
        client.publish(f"sk/{self._store}/{device}/state", encode(state), 1, retain=True)

    def _unlock(self, topic: str, payload: bytes, correlation: bytes) -> None:
        command = _command.decode(payload)
        device = topic.split("/")[2]
        self._opened.add(device)
        self._client(device).publish(
            f"sk/{self._store}/{device}/reply",
            encode(Reply(command.id, Outcome.DONE, up_ms=boot_ms())),
            correlation=correlation,
        )

    async def beat(self, every_s: float) -> None:
        """Heartbeats for ever, spread evenly: the state as it was, but for time and charge."""
        devices = [(client, device) for client, home in zip(self._clients, self._homes, strict=True) for device in home]
        pause, due, charge = every_s / len(devices), time.monotonic(), 1.0
        while True:
            charge = charge - 0.0001 if charge > 0.1 else 1.0
            for client, device in devices:
                due += pause
                if (wait := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                self._say(client, device, charge)

    async def stay(self) -> None:
        """Keep the connections alive for ever."""
        while True:
            await asyncio.sleep(20)
            for client in self._clients:
                client.ping()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("store")
    parser.add_argument("carts", type=int)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--heartbeat", type=float, default=0.0, help="seconds between two of one cart; 0 is none")
    chosen = parser.parse_args()
    carts = Carts(chosen.port, chosen.store, chosen.carts, chosen.connections)
    await carts.connect()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, carts.step_home)
    print("ready", flush=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(carts.stay())
        if chosen.heartbeat:
            group.create_task(carts.beat(chosen.heartbeat))


if __name__ == "__main__":
    uvloop.run(main())
