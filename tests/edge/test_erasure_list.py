"""The list of erasures: what is written of it, and how often."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from edge.gateway.erasures import ErasureList

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_many_of_one_commit_are_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    listed, members = ErasureList(tmp_path), [f"member-{number}" for number in range(500)]
    for member in members:
        listed.add_soon(member)
    await asyncio.sleep(0)
    assert (listed.read(), len(synced)) == (members, 1)
    listed.add_soon("one-more")
    await asyncio.sleep(0)
    assert (listed.read(), len(synced)) == ([*members, "one-more"], 2)


async def test_a_list_that_cannot_be_written_keeps_no_later_one_out(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    listed = ErasureList(folder)
    listed.add_soon("lost")
    await asyncio.sleep(0)
    folder.mkdir()
    listed.add_soon("later")
    await asyncio.sleep(0)
    assert listed.read() == ["later"]
