"""The example of `docs/extending.md`, installed beside Storekeeper as anybody would, passes its own tests."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "extension"
PIP = (
    "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
)  # fmt: skip


@pytest.mark.slow
def test_it_installs_and_passes_its_own_tests(tmp_path: Path) -> None:
    project, beside = tmp_path / "project", tmp_path / "beside"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, *PIP, "--target", str(beside), str(project)], check=True)
    command = [sys.executable, "-m", "pytest", "-q", "tests"]
    # From a folder of its own: neither Storekeeper nor the package is found by chance.
    shutil.rmtree(project / "umbrella_stand")
    ran = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(beside)},
        check=False,
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]


def test_it_is_as_large_as_is_said() -> None:
    """What a noun with everything costs: the figure of CONTRIBUTING, and no file of Storekeeper's is among them."""
    files = sorted(path for path in (EXAMPLE / "umbrella_stand").rglob("*.*") if path.suffix != ".pyc")
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in files)
    said = re.search(r"(\d+) files and (\d+) lines", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert said is not None
    assert (int(said[1]), int(said[2])) == (len(files), lines)


def test_it_names_the_house_by_its_public_parts_alone() -> None:
    private = [
        f"{path.name}:{node.lineno}"
        for path in (EXAMPLE / "umbrella_stand").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and any(alias.name.startswith("_") for alias in node.names)
        and node.module != "__future__"
    ]
    assert private == []
