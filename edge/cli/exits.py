"""How a command ends that cannot do what it was asked for: a sentence on stderr, and an exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer

from edge.cli.io_errors import of_file

FAILED: Final = 1
"""Exit code: what was asked for could not be done."""
WRONG_SETTINGS: Final = 2
"""Exit code: the command line or the settings are wrong."""


_NUMBER: Final = re.compile(r"\[Errno -?\d+\] ")
"""How the system counts its errors, which tells nobody what to do."""


def unnumbered(sentence: str) -> str:
    """The sentence without the system's numbers of errors."""
    return _NUMBER.sub("", sentence)


def fail(sentence: str, code: int = WRONG_SETTINGS) -> NoReturn:
    """Ends the command. Raises `typer.Exit`."""
    typer.secho(unnumbered(sentence), fg="red", err=True)
    raise typer.Exit(code)


def remark(sentence: str) -> None:
    """Says what does not end the command."""
    typer.secho(unnumbered(sentence), fg="yellow", err=True)


def words_of(error: Exception) -> str:
    """What an error says; of a file or a disk in words, without a number."""
    return of_file(error) if isinstance(error, OSError) and error.errno else str(error)


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Ends the command with a sentence and `FAILED` where a gateway or a journal refuses."""
    from edge.errors import Refusal, StorekeeperError
    from edge.web.language import Texts

    try:
        yield
    except Refusal as refusal:
        fail(Texts.load().refusal("en", refusal.code, **refusal.details), FAILED)
    except StorekeeperError as error:
        fail(str(error), FAILED)
