"""Log lines of the services, on standard error: systemd, the demo or a person keeps them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO, cast

from edge.cli.plain import plain

_NUMBER: Final = re.compile(r"(?<![\w+])(?:\+\d(?:[ -]?\d){6,14}|(?:0086[ -]?)?1[3-9]\d(?:[ -]?\d){8})(?!\w)")
"""A number with its country, or a mobile one of mainland China. What is written down on purpose has none; this is the
net below an error's message or a traceback that quotes what somebody typed."""

MOMENT: Final = "%Y-%m-%d %H:%M:%S%z"
"""The box's own time, and how far it is from UTC."""


def discreet(text: str) -> str:
    """The text without phone numbers."""
    return _NUMBER.sub("(number)", text)


def _discreet(_: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            # A line is one event; a traceback alone has several.
            event[key] = plain(discreet(value if key == "exception" else value.replace("\n", "\\n")))
        elif isinstance(value, Exception):
            event[key] = plain(discreet(repr(value)))
    return event


class _Discreet(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return plain(discreet(super().format(record)))


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
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)-8s %(name)s: %(message)s", MOMENT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("uvicorn", "urllib3", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
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
