"""A conversation on a port, kept as lines of JSON and held again without the hardware.

The first line says what it is of; then each line is one act, in order: `{"at_ms": …, "sent": "<hex>"}`,
`{"at_ms": …, "received": "<hex>"}`, `{"note": "…"}` or `{"found": {…}}`.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.transports.transport import Transport

FORMAT: Final = 1


class Deviation(ValueError):
    """Something else was sent than the last time: what was recorded, and what came."""


class Recorder:
    """A `Transport` that passes everything through and writes it down."""

    def __init__(self, transport: Transport, path: Path, what: str) -> None:
        """Begins a new file, or goes on with one that is there."""
        self._transport = transport
        self._path = path
        self._began = time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self._keep({"format": FORMAT, "what": what, "url": transport.url})

    @property
    def url(self) -> str:
        return self._transport.url

    @property
    def byte_s(self) -> float:
        return self._transport.byte_s

    def open(self) -> None:
        self._transport.open()

    def write(self, data: bytes) -> None:
        self._transport.write(data)
        self._act("sent", data)

    def read(self, until: float) -> bytes:
        data = self._transport.read(until)
        if data:
            self._act("received", data)
        return data

    def flush_input(self) -> None:
        self._transport.flush_input()

    def close(self) -> None:
        self._transport.close()

    def note(self, text: str) -> None:
        """What a person saw or said meanwhile."""
        self._keep({"note": text})

    def found(self, what: dict[str, Any]) -> None:
        """What came out of it, for a test to compare."""
        self._keep({"found": what})

    def _act(self, kind: str, data: bytes) -> None:
        self._keep({"at_ms": round((time.monotonic() - self._began) * 1000), kind: data.hex(" ")})

    def _keep(self, line: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


class Replay:
    """A `Transport` that answers as the recorded hardware did, and refuses what it was not asked then."""

    byte_s = 0.0

    def __init__(self, path: Path) -> None:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if not lines or lines[0].get("format") != FORMAT:
            raise ValueError(f"{path} is no recording of format {FORMAT}")
        self._url = str(lines[0]["url"])
        self._acts: list[tuple[str, bytes]] = [
            (kind, bytes.fromhex(line[kind])) for line in lines[1:] for kind in ("sent", "received") if kind in line
        ]
        self._at = 0

    @property
    def url(self) -> str:
        return self._url

    @property
    def left(self) -> int:
        """How many acts have not been held yet."""
        return len(self._acts) - self._at

    def open(self) -> None:
        """It is always there."""

    def write(self, data: bytes) -> None:
        """Raises `Deviation`."""
        self.flush_input()
        expected = self._acts[self._at][1] if self.left else b""
        if data != expected:
            raise Deviation(f"act {self._at}: recorded was {expected.hex(' ') or 'the end'}, not {data.hex(' ')}")
        self._at += 1

    def read(self, until: float) -> bytes:
        if self.left and self._acts[self._at][0] == "received":
            self._at += 1
            return self._acts[self._at - 1][1]
        time.sleep(max(0.0, until - time.monotonic()))
        return b""

    def flush_input(self) -> None:
        while self.left and self._acts[self._at][0] == "received":
            self._at += 1

    def close(self) -> None:
        """Nothing was opened."""
