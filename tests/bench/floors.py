"""Floors: the parts of an unlock without our code, measured beside it.

python -m tests.bench.floors web PORT            FastAPI that reads an unlock's body and answers nothing
python -m tests.bench.floors durable PORT FILE   the same with a row on the disk for each request
"""

from __future__ import annotations

import asyncio
import queue
import socket
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import uvicorn
from fastapi import FastAPI
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import BaseModel, ConfigDict

from device_drivers.contract import Command, Unlock, encode
from edge.journal.schema import LOG_PAGES, open_writer

COLUMNS = (
    "sequence INTEGER PRIMARY KEY, stream BLOB NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,"
    " wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot BLOB NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL"
)


class Asked(BaseModel):
    """An unlock's body."""

    code: str
    request: str


def web(port: int) -> None:
    """FastAPI as it comes, on the same server as the gateway's."""
    app = FastAPI()

    @app.post("/nothing")
    async def nothing(asked: Asked) -> dict[str, str]:  # noqa: ARG001 - read and checked is what the floor shall cost
        return {}

    uvicorn.run(
        app, host="127.0.0.1", port=port, http="httptools", loop="uvloop", access_log=False, log_level="warning"
    )


class Shopping(BaseModel):
    """What a shopper's phone sends, read and checked as far as any server would."""

    model_config = ConfigDict(extra="allow")

    request: str = ""


def durable(port: int, path: str) -> None:
    """The same server, and one row of a journal's size for each POST, on the disk before it is answered: rows that wait
    together share a commit.
    """
    open_writer(path).close()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"CREATE TABLE bare ({COLUMNS}) STRICT")
    app, waiting, body = FastAPI(), queue.SimpleQueue[Any](), b"x" * 400
    row = (b"s" * 16, b"i" * 16, "basket.line_added.v1", 0, 0, b"b" * 16, body, b"h" * 16)

    def write() -> None:
        while True:
            group = [waiting.get()]
            while not waiting.empty():
                group.append(waiting.get())
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO bare VALUES (NULL,?,?,?,?,?,?,?,?)", [row] * len(group))
            connection.execute("COMMIT")
            for loop, done in group:
                loop.call_soon_threadsafe(done.set_result, None)

    threading.Thread(target=write, daemon=True).start()

    @app.post("/durable")
    async def keep(asked: Shopping) -> dict[str, str]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        waiting.put((loop, done))
        await done
        return {"request": asked.request}

    uvicorn.run(
        app, host="127.0.0.1", port=port, http="httptools", loop="uvloop", access_log=False, log_level="warning"
    )


class Entries:
    """A table like the journal's, in a file beside it, written without our code."""

    def __init__(self, path: Path, row: Sequence[Any]) -> None:
        """`row` is a real entry without its sequence."""
        open_writer(str(path)).close()
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        for pragma in ("synchronous=FULL", f"wal_autocheckpoint={LOG_PAGES}", "cache_size=-16000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"CREATE TABLE bare ({COLUMNS}) STRICT")
        self._row = tuple(row)

    def singles(self, seconds: float) -> list[float]:
        """Commit one by one; seconds each took."""
        taken, end = [], time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            self._connection.execute("INSERT INTO bare VALUES (NULL,?,?,?,?,?,?,?,?)", self._row)
            taken.append(time.perf_counter() - began)
        return taken

    def groups(self, seconds: float, size: int = 256) -> float:
        """Commit `size` rows together; rows a second."""
        rows, count = [self._row] * size, 0
        began = now = time.perf_counter()
        while now < began + seconds:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO bare VALUES (NULL,?,?,?,?,?,?,?,?)", rows)
            self._connection.execute("COMMIT")
            count += size
            now = time.perf_counter()
        return count / (now - began)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class Paho:
    """paho as one writes it, with TCP_NODELAY: an order of the contract to a cart, and its reply."""

    def __init__(self, port: int, store: str, cart: str) -> None:
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._topic, self._reply = f"sk/{store}/{cart}/command", f"sk/{store}/{cart}/reply"
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "floor", protocol=mqtt.MQTTv5)
        self._client.on_socket_open = lambda _, __, sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client.on_message = lambda _, __, message: self._replies.put(message.payload)
        self._client.on_subscribe = lambda *_: self._replies.put(b"")
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe(self._reply)
        self._replies.get(timeout=10)

    def round_trips(self, seconds: float) -> list[float]:
        """One after the other; seconds each took."""
        taken, end = [], time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            identity = uuid.uuid4()
            properties = Properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = 10
            properties.ResponseTopic = self._reply
            properties.CorrelationData = identity.bytes
            body = encode(Command(str(identity), "unlock", Unlock(), 1, 10_000))
            self._client.publish(self._topic, body, properties=properties)
            self._replies.get(timeout=10)
            taken.append(time.perf_counter() - began)
        return taken

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()


if __name__ == "__main__":
    if sys.argv[1] == "durable":
        durable(int(sys.argv[2]), sys.argv[3])
    else:
        web(int(sys.argv[2]))
