from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.sync.journals import JournalFile
from tests.sync.processes import TOKEN, Running, is_listening, receive, wait_for


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalFile]:
    made = JournalFile(tmp_path / "store" / "storekeeper.db")
    yield made
    made.close()


class Receiver(Running):
    """The receiver's process on a port and a file that stay the same."""

    def __init__(self, database: Path) -> None:
        self.database, self.port = database, free_port()
        super().__init__(receive, self.port, str(database), TOKEN)

    def start(self) -> None:
        super().start()
        wait_for(lambda: is_listening(self.port), why="the receiver listens")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    running = Receiver(tmp_path / "cloud" / "cloud.db")
    running.start()
    yield running
    running.stop()
