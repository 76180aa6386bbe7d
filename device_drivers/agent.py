"""One device on the bus: everything the contract asks of a device, so that a driver only has to know its hardware.

Three threads: paho's, which reads and never blocks; the connection's, which comes back for ever; and one worker,
on which the driver is called.
"""

from __future__ import annotations

import functools
import logging
import secrets
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers import ledger, outbox
from device_drivers.commands import Commands, reply_of
from device_drivers.connection import Connection, Link, Received
from device_drivers.contract import (
    MAX_BYTES,
    UP_MS,
    VERSION,
    Ack,
    Applied,
    Channel,
    Command,
    ContractError,
    Desired,
    EventData,
    Instruction,
    Reply,
    State,
    Status,
    decode,
    encode,
    rfc3339,
)
from device_drivers.desired import DesiredState
from device_drivers.driver import Driver, Outcome, Reason, Result
from device_drivers.ledger import Ledger
from device_drivers.notes import Notes
from device_drivers.outbox import Outbox
from device_drivers.rejects import Rejects
from device_drivers.uptime import Uptime
from device_drivers.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from device_drivers.backoff import Backoff

__all__ = ["Agent", "Link", "Result"]

log = logging.getLogger(__name__)

RESEND_S: Final = 3.0
"""Events that nobody acknowledged are sent again after this many seconds, then after twice as many, up to a minute."""
MAX_RESEND_S: Final = 60.0
STATE_INTERVAL_S: Final = 25.0
"""The state is said again after this many seconds, also where nothing changed."""


class Agent:
    """A device. `start` returns at once, also where there is no broker; `stop` says goodbye."""

    def __init__(
        self,
        device_id: str,
        driver: Driver,
        link: Link,
        folder: Path,
        firmware: str = "storekeeper",
        backoff: Backoff | None = None,
    ) -> None:
        """`folder` holds the device's own memory and belongs to it alone."""
        self._id = device_id
        self._driver = driver
        self._folder = folder
        self.boot: Final = secrets.token_hex(8)
        """The name of this start."""
        self._uptime = Uptime()
        capabilities = (*driver.capabilities, UP_MS)
        self._status = Status(True, self.boot, driver.kind, VERSION, firmware, capabilities)
        self._connection = Connection(device_id, link, self, backoff)
        self._worker = Worker(device_id, self._ensure_started)
        self._rejects = Rejects(device_id)
        self._driver_runs = False
        self._last_state = State()
        self._state_lock = threading.Lock()
        self._event_lock = threading.Lock()
        self._state_sent_at = time.monotonic()
        self._resend_at = 0.0
        self._resend_wait = RESEND_S

    @property
    def connected(self) -> bool:
        """Whether the device is on the bus now."""
        return self._connection.up

    def up_ms(self) -> int:
        """Milliseconds since this start, sleep included."""
        return self._uptime.ms()

    @property
    def rejected(self) -> Mapping[str, int]:
        """How many messages were not accepted, by kind, since the start."""
        return self._rejects.counts

    def start(self) -> None:
        """Opens the device's memory, then driver and connection. Raises `OSError` or `sqlite3.Error`."""
        self._notes = Notes(self._folder / "notes.db", ledger.SCHEMA + outbox.SCHEMA)
        self._ledger = Ledger(self._notes)
        self._outbox = Outbox(self._notes, self.boot)
        self._commands = Commands(self._ledger, self._driver.capabilities, self._carry_out, self._answer, self)
        self._desired = DesiredState(self._driver, self._worker, self._applied)
        self._worker.start()
        self._worker.submit(self._ensure_started)
        self._connection.start()

    def stop(self) -> None:
        """Leaves the bus, lets what is being carried out end (for two seconds), and closes the driver."""
        self._connection.stop()
        if not self._worker.stop(2.0):
            log.warning("%s: the driver is stuck and is left behind", self._id)
        self._worker.attempt(self._driver.stop, None)
        self._notes.close()

    # --- what the driver is offered (`Report`) ---

    def state(self, state: State) -> None:
        """See `driver.Report`."""
        with self._state_lock:
            bare = msgspec.structs.replace(state, boot="", at="", up_ms=None)
            if bare == self._last_state:
                return
            # What cannot be said is the driver's own fault; told again later, it would end the connection.
            if (size := len(encode(bare))) > MAX_BYTES - 256:
                raise ValueError(f"the state takes {size} bytes; a message holds {MAX_BYTES}")
            self._last_state = bare
            self._publish_state()

    def event(self, event_data: EventData) -> None:
        """See `driver.Report`."""
        with self._event_lock:
            pending = self._outbox.add(_now(), event_data)
            self._connection.publish(Channel.EVENT, pending.at(self.up_ms()))
            if self._outbox.oldest is pending:  # otherwise the older ones decide when it is time
                self._resend_at = time.monotonic() + self._resend_wait

    def _publish_state(self) -> None:
        """Also where nothing is observed: it says how long the device has been up."""
        if self._connection.up:
            self._state_sent_at = time.monotonic()
            body = encode(msgspec.structs.replace(self._last_state, boot=self.boot, at=_now(), up_ms=self.up_ms()))
            self._connection.publish(Channel.STATE, body)

    # --- what the connection tells (`connection.Listener`) ---

    def on_connected(self) -> None:
        """Says who and how the device is, and sends what was not acknowledged."""
        status = msgspec.structs.replace(self._status, up_ms=self.up_ms())
        self._connection.publish(Channel.STATUS, encode(status))
        with self._state_lock:
            if self._last_state != State():
                self._publish_state()
        if applied := self._desired.applied:
            self._applied(applied)
        self._resend_wait = RESEND_S
        self._send_events()

    def on_tick(self) -> None:
        """Sends unacknowledged events and the state again when it is time."""
        if time.monotonic() - self._state_sent_at >= STATE_INTERVAL_S:
            with self._state_lock:
                self._publish_state()
        if time.monotonic() >= self._resend_at:
            self._resend_wait = min(self._resend_wait * 2, MAX_RESEND_S)
            self._send_events()

    def _send_events(self) -> None:
        with self._event_lock:
            for pending in self._outbox.pending():
                self._connection.publish(Channel.EVENT, pending.at(self.up_ms()))
            self._resend_at = time.monotonic() + self._resend_wait

    def on_message(self, message: Received) -> None:
        """Sorts what arrived; nothing here blocks, and nothing malformed gets further."""
        try:
            body = decode(message.channel, message.payload)
        except ContractError as error:
            self._rejects.count("malformed", error)
            return
        if isinstance(body, Command):
            self._command(body, message)
        elif isinstance(body, Desired):
            self._desired.take(body)
        elif isinstance(body, Ack):
            self._acknowledged(body)

    def _command(self, command: Command, message: Received) -> None:
        if message.retained:
            self._rejects.count("retained command", f"{command.verb} {command.id}: an attack, or a broken gateway")
        if admitted := self._commands.admit(command, message):
            self._worker.submit(functools.partial(self._commands.carry_out, admitted))

    def _acknowledged(self, ack: Ack) -> None:
        if self._outbox.drop(ack):
            self._resend_wait = RESEND_S
            self._resend_at = time.monotonic() + RESEND_S
            self._worker.submit(functools.partial(self._outbox.delete, ack))

    # --- on the worker ---

    def _ensure_started(self) -> None:
        """Starts the driver; called again until it succeeds."""
        if not self._driver_runs:
            self._driver_runs = self._worker.attempt(self._start_driver, otherwise=False)

    def _start_driver(self) -> bool:
        self._driver.start(self)
        if (state := self._driver.state()) is not None:
            self.state(state)
        return True

    def _carry_out(self, instruction: Instruction, deadline: float) -> Result:
        self._ensure_started()
        if not self._driver_runs:
            return Result(Outcome.FAILED, Reason.PORT_LOST)
        return self._worker.attempt(
            functools.partial(self._call_driver, instruction, deadline), Result(Outcome.FAILED, Reason.INTERNAL)
        )

    def _call_driver(self, instruction: Instruction, deadline: float) -> Result:
        result = self._driver.carry_out(instruction, deadline)
        if (size := len(encode(reply_of("", result)))) > MAX_BYTES - 256:
            raise ValueError(f"the result of {instruction.verb} takes {size} bytes; a reply holds {MAX_BYTES}")
        return result

    def _answer(self, reply: Reply, correlation: bytes | None) -> None:
        fresh = msgspec.structs.replace(reply, up_ms=self.up_ms())
        self._connection.publish(Channel.REPLY, encode(fresh), correlation)

    def _applied(self, applied: Applied) -> None:
        self._connection.publish(Channel.APPLIED, encode(applied))


def _now() -> str:
    return rfc3339(datetime.now(UTC))
