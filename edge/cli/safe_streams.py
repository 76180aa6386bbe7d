"""Text from outside on somebody's terminal: what would move the cursor, hide or turn letters round is written as its
escape (u202e after a backslash), which JSON reads as the same character.

Everything that the command writes passes `SafeStream`. ESC is the exception: our own colours begin with it, so what
shows text from outside takes it out before, by `plain`.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO, cast

from words.unseen import UNSEEN, escaped, plain

__all__ = ["SafeStream", "plain", "take_streams"]

_IN_STREAM: Final = re.compile(f"[{UNSEEN}]")


class SafeStream:
    """A stream that shows what is written, and obeys nothing of it but colours."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """See `io.TextIOBase`. A carriage return before a newline is Windows' own, one by itself is rich's progress."""
        return self._stream.write(_IN_STREAM.sub(lambda found: found[0] if found[0] == "\r" else escaped(found), text))

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)


class StandardOutput(SafeStream):
    """Standard output: what somebody asked for. Where it takes no more, that is an error."""

    def write(self, text: str) -> int:
        """Raises `OSError`, which names stdout."""
        with self._errors_named():
            return super().write(text)

    def flush(self) -> None:
        """Raises `OSError`, which names stdout."""
        with self._errors_named():
            self._stream.flush()

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = "stdout"
            raise

    def give_up(self) -> None:
        """It leads nowhere from now on: Python would try once more when it ends, and say so in its own way."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


class StandardError(SafeStream):
    """Standard error: a remark that nobody takes stops no command and changes no exit code."""

    def write(self, text: str) -> int:
        """See `SafeStream`. Never raises `OSError`."""
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Never raises `OSError`."""
        with suppress(OSError):
            self._stream.flush()


def take_streams() -> StandardOutput:
    """Puts `SafeStream`s in place of standard output and error. Where whoever starts the command has closed one of the
    three, it leads to nothing, instead of being the next file that is opened.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - until the end
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a file that cannot show a letter gets its number, and the command goes on.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    answers = StandardOutput(sys.stdout)
    sys.stdout, sys.stderr = cast("TextIO", answers), cast("TextIO", StandardError(sys.stderr))
    return answers
