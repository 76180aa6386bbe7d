"""What the setup page asks of the box and cannot do itself: bring changes into force, look for hardware.

The page's process leaves word in the data folder; whoever has the rights (a unit of the service manager, or a process
of the same user) does it and leaves its answer there. Nothing but the changes themselves is taken from the word.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from edge.errors import StorekeeperError
from edge.journal import small_files
from edge.secrets.private import write_private
from operations.floor.changes import BadChange, FloorChange, read, texts
from operations.floor.toml_blocks import CannotEdit

FOLDER: Final = "floor"
PATIENCE_S: Final = 300.0
"""Longer than a release takes to be found well or not."""
SAID: Final = 12
"""Lines of what a command said that are handed on."""
State = Literal["working", "applied", "failed", "found"]


class NotOurs(StorekeeperError):
    """What is asked for was not left by our gateway."""


class Errand(msgspec.Struct, frozen=True):
    """One thing that is asked for."""

    number: str
    act: Literal["apply", "find"]
    changes: list[FloorChange] = []
    urls: list[str] = []
    """Where to look, beside the places that are usual."""


class Hardware(msgspec.Struct, frozen=True):
    """Something that answered."""

    what: Literal["lock", "printer", "scanner"]
    url: str
    words: str
    """How it calls itself, and how it is."""
    driver: str
    settings: dict[str, Any] = {}


class ErrandStatus(msgspec.Struct, frozen=True):
    """The answer, or that it is being worked on."""

    number: str
    state: State
    text: str = ""
    """What the command said, in English."""
    found: list[Hardware] = []


PLACE: Final = re.compile(
    r"tcp://[\w.\-]+:\d{1,5}|serial:///dev/(?:serial/by-(?:id|path)/|tty)[\w.:+\-]+(?:\?baud=\d+)?|file:///dev/usb/lp\d+"
)
"""Where may be looked: looking writes a few bytes, and whoever looks may write anywhere."""


def leave(data: Path, errand: Errand) -> Path:
    """Leave word. Returns where."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(data, ErrandStatus(errand.number, "working"))
    path = folder / "wanted.json"
    write_private(path, msgspec.json.encode(errand))
    return path


def say(data: Path, said: ErrandStatus) -> None:
    """Leave an answer, for whoever owns the data."""
    folder = data / FOLDER
    path = folder / "said.json"
    write_private(path, msgspec.json.encode(said))
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def said(data: Path) -> ErrandStatus | None:
    """Returns the newest answer."""
    return small_files.read(data / FOLDER / "said.json", ErrandStatus)


def run(config: Path, data: Path, command: Sequence[str]) -> ErrandStatus | None:
    """Do what is asked for, by this `storekeeper` command. Returns the answer; none where nothing is asked."""
    wanted = data / FOLDER / "wanted.json"
    if (data / FOLDER).is_symlink():
        raise NotOurs(f"{data / FOLDER}: expected a folder of the gateway's; found a link")
    try:
        errand = msgspec.json.decode(wanted.read_bytes(), type=Errand)
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        wanted.unlink(missing_ok=True)
        return ErrandStatus("", "failed", f"{wanted}: {error}")
    wanted.unlink(missing_ok=True)
    answer = _apply(errand, config, data, command) if errand.act == "apply" else _find(errand, command)
    say(data, answer)
    return answer


def _apply(errand: Errand, config: Path, data: Path, command: Sequence[str]) -> ErrandStatus:
    try:
        # Read again: the word was left by a process with fewer rights.
        changes = read(msgspec.json.encode(errand.changes))
        with drafted(config, changes) as draft:
            words = [*command, "apply", str(draft), "--config", str(config), "--data", str(data)]
            ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (BadChange, CannotEdit, OSError, subprocess.TimeoutExpired) as error:
        return ErrandStatus(errand.number, "failed", str(error))
    text = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-SAID:])
    return ErrandStatus(errand.number, "failed" if ended.returncode else "applied", text)


def _find(errand: Errand, command: Sequence[str]) -> ErrandStatus:
    for url in errand.urls:
        if not PLACE.fullmatch(url):
            return ErrandStatus(
                errand.number, "failed", f"expected tcp://host:port or a port of this box; found {url[:80]!r}"
            )
    words = [*command, "devices", "find", "--json", *(word for url in errand.urls for word in ("--at", url))]
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        found = msgspec.json.decode(ended.stdout, type=list[Hardware])
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return ErrandStatus(errand.number, "failed", str(error))
    return ErrandStatus(errand.number, "found", "\n".join(ended.stderr.strip().splitlines()[-SAID:]), found)


@contextmanager
def drafted(config: Path, changes: Iterable[FloorChange]) -> Iterator[Path]:
    """The settings of this folder with the changes, in a folder of their own for as long as it is needed.

    Raises `CannotEdit`, `OSError`.
    """
    with tempfile.TemporaryDirectory(prefix="storekeeper-draft-") as folder:
        draft = Path(folder) / "settings"
        shutil.copytree(config, draft, ignore=_not_settings)
        for name, text in texts(config, changes).items():
            (draft / name).write_bytes(text.encode())
        yield draft


def _not_settings(folder: str, names: list[str]) -> list[str]:
    """Keys and what belongs to other programs stay where they are."""
    return [name for name in names if not (Path(folder, name).is_dir() or name.endswith(".toml"))] + [
        name for name in names if name in ("secrets", "mosquitto")
    ]


def own_command() -> list[str]:
    """`storekeeper`, as this process was started."""
    return [sys.executable, "-m", "edge.cli"]
