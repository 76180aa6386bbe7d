"""Puts the bundle together: facts, what devices sent by size, logs, states, as a zip."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.journal import Entry, Reader
from edge.journal.queries import first_since
from edge.journal.reader import JournalReader
from operations.diagnosis.findings import Finding
from operations.diagnosis.recording.redaction import Names

MAX_FACTS: Final = 50_000
MAX_LINES: Final = 20_000
PATIENCE_S: Final = 15.0
LONGEST_MINUTES: Final = 120

README: Final = """Storekeeper flight recorder, {version}
Around {moment} UTC, {minutes} minutes to each side; made {made} UTC.

facts.ndjson     what was recorded, one fact a line, with its place and its time
messages.ndjson  what devices sent and were sent: when, which channel, how many bytes; of this gateway's run alone
logs.txt         lines of the services
states.json      devices, readiness and queue at the time when this was made
findings.json    what the doctor found at that time

Nobody is named: fields of persons, texts that somebody typed, addresses, numbers and codes are replaced by names such
as p-3f9a01c2, which are the same within this bundle and mean nothing outside of it.
"""


class MessageRecord(msgspec.Struct, frozen=True):
    """One message of a device, or to one."""

    at_ms: int
    device: str
    channel: str
    bytes: int


class Recorded(msgspec.Struct, frozen=True):
    """What a gateway that runs knows besides the files."""

    messages: Sequence[MessageRecord] = ()
    states: Any = None
    findings: Sequence[Finding] = ()


def bundle(data: Path, moment_ms: int, minutes: int, version: str, known: Recorded | None = None) -> bytes:
    """Returns the zip. Raises `sqlite3.Error` where the journal cannot be read."""
    span = minutes * 60_000
    window = (moment_ms - span, moment_ms + span)
    names, known, buffer = Names(), known or Recorded(), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        told = {"version": version, "moment": _clock(moment_ms), "minutes": minutes, "made": _clock(None)}
        made.writestr("README.txt", README.format(**told))
        made.writestr("facts.ndjson", _lines(_fact(names, entry) for entry in _entries(data, window)))
        inside = [each for each in known.messages if window[0] <= each.at_ms <= window[1]]
        made.writestr("messages.ndjson", _lines(msgspec.to_builtins(each) for each in inside))
        made.writestr("logs.txt", "\n".join(names.line(line) for line in _logs(data, window)) + "\n")
        made.writestr("states.json", msgspec.json.format(msgspec.json.encode(names.fact(known.states)), indent=1))
        found = [{"part": each.part, "health": each.health, "text": names.line(each.text)} for each in known.findings]
        made.writestr("findings.json", msgspec.json.format(msgspec.json.encode(found), indent=1))
    return buffer.getvalue()


def _clock(moment_ms: int | None) -> str:
    moment = datetime.now(UTC) if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _lines(rows: Iterable[Any]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _entries(data: Path, window: tuple[int, int]) -> Iterator[Entry]:
    path = data / "storekeeper.db"
    if not path.exists():
        return
    with closing(Reader(path)) as reads:
        first, after = first_since(reads, window[0]), first_since(reads, window[1])
    with closing(JournalReader(path)) as journal:
        place, left = first - 1, MAX_FACTS
        while place < after - 1 and left > 0 and (page := journal.after(place, min(2000, left))):
            yield from (entry for entry in page if entry.sequence < after)
            place, left = page[-1].sequence, left - len(page)


def _fact(names: Names, entry: Entry) -> dict[str, Any]:
    try:
        body = names.fact(msgspec.json.decode(entry.body))
    except (ValueError, RecursionError):
        body = {"unreadable": len(entry.body)}
    return {
        "sequence": entry.sequence,
        "at_ms": entry.wall_ms,
        "mono_ms": entry.mono_ms,
        "type": entry.type,
        "fact": body,
    }


def _logs(data: Path, window: tuple[int, int]) -> list[str]:
    """Of the service manager where it has any, else of the files of a demo."""
    lines: list[str] = []
    since, until = (f"@{edge // 1000}" for edge in window)
    argv = [
        "journalctl",
        "-u",
        "storekeeper*",
        "-u",
        "mosquitto",
        "--since",
        since,
        "--until",
        until,
        "-o",
        "short-iso",
    ]
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [*argv, "-o", "short-iso", "--no-pager", "-q"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        lines = done.stdout.splitlines()
    for path in sorted((data / "logs").glob("*.log")):
        with suppress(OSError):
            text = path.read_text("utf-8", "replace").splitlines()
            lines += [f"{path.stem}: {line}" for line in text if _is_within(line, window)]
    return lines[-MAX_LINES:]


def _is_within(line: str, window: tuple[int, int]) -> bool:
    """Whether a line of a demo's log is of that time: it begins with it, in UTC. Others belong to the one before."""
    try:
        moment = datetime.fromisoformat(line[:19]).replace(tzinfo=UTC).timestamp() * 1000
    except ValueError:
        return False
    return window[0] <= moment <= window[1]
