"""Uplink and receiver as real processes, forked from a server that has imported them: a start costs milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec

TOKEN = "the-stores-token"


def context() -> ForkServerContext:
    """Where processes come from."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["sync.uplink", "sync.cloud.app", "sync.cloud.sqlite_store"])
    return made


class OneStore:
    """A door that knows one store. The real one reads files (`edge.secrets.cloud_access`), which no test changes."""

    def __init__(self, token: str, store: str = "s001") -> None:
        self._token, self._store = token, store

    def store_of(self, token: str) -> str | None:
        return self._store if token == self._token else None

    def opens_page(self, password: str) -> bool:
        return password == self._token


def door(token: str | None) -> OneStore | None:
    return OneStore(token) if token else None


def receive(port: int, database: str, token: str | None) -> None:
    """The receiver's process."""
    from edge.web.server.receiver_front import receiver_protocol, refusing
    from sync.cloud.app import run
    from sync.wire import MAX_CONTENT

    protocol = receiver_protocol(MAX_CONTENT)
    run("127.0.0.1", port, Path(database), door(token), protocol=protocol, front=refusing)


def receive_small(port: int, database: str, token: str | None, max_pages: int) -> None:
    """A receiver whose file may take so many pages and no more."""
    import uvicorn

    from sync.cloud.app import Settings, create_app

    app = create_app(Settings(database=Path(database), door=door(token), max_pages=max_pages))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def send(journal: str, status: str, port: int, token: str | None) -> None:
    """The uplink's process."""
    from sync.uplink import run

    run(Path(journal), Path(status), f"http://127.0.0.1:{port}", "s001", token, ceiling_s=0.2, heartbeat_s=1.0)


class Running:
    """One process that can be started, killed and started again."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        self._target, self._args = target, args
        self.process: BaseProcess | None = None

    def start(self) -> None:
        self.process = context().Process(target=self._target, args=self._args, daemon=True)
        self.process.start()

    def kill(self) -> None:
        """kill -9, at whatever it is doing."""
        self.stop(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """End it; returns its exit code."""
        if self.process is None:
            return None
        assert self.process.pid
        os.kill(self.process.pid, number)
        self.process.join(60)
        code = self.process.exitcode
        assert code is not None, "it does not stop"
        self.process = None
        return code


def wait_for(condition: Callable[[], Any], seconds: float = 60.0, why: str = "") -> Any:
    """What the condition came to. Fails when it does not within so many seconds."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s: {why or condition}"
        time.sleep(0.01)
    return found


def is_listening(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def received(database: Path) -> list[tuple[object, ...]]:
    """sequence, id, wall_ms, mono_ms, boot, body, hash of every entry that the receiver has, as it has them."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        return connection.execute(
            "SELECT sequence, id, wall_ms, mono_ms, boot, body, hash FROM entries ORDER BY stream, sequence"
        ).fetchall()
    finally:
        connection.close()


def cursor(database: Path) -> int:
    """How far the receiver is."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        row = connection.execute("SELECT max(cursor) FROM streams").fetchone()
        return int(row[0] or 0)
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def status(path: Path) -> dict[str, Any]:
    """The uplink's status file."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.exists() else {}
