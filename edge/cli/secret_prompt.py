"""Secrets that a person gives to a command: asked for on a terminal, or the first line of standard input.

Never an option: a command line stands in `ps`, in the shell's history and in the log of whoever ran it by `sudo`.
"""

from __future__ import annotations

import getpass
import sys

import typer

from edge.cli.exits import WRONG_SETTINGS


def ask(what: str, *, twice: bool = True) -> str:
    """The secret, typed twice on a terminal. Ends the command where both differ or nothing comes."""
    if not sys.stdin.isatty():
        return _needed(what, sys.stdin.readline().rstrip("\r\n"))
    first = _needed(what, getpass.getpass(f"{what}: "))
    if twice and getpass.getpass(f"{what} again: ") != first:
        typer.secho("Both are not the same.", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    return first


def _needed(what: str, given: str) -> str:
    if not given:
        typer.secho(f"{what}: expected one on the terminal or as the first line of standard input.", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    return given
