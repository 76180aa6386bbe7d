"""A store on a box that dies: journal, copies, cloud and uplink as files and processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from edge.cli.app import app
from edge.journal.entry import Entry
from edge.journal.reader import JournalReader
from operations.backups import keys
from operations.backups.gather import Sources
from operations.backups.make import make
from tests.sync.conftest import Receiver
from tests.sync.journals import JournalFile, entries
from tests.sync.processes import TOKEN, Running, send, status, wait_for

CONFIG = Path(__file__).resolve().parents[2] / "config"
KEY = keys.fresh()


class Box:
    """One box: its folders, and its uplink to the receiver."""

    def __init__(self, folder: Path, receiver: Receiver, *, fresh: bool = True) -> None:
        self.folder, self.receiver = folder, receiver
        self.data, self.config = folder / "data", folder / "config"
        self.journal = self.data / "storekeeper.db"
        self.status = self.data / "sync.json"
        if fresh:
            shutil.copytree(CONFIG, self.config)
            path = self.config / "gateway.toml"
            text = re.sub(r"(?m)^\[cloud\]\n(?:(?!\[).*\n)*", "", path.read_text())
            path.write_text(f'{text}\n[cloud]\nurl = "http://127.0.0.1:{receiver.port}"\n')
            (self.data / "secrets").mkdir(parents=True)
            (self.data / "secrets" / "cloud.token").write_text(TOKEN)
            (self.data / "secrets" / "store.key").write_bytes(os.urandom(32))
            keys.take(self.data, KEY)
        self.uplink = Running(send, str(self.journal), str(self.status), receiver.port, TOKEN)

    def append(self, count: int, *bodies: bytes) -> None:
        made = JournalFile(self.journal)
        with closing(JournalReader(self.journal)) as reader:
            made.stream = reader.stream()
        made.append(count, *bodies)
        made.close()

    def copy(self, to: Path) -> None:
        to.mkdir(exist_ok=True)
        make(Sources.of("s001", self.data, self.config), str(to))

    def sync(self, state: str = "ok") -> dict[str, Any]:
        """Run the uplink until the cloud has everything, or it says that it is so; then end it."""
        self.status.unlink(missing_ok=True)
        self.uplink.start()
        last = entries(self.journal)[-1].sequence
        try:
            return dict(wait_for(lambda: self._is(state, last), why=f"{state} at {last}"))
        finally:
            self.uplink.kill()

    def _is(self, state: str, last: int) -> dict[str, Any] | None:
        told = status(self.status)
        done = told.get("acked") == last or state == "diverged"
        return told if told.get("state") == state and done else None

    def die(self) -> None:
        shutil.rmtree(self.folder)

    def restore(self, *arguments: str, typed: str = str(KEY), code: int = 0) -> str:
        """The command in this process; what it says, in one line."""
        line = ["restore", *arguments, "-c", str(self.config), "-d", str(self.data)]
        done = CliRunner().invoke(app, line, input=typed + "\n")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())


def in_charge(receiver: Receiver) -> list[tuple[Any, ...]]:
    """What counts at the receiver: sequence, id, wall_ms, mono_ms, boot, body, hash of the store's one history."""
    with closing(sqlite3.connect(f"{receiver.database.as_uri()}?mode=ro", uri=True)) as found:
        streams = {row[0]: row for row in found.execute("SELECT stream, key, first, parent FROM streams")}
        name = found.execute("SELECT stream FROM streams ORDER BY generation DESC, key DESC LIMIT 1").fetchone()[0]
        rows: list[tuple[Any, ...]] = []
        end = 2**62
        while name in streams:
            _, key, first, parent = streams[name]
            part = found.execute(
                "SELECT sequence, id, wall_ms, mono_ms, boot, body, hash FROM entries WHERE stream=? AND sequence<=?"
                " ORDER BY sequence",
                (key, end),
            ).fetchall()
            rows, end, name = part + rows, first - 1, parent
        return rows


def as_rows(found: list[Entry]) -> list[tuple[Any, ...]]:
    return [(e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body, e.hash) for e in found]
