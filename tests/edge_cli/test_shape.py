"""`make shape` prints these; here they are refused when they grow."""

from __future__ import annotations

import sys

import pytest

from tests.shape.__main__ import main
from tests.shape.figures import figures
from tests.shape.frame import FRAME, nouns_of
from tests.shape.homes import NO_SENTENCES, ROLES, repeated_names
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


def test_a_name_that_many_modules_give_is_found() -> None:
    shared = {line.partition(":")[0] for line in repeated_names(1)}
    assert "Rule" in shared, "a line across the paper, as it is sent and as it is laid out"
    assert shared.isdisjoint(ROLES)


@pytest.mark.parametrize(("name", "own"), FRAME.items())
def test_the_frame_names_no_noun_but_the_one_that_a_module_carries_out(name: str, own: str) -> None:
    assert nouns_of(name) == ({own} if own else set())


def test_a_noun_that_is_imported_is_seen() -> None:
    assert {"devices", "printing"} <= nouns_of("edge.gateway.near_printers")
    assert "lockers" in nouns_of("edge.domain.nouns"), "the list of them"


def test_the_command_prints_both_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["shape", "--where"])
    assert main() == 0
    said = capsys.readouterr().out
    assert "| storekeeper " in said
    assert "| jodal/biip" in said
    assert "SQL" in said
