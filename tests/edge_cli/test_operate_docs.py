"""Every command in `docs/operate` is one that there is, with options that it has; what may be run here is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from edge.cli.app import app
from tests.command import storekeeper

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "operate"
RUN = (
    "doctor", "doctor --json", "operators list", "sync status", "journal verify", "reconcile", "rehearse status",
    "rehearse end", "reconcile --day today --json", "settings describe", "check",
)  # fmt: skip
"""What only looks, or may be done to a store of one's own. The others have tests of their own, and are parsed here."""
ELLIPSIS = re.compile(r"…|\.\.\.")


def commands() -> Iterator[tuple[str, str]]:
    """Each `storekeeper …` of the books, and where it stands."""
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text("utf-8")
        found = re.findall(r"`(?:sudo )?storekeeper ([^`\n]*)`", text)
        found += re.findall(r"^ {4,}(?:sudo )?storekeeper (.*)$", text, re.MULTILINE)
        found += re.findall(r"^(?:sudo )?storekeeper (.*)$", text, re.MULTILINE)
        for command in dict.fromkeys(found):
            yield path.name, command.split(" #")[0].split(" && ")[0].split(" | ")[0].split(" > ")[0].strip(" \\")


ALL = sorted(set(commands()))


def parsed(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words lead to, and its arguments. Raises `click.UsageError`."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            if words[0].startswith("-") or getattr(command, "invoke_without_command", False):
                break
            raise click.UsageError(f"no command {words[0]!r}")
        command = command.commands[words[0]]
        words = words[1:]
    return command, words


@pytest.mark.parametrize(("where", "command"), ALL)
def test_a_command_of_the_books_is_one_that_there_is(where: str, command: str) -> None:
    words = shlex.split(ELLIPSIS.sub("", command))
    found, rest = parsed(words)
    known = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "-h",
    }
    known |= {name for each in getattr(found, "commands", {}).values() for p in each.params for name in p.opts}
    options = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert options - known == set(), f"{where}: storekeeper {command}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A store of its own, as the commands are told of it."""
    folder = tmp_path_factory.mktemp("operate")
    from edge.bootstrap.nouns import nouns_of
    from edge.cli.box import alone
    from edge.settings.settings import load

    async def nothing(_: object) -> None:
        return None

    alone(folder / "storekeeper.db", nouns_of(load(ROOT / "config")).all, nothing)
    return ["--config", str(ROOT / "config"), "--data", str(folder)]


@pytest.mark.parametrize("command", [each for each in RUN if any(each == found for _, found in ALL)])
def test_what_may_be_run_is_run(store: list[str], command: str) -> None:
    found, _ = parsed(shlex.split(command))
    takes = {name for parameter in found.params for name in parameter.opts}
    where = [word for pair in zip(store[::2], store[1::2], strict=True) if pair[0] in takes for word in pair]
    done = storekeeper(*shlex.split(command), *where)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stdout.strip() or done.stderr.strip()


def test_every_unit_of_the_books_is_one_that_there_is() -> None:
    units = {path.name for path in (ROOT / "systemd").glob("*.*")}
    named = {
        name
        for path in DOCS.glob("*.md")
        for name in re.findall(r"\bstorekeeper-[a-z]+(?:@[\w-]*)?(?:\.timer|\.service)\b", path.read_text("utf-8"))
    }
    assert {re.sub(r"@[\w-]*", "@", name) for name in named} - units - {"storekeeper-backup.timer"} == set()


def test_the_books_lead_to_each_other() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    ours = {"hardware.md", "first-day.md", "alarms.md", "every-day.md", "limits.md"}
    assert {name for name in ours if f"({name})" in index} == ours
    for name in ours | {"README.md"}:
        for link in re.findall(r"\]\(((?!http)[^)#]+)", (DOCS / name).read_text("utf-8")):
            if link not in ("install.md", "network.md"):
                assert (DOCS / link).exists(), f"{name}: {link}"
