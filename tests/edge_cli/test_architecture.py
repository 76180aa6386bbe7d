"""What `docs/architecture.md` draws and tells is so."""

from __future__ import annotations

import ast
import re

import pytest

from tests.shape import drawing
from tests.shape.source import ROOT

PAGE = drawing.PAGE.read_text("utf-8")
STEP = re.compile(r"^\| \d+ \| `([^`]+)`(?: `([^`]+)`)? \| .+ \|$", re.MULTILINE)


def test_both_drawings_are_as_the_code_is() -> None:
    assert drawing.page(PAGE) == PAGE, "python -m tests.shape.drawing"


def test_no_two_errors_share_a_name() -> None:
    """The tree tells them apart by it."""
    names = [name for name, *_ in drawing.exceptions()]
    assert {name for name in names if names.count(name) > 1} == set()


def test_an_arrow_that_others_lead_to_is_not_drawn() -> None:
    edges = {"web": {"gateway", "journal"}, "gateway": {"journal"}, "journal": set()}
    assert drawing.reduced(edges) == {"web": {"gateway"}, "gateway": {"journal"}, "journal": set()}


def test_the_rooms_have_an_order() -> None:
    """No room imports one that imports it, by whatever way."""
    edges = drawing.rooms()
    assert {here: others for here, others in edges.items() if here in drawing.reached(edges, here)} == {}


def test_every_room_is_told_of() -> None:
    table = PAGE.partition("## The rooms")[2].partition("## The loop")[0]
    told = set(re.findall(r"`([a-z0-9_/]+)`", table))
    assert {name.replace(".", "/") for name in drawing.rooms()} - told == set()


@pytest.mark.parametrize(("place", "name"), STEP.findall(PAGE))
def test_each_step_is_where_it_is_said_to_be(place: str, name: str) -> None:
    path = ROOT / place
    assert path.is_file(), place
    if name:
        assert name in _names(ast.parse(path.read_text("utf-8"))), f"{place} has no {name}"


def test_both_lives_are_told() -> None:
    assert len(STEP.findall(PAGE)) > 30


def _names(tree: ast.Module) -> set[str]:
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found
