from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import unicodedata
from functools import partial
from pathlib import Path

import pytest

from edge.cli.safe_streams import SafeStream, plain
from edge.domain.nouns import NOUNS
from edge.domain.staff.facts import StaffActed
from edge.journal.journal import Journal

CONFIG = Path(__file__).resolve().parents[2] / "config"
NASTY = "a\x9b31mb\u202ec\u2066d\u200fe\u2028f\x85g\x00h\x1b[2Ji\x7fj\ufeffk\U000e0041l\rm"


def seen(text: str) -> bool:
    """Whether nothing in the text acts without being seen."""
    return not any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") and sign not in "\n\t" for sign in text)


def test_what_is_not_seen_is_written_out() -> None:
    assert seen(plain(NASTY))
    assert json.loads(f'"{plain("a" + chr(0x9B) + chr(0xE0041))}"') == "a\x9b\U000e0041"
    assert plain("牛奶 12.90 · 👩‍🚀\n\tok") == "牛奶 12.90 · 👩‍🚀\n\tok"


def test_a_stream_shows_and_obeys_colours_alone() -> None:
    under = io.StringIO()
    print("\x1b[31mred\x1b[0m", NASTY.replace("\x1b", "").replace("\r", ""), file=SafeStream(under))
    written = under.getvalue()
    assert written.startswith("\x1b[31mred\x1b[0m ")
    assert seen(written.replace("\x1b", ""))


@pytest.mark.parametrize("options", [[], ["--json"]])
async def test_the_journals_tail_shows_and_obeys_nothing(tmp_path: Path, options: list[str]) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    fact = StaffActed(staff="li", action="x", target=NASTY, reason="", request="r", ref="")

    def emit(tx: object) -> None:
        tx.emit(fact)  # type: ignore[attr-defined]

    await journal.write(emit)
    journal.close()
    command = [
        sys.executable,
        "-m",
        "edge.cli",
        "journal",
        "tail",
        *options,
        "--config",
        str(CONFIG),
        "--data",
        str(tmp_path),
    ]
    run = partial(subprocess.run, capture_output=True, check=True, timeout=300)
    shown = (await asyncio.to_thread(run, command)).stdout.decode("utf-8")
    assert "staff.acted.v1" in shown
    assert seen(shown)
    if options:
        assert json.loads(shown)["target"] == NASTY
