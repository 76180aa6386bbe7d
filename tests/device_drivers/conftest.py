"""A driver's surroundings without the bus, and agents on a real broker."""

from __future__ import annotations

import math
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import pytest

from device_drivers.agent import Agent
from device_drivers.backoff import Backoff
from device_drivers.connection import Link
from device_drivers.contract import DesiredBody, EventData, Instruction
from device_drivers.driver import Outcome, Result, State
from tests.contract.conftest import Gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from device_drivers.driver import Driver
    from edge.bus.brokers import Broker


class Heard:
    """A `Report` that keeps what a driver tells it."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._new = threading.Condition()

    def state(self, state: State) -> None:
        with self._new:
            self.states.append(state)
            self._new.notify_all()

    def event(self, event_data: EventData) -> None:
        with self._new:
            self.events.append((event_data.type, msgspec.to_builtins(event_data)))
            self._new.notify_all()

    def texts(self) -> list[str]:
        """What was scanned, in order."""
        return [data["text"] for name, data in self.events if name == "scanned"]

    def until(self, true: Callable[[], bool], patience: float = 60.0) -> None:
        deadline = time.monotonic() + patience
        with self._new:
            while not true():
                assert self._new.wait(deadline - time.monotonic()), f"heard only {self.states} {self.events}"


@pytest.fixture
def heard() -> Heard:
    return Heard()


class Scripted:
    """A driver whose behaviour a test replaces piece by piece."""

    kind = "cart"
    capabilities = ("unlock", "find", "identify")

    def __init__(self) -> None:
        self.done: list[str] = []
        self.report: Any = None

    def start(self, report: Any) -> None:
        self.report = report

    def stop(self) -> None:
        pass

    def state(self) -> State | None:
        return State(lock="locked")

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        self.done.append(instruction.verb)
        return Result(Outcome.DONE)

    def apply(self, body: DesiredBody) -> None:
        pass


class Bench:
    """Agents and gateways on one broker; everything is stopped with the test."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._open: list[Agent | Gateway] = []

    def agent(self, driver: Driver, device: str | None = None) -> tuple[Agent, Gateway]:
        """A started agent that is on the bus and has started its driver, and the gateway's side of it."""
        device = device or f"cart-{uuid.uuid4().hex[:8]}"
        address = urlsplit(self._url)
        link = Link(str(address.hostname), int(address.port or 0), "s001", device)
        gateway = Gateway(self._url, device)
        gateway.__enter__()
        self._open.append(gateway)
        agent = Agent(device, driver, link, self._folder / device, backoff=Backoff(0.1, 0.5))
        agent.start()
        self._open.append(agent)
        gateway.wait("status", lambda body: body["online"] is True)
        begun = threading.Event()
        agent._worker.submit(begun.set)
        assert begun.wait(60)
        return agent, gateway

    def stop(self) -> None:
        for part in reversed(self._open):
            if isinstance(part, Agent):
                part.stop()
            else:
                part.__exit__()


@pytest.fixture
def bench(mosquitto: Broker, tmp_path: Path) -> Iterator[Bench]:
    started = Bench(mosquitto.url, tmp_path)
    yield started
    started.stop()
