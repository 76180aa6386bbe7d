"""What runs as long as the gateway does begins again after any failure, and ends with the journal."""

from __future__ import annotations

import asyncio

import pytest

from edge.errors import JournalClosed
from edge.gateway import supervision


@pytest.mark.parametrize("last", [None, JournalClosed("closed")])
async def test_a_failed_round_is_not_the_last(last: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "PAUSE_S", 0.0)
    comes = iter([ValueError("odd"), OSError("disk"), last])

    async def run() -> None:
        if (error := next(comes)) is not None:
            raise error

    task = supervision.supervised(run, "watch")
    await task
    assert task.get_name() == "watch"
    assert list(comes) == []


async def test_it_is_cancelled_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "PAUSE_S", 0.0)
    begun = asyncio.Event()

    async def run() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = supervision.supervised(run, "watch")
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
