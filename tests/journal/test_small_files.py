"""What one process leaves for others may be a later build's, half of itself, or nothing that is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.gateway import replaced
from edge.gateway.clock_watch import vouched
from edge.journal import outage, small_files
from edge.journal.sync_status import SyncStatus, read_sync_status
from operations.diagnosis import uplink
from operations.retention.soundness import acknowledged
from operations.updates.disk import Disk
from operations.updates.record import Notebook
from sync.status import Status

GOOD = {"acked": 7, "acked_hash": "ab", "last": 9, "state": "fenced", "since": "2026-11-28T08:00:00Z", "cloud_ms": 5}
DEEP = b"[" * 100_000 + b"]" * 100_000


def with_field(name: str, raw: bytes) -> bytes:
    rest = {key: value for key, value in GOOD.items() if key != name}
    return json.dumps(rest).encode()[:-1] + b', "' + name.encode() + b'": ' + raw + b"}"


BAD_VALUES = [
    *(b'"x"', b"null", b"-1", b"1.5", b"9" * 5000, b"1e999", b"NaN", b'"\xff"', b'"\\ud800"', b"{}", b"[1]"),
    DEEP[:9000] + DEEP[-9000:],
]


@pytest.mark.parametrize("raw", BAD_VALUES, ids=range(len(BAD_VALUES)))
@pytest.mark.parametrize("field", ["recovery_point_s", "cloud_ms", "later", "error"])
def test_a_field_that_cannot_be_read_costs_itself(tmp_path: Path, field: str, raw: bytes) -> None:
    path = tmp_path / "sync.json"
    path.write_bytes(with_field(field, raw))
    found = read_sync_status(path)
    assert (found.acked, found.acked_hash, found.last, found.state) == (7, "ab", 9, "fenced")
    assert acknowledged(path) == Status(path).report.acked == 7
    assert [need.kind for need in replaced.needs(path)] == ["box_replaced"]
    seen = uplink.report(tmp_path)
    assert seen is not None
    assert seen.waiting == 2
    assert CliRunner().invoke(app, ["sync", "status", "-d", str(tmp_path)]).output.startswith("fenced since 2026")


NOTHING = [b"", b"\0" * 500, b'{"acked":7', b"\xff\xfe", b"nothing", b"7", b"null", b"[]", DEEP, b'{"a":' * 5000]


@pytest.mark.parametrize("content", NOTHING, ids=range(len(NOTHING)))
def test_what_cannot_be_read_at_all_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    for name in ("sync.json", outage.FILE, "update.json"):
        (tmp_path / name).write_bytes(content)
    status = tmp_path / "sync.json"
    assert read_sync_status(status) == SyncStatus()
    assert vouched(status) in ("", "time_server")
    assert uplink.report(tmp_path) is None
    assert outage.read(tmp_path) is None
    assert Notebook(tmp_path, Disk()).read() == Notebook(tmp_path / "empty", Disk()).read()
    ended = CliRunner().invoke(app, ["sync", "status", "-d", str(tmp_path)])
    assert (ended.exit_code, "is damaged" in ended.output) == (1, True)


def test_what_is_no_small_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge").open("wb") as file:
        file.write(b'{"acked":7,"later":"')
        file.truncate(1 << 40)
    assert [small_files.read(tmp_path / name, SyncStatus) for name in ("folder", "huge", "none")] == [None] * 3


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59", "soon", ""])
def test_a_moment_that_is_none_hides_no_replaced_box(tmp_path: Path, since: str) -> None:
    (tmp_path / "sync.json").write_text(json.dumps({"state": "fenced", "since": since}))
    assert len(replaced.needs(tmp_path / "sync.json")) == 1


def test_what_a_later_build_holds_of_updates_keeps_the_rest(tmp_path: Path) -> None:
    """With one field of another form the floors were gone, and an older index was believed again."""
    kept: dict[str, Any] = {
        "floors": {"timestamp": 7},
        "refused": {"1.9.0": "no"},
        "seen_ms": "soon",
        "step": "soaking",
    }
    book = Notebook(tmp_path, Disk())
    book.write(book.read())
    (file,) = tmp_path.iterdir()
    file.write_text(json.dumps(kept))
    found = book.read()
    assert (found.floors, found.refused, found.seen_ms, found.step) == ({"timestamp": 7}, {"1.9.0": "no"}, 0, "rest")
