"""A store whose journal is damaged, as its process: a sentence at every address, or whole again; never empty."""

from __future__ import annotations

import asyncio
import lzma
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from edge.domain.nouns import NOUNS
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.verify import verify
from tests.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parents[1]
PATIENCE_S = 240


class Box:
    """A store of the example settings without a broker: its pages need none."""

    def __init__(self, folder: Path) -> None:
        self.config, self.data = folder / "config", folder / "data"
        shutil.copytree(TESTS.parent / "config", self.config)
        port = free_port()
        (self.config / "gateway.toml").write_text(
            f'data = "{self.data}"\npublic_url = "http://127.0.0.1:{port}"\n[http]\nhost = "127.0.0.1"\nport = {port}\n'
        )
        self.url = f"http://127.0.0.1:{port}"
        self.data.mkdir(mode=0o700)
        self.journal = self.data / "storekeeper.db"

    async def fill(self) -> None:
        """A journal with a past."""
        self.journal.write_bytes(lzma.decompress((TESTS / "data" / "journal-of-602360c.db.xz").read_bytes()))
        Journal(self.journal, NOUNS).close()
        await asyncio.sleep(0)

    @contextmanager
    def runs(self) -> Iterator[subprocess.Popen[bytes]]:
        log = (self.data.parent / "log").open("ab")
        command = [sys.executable, "-m", "edge.cli", "run", "--config", str(self.config), "--new-key"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            log.close()

    def said(self) -> str:
        return (self.data.parent / "log").read_text(errors="replace")

    def answers(self, path: str) -> requests.Response:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return requests.get(self.url + path, timeout=60)
            except requests.ConnectionError:
                assert time.monotonic() < until, self.said()
                time.sleep(0.1)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def test_a_journal_that_is_none_any_more_is_said_at_every_address(box: Box) -> None:
    await box.fill()
    with box.journal.open("r+b") as file:
        file.write(b"\xde\xad\xbe\xef" * 4096)
    before = box.journal.read_bytes()
    with box.runs() as process:
        assert box.answers("/healthz").status_code == 200
        for path in ("/", "/staff", "/t/cart-01", "/api/v1/store"):
            answer = box.answers(path)
            assert answer.status_code == 503
            answer.encoding = "utf-8"
            assert "门店的记录已损坏" in answer.text
            assert "records are damaged" in answer.text
        assert box.answers("/readyz").status_code == 503
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert box.journal.read_bytes() == before, "it was not begun anew"
    assert "storekeeper restore" in box.said()


async def test_a_journal_with_spoilt_tables_opens_whole(box: Box) -> None:
    await box.fill()
    connection = sqlite3.connect(box.journal)
    try:
        page = connection.execute("SELECT max(pageno) FROM dbstat WHERE name='members'").fetchone()[0]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite was built without dbstat")
    finally:
        connection.close()
    with box.journal.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xde\xad\xbe\xef" * 1024)
    box.journal.with_name("storekeeper.db.doubted").write_text("a write ended in an unknown way")
    with box.runs() as process:
        assert box.answers("/healthz").status_code == 200
        assert not re.search("says_only", box.said())
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert box.journal.with_name("storekeeper.db.damaged-0").exists()
    verdict = verify(box.journal, Projections(NOUNS))
    assert verdict.faults == ()
    assert verdict.entries > 872
