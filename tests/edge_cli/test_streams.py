"""What a command reads from and writes to, closed, full or left: an exit code that is true, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "config"
FULL = "stdout: the disk is full: make space\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (f"check {EXAMPLE} >&-", 0, ""),
        (f"devices list --config {EXAMPLE} >&-", 0, ""),
        (f"check {EXAMPLE} <&- >&- 2>&-", 0, ""),
        ("check nothing >&- 2>&-", 2, ""),
        ("check nothing 2>/dev/full", 2, ""),
        (f"catalogue check - --config {EXAMPLE} <&-", 1, "it is empty"),
        ("--version >/dev/full", 1, FULL),
        ("check --help >/dev/full", 1, FULL),
        (f"devices list --config {EXAMPLE} >/dev/full", 1, FULL),
        ("--version 1</dev/null", 1, "stdout: "),
    ],
)
def test_a_stream_that_is_closed_full_or_left(words: str, code: int, said: str) -> None:
    """With stdout closed every command ended in an AttributeError, and a full stderr changed the exit code."""
    program = f"{sys.executable} -m edge.cli {words}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("words", ["--version", f"devices list --config {EXAMPLE}"])
def test_whoever_reads_has_gone(words: str) -> None:
    seen, written = os.pipe()
    os.close(seen)
    command = [sys.executable, "-m", "edge.cli", *words.split()]
    done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, check=False, timeout=300)
    os.close(written)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_next_file_does_not_take_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """What a child prints would stand in the journal."""
    program = (
        "import os\nfrom pathlib import Path\nfrom edge.cli.safe_streams import take_streams\ntake_streams()\n"
        f"file = Path({str(tmp_path / 'x')!r}).open('w')\nassert file.fileno() > 2\nos.write(1, b'lost')\n"
    )
    words = ["bash", "-c", f"exec {sys.executable} - 0<<'END' >&- 2>&-\n{program}END\n"]
    assert subprocess.run(words, check=False, timeout=300).returncode == 0
    assert (tmp_path / "x").read_text() == ""
