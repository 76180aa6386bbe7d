"""Log lines of the services, on standard error: systemd, the demo or a person keeps them."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TextIO, cast

from edge.cli.exits import unnumbered, words_of
from edge.cli.safe_streams import plain

_NUMBER: Final = re.compile(r"(?<![\w+])(?:\+\d(?:[ -]?\d){6,14}|(?:0086[ -]?)?1[3-9]\d(?:[ -]?\d){8})(?!\w)")
"""A number with its country, or a mobile one of mainland China. What is written down on purpose has none; this is the
net below an error's message or a traceback that quotes what somebody typed."""

MOMENT: Final = "%Y-%m-%d %H:%M:%S%z"
"""The box's own time, and how far it is from UTC."""


def discreet(text: str) -> str:
    """The text without phone numbers, and without the system's numbers of errors."""
    return unnumbered(_NUMBER.sub("(number)", text))


def _discreet(_: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            # A line is one event; a traceback alone has several.
            event[key] = plain(discreet(value if key == "exception" else value.replace("\n", "\\n")))
        elif isinstance(value, Exception):
            event[key] = plain(discreet(words_of(value) if isinstance(value, OSError) else repr(value)))
    return event


class _Discreet(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, tuple):
            record.args = tuple(words_of(each) if isinstance(each, OSError) else each for each in record.args)
        return plain(discreet(super().format(record)))


MOST: Final = 60
"""So many lines a minute of one kind: what anybody in the network can cause must not crowd out everything else."""
MINUTE_S: Final = 60.0
MAX_KINDS: Final = 1000


class FloodGate(logging.Filter):
    """Lets so many lines of each kind through in a minute. The next one then says how many were left out."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most = most
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}
        """By kind: when its minute began, and how many came in it."""

    def left_out(self, kind: str) -> int | None:
        """How many of this kind were left out before this line; none where it is left out as well."""
        now = self._clock()
        since, count = self._seen.get(kind, (now, 0))
        before = 0
        if now - since >= MINUTE_S:
            before, since, count = max(0, count - self._most), now, 0
        if len(self._seen) >= MAX_KINDS:
            self._seen.clear()
        self._seen[kind] = (since, count + 1)
        return before if count < self._most else None

    def filter(self, record: logging.LogRecord) -> bool:
        """For lines of the standard library's loggers."""
        before = self.left_out(f"{record.name} {record.msg}")
        if before:
            record.msg = f"{record.msg} ({before} more were left out)"
        return before is not None

    def __call__(self, _: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """For our own. Raises `structlog.DropEvent`."""
        import structlog

        before = self.left_out(str(event.get("event", "")))
        if before is None:
            raise structlog.DropEvent
        return {**event, "left_out": before} if before else event


class _StandardError:
    """Standard error as it is when a line is written: whoever runs a command within a process may put another there."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def start_logging() -> None:
    """One line an event, with its time; colours on a terminal alone; no phone numbers."""
    import structlog

    there = cast("TextIO", _StandardError())
    handler = logging.StreamHandler(there)
    gate = FloodGate()
    handler.addFilter(gate)
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)-8s %(name)s: %(message)s", MOMENT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("uvicorn", "urllib3", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            gate,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt=MOMENT, utc=False),
            structlog.processors.format_exc_info,
            _discreet,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0),
        ],
        logger_factory=structlog.PrintLoggerFactory(there),
        cache_logger_on_first_use=True,
    )
