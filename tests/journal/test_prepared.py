"""Tables that were made beforehand are taken over where they fit exactly, and passed by where they do not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from edge.domain.carts import decisions as carts
from edge.domain.nouns import NOUNS
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.prepared import extract, prepared_path
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from tests.domain.conftest import SetClock, come_online, furnish, join
from tests.journal.test_other_builds import LATER, ONE, TWO, CartLent, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge.domain.noun import Noun

BOTH = (*NOUNS, LATER)


async def lived(path: Path) -> None:
    journal = Journal(path, NOUNS, clock=SetClock())
    await journal.write(furnish)
    await journal.write(come_online)
    await journal.write(join, 1)
    journal.close()


def made_by(nouns: Sequence[Noun], path: Path, folder: Path) -> Path:
    """What a build that differs makes of a copy."""
    copy = folder / "copy.db"
    shutil.copyfile(path, copy)
    connection = open_writer(str(copy))
    rebuild(connection, Projections(nouns))
    connection.close()
    extract(copy, folder / "tables.db")
    return folder / "tables.db"


async def go_on(path: Path, nouns: Sequence[Noun] = NOUNS) -> None:
    """The store serves while that is made."""
    journal = Journal(path, nouns, clock=SetClock())
    await journal.write(carts.unlock, cart="cart-01", caller=ONE, touchpoint="cart-01", request="r1")
    journal.close()


async def test_a_later_build_takes_over_its_tables_and_what_came_since(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await lived(path)
    shutil.copyfile(made_by(BOTH, path, tmp_path), prepared_path(path))
    await go_on(path)
    journal = Journal(path, BOTH, clock=SetClock())
    assert journal.rebuilt == 0, "it made nothing anew"
    assert not prepared_path(path).exists()
    assert journal.reads.one("SELECT member FROM carts WHERE cart='cart-01'")["member"] == ONE.member  # type: ignore[index]
    await journal.write(say, CartLent(cart="cart-02", member=TWO.member, days=7))
    journal.close()
    assert verify(path, Projections(BOTH)).faults == ()


async def test_the_build_before_takes_its_own_over_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await lived(path)
    extract(path, tmp_path / "before.db")
    journal = Journal(path, BOTH, clock=SetClock())
    await journal.write(say, CartLent(cart="cart-02", member=TWO.member, days=7))
    journal.close()
    shutil.copyfile(tmp_path / "before.db", prepared_path(path))
    journal = Journal(path, NOUNS, clock=SetClock())
    assert journal.rebuilt == 0
    assert dict(journal.reads.all("SELECT type, count FROM unknown_facts")) == {"cart.lent.v1": 1}
    assert journal.reads.all("SELECT 1 FROM held_subjects WHERE subject='cart-02'"), "what it names is held"
    journal.close()
    assert verify(path, Projections(NOUNS)).faults == ()


@pytest.mark.parametrize("what", ["another build's", "another journal's", "torn", "no database", "empty"])
async def test_what_does_not_fit_is_passed_by(tmp_path: Path, what: str) -> None:
    path = tmp_path / "store.db"
    await lived(path)
    laid = prepared_path(path)
    if what == "another build's":
        shutil.copyfile(made_by(NOUNS, path, tmp_path), laid)
    elif what == "another journal's":
        (tmp_path / "other").mkdir()
        await lived(tmp_path / "other" / "store.db")
        shutil.copyfile(made_by(BOTH, tmp_path / "other" / "store.db", tmp_path), laid)
    else:
        whole = made_by(BOTH, path, tmp_path).read_bytes()
        torn = whole[: len(whole) // 2 // 4096 * 4096]
        laid.write_bytes({"torn": torn, "no database": b"x" * 9000, "empty": b""}[what])
    journal = Journal(path, BOTH, clock=SetClock())
    assert journal.rebuilt > 0, "it made them anew"
    journal.close()
    assert not laid.exists()
    assert verify(path, Projections(BOTH)).faults == ()
