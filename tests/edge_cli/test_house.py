"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("edge", "device_drivers", "gs1", "kiosk_ui", "operations", "pricing", "sync", "words")
MODULE, FUNCTION = 400, 50
"""Lines. 250 and 25 are the aim; past these it is refused."""
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base"}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_is_too_long() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {path: lines for path, lines in long.items() if lines > MODULE} == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in modules() if path.stem in NAMELESS] == []


def test_nothing_is_global() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Global)
    ] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_hashes_and_no_hosts(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def test_the_locks_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *itertools.chain.from_iterable(extras.values())]
    names = {Requirement(text).name for text in wanted} - {"storekeeper"}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE))
    assert {canonicalize_name(name) for name in names} - pinned == set()


def test_the_project_names_no_machine_of_its_makers() -> None:
    private = ("/home/", "/root/", "C:\\Users")
    found = [
        str(path.relative_to(ROOT))
        for path in [*modules(), *(ROOT / "config").rglob("*.*"), ROOT / "Makefile", ROOT / "pyproject.toml"]
        if path.parent.name != "media" and any(name in path.read_text("utf-8") for name in private)
    ]
    assert found == []
