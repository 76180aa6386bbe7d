"""A scanner that sends each code as bytes, over a serial line or as a keyboard."""

from __future__ import annotations

import time
from typing import Final, Protocol

from device_drivers.scanners.codes import scanned
from device_drivers.scanners.scanner import Scanner

LOOK_S: Final = 0.1
"""How long a read waits, in seconds; so long does `stop` take."""

WAIT_S: Final = 0.05
"""How long a source waits at most for more of a code."""


class CodeSource(Protocol):
    """Where codes come from. `OSError` from `open` or `codes` means that it is not there (any more)."""

    def open(self) -> None:
        """Opens it anew."""

    def codes(self, until: float) -> list[bytes]:
        """Those that were completed before `time.monotonic()` reads `until`; it returns early where there are some."""

    def close(self) -> None:
        """Lets go of it; never raises."""


class LineScanner(Scanner):
    """A scanner on a `CodeSource`. Event: `scanned`."""

    def __init__(self, source: CodeSource, encodings: tuple[str, ...]) -> None:
        """`encodings` are tried one after the other. Raises `ValueError` for one that Python does not know."""
        super().__init__()
        for encoding in encodings:
            try:
                b"    ".decode(encoding, "replace")
            except (LookupError, UnicodeError):  # or it is one of bytes, such as `hex`
                raise ValueError(f"encodings: {encoding!r} is none of text that Python knows") from None
        self._source, self._encodings = source, encodings

    def listen(self) -> None:
        """See `Scanner`."""
        try:
            self._source.open()
            self._is_there(there=True)
            while not self._ended.is_set():
                for code in self._source.codes(time.monotonic() + LOOK_S):
                    self._report.event(scanned(code, self._encodings))
        finally:
            self._source.close()
