"""`make shape` prints these; here they are refused when they grow."""

from __future__ import annotations

import subprocess
import sys

from tests.shape.figures import figures
from tests.shape.homes import NO_SENTENCES
from tests.shape.imports import cycles
from tests.shape.source import ROOT, share


def test_no_figure_grows() -> None:
    counted = figures()
    assert [one.what for one in counted if one.goal > one.limit] == []
    assert {one.what: (one.found, one.limit, one.where) for one in counted if one.found > one.limit} == {}


def test_a_circle_is_found_and_a_chain_is_none() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert cycles({"a": {"a"}}) == [["a"]]


def test_a_percentile_is_one_of_the_values() -> None:
    assert share([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 9
    assert share([7], 0.95) == 7


def test_each_exception_is_a_file_that_exists() -> None:
    assert [place for place in NO_SENTENCES if not (ROOT / place).is_file()] == []


def test_the_command_prints_both_tables() -> None:
    command = [sys.executable, "-m", "tests.shape", "--where"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "| storekeeper " in said
    assert "| jodal/biip" in said
    assert "SQL" in said
