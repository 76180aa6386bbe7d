"""The journal's own tables: each migration once, and their library only where one is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from sqlite_utils import Database

from edge.journal.migrations import migrations
from edge.journal.schema import MIGRATIONS

if TYPE_CHECKING:
    from pathlib import Path

OPEN = """
import sys
from edge.journal.schema import open_writer
open_writer(sys.argv[1]).close()
print("sqlite_utils" in sys.modules)
"""


def test_all_have_their_name_in_the_list() -> None:
    assert {each.name for each in migrations.pending(Database(memory=True))} == MIGRATIONS


def test_a_file_that_lacks_none_is_opened_without_their_library(tmp_path: Path) -> None:
    path = tmp_path / "storekeeper.db"

    def imported() -> str:
        done = subprocess.run([sys.executable, "-c", OPEN, path], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert [imported(), imported()] == ["True", "False"]
