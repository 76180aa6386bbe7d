"""A file beside the journal that a power cut has left as no text says nothing, and ends nobody who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.gateway import replaced
from edge.journal import outage
from edge.secrets import setup_code
from edge.settings.settings import sync_status
from edge.web.views.cloud_queue import queue_of
from operations.diagnosis import uplink
from operations.floor import errand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class _Empty:
    """A journal of no facts."""

    now = 0

    def one(self, *_: Any) -> None:
        return None


READERS: dict[str, tuple[str, bytes, Callable[[Path], Any]]] = {
    "staff's page": ("sync.json", b'{"state":"\xff"}', lambda data: replaced.needs(sync_status(data))),
    "store's page": ("sync.json", b'{"since":"\xff"}', lambda data: queue_of(_Empty(), sync_status(data)).backlog),  # type: ignore[arg-type]
    "doctor": ("sync.json", b'{"error":"\xff"}', lambda data: (found := uplink.report(data)) and found.error),
    "uplink": (outage.FILE, b'{"id":"\xff"}', lambda data: outage.is_on(data, "uplink")),
    "setup": ("secrets/setup-code.json", b'{"sha256":"\xff"}', lambda data: setup_code.redeem(data, "x")),
    "workshop": (f"{errand.FOLDER}/said.json", b'{"number":"\xff"}', errand.said),
}


@pytest.mark.parametrize("reader", READERS)
def test_it_says_nothing(tmp_path: Path, reader: str) -> None:
    """JSON that is no UTF-8 is another error than JSON that is none: pages failed, and sync ended at each start."""
    name, content, read = READERS[reader]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    assert not read(tmp_path)
