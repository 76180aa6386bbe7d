"""The source of a release: its version, its moment, and a clean copy of what git keeps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([a-z0-9.+]*)")


def version() -> str:
    """`STOREKEEPER_VERSION`, else that of `pyproject.toml`. Raises `SystemExit` for none that Debian takes."""
    found = os.environ.get("STOREKEEPER_VERSION") or str(
        tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    )
    if not _VERSION.fullmatch(found):
        raise SystemExit(f'version "{found}": expected three numbers, such as 1.4.0 or 1.4.0rc1')
    return found


def epoch() -> int:
    """The moment that every file of the release is given: `SOURCE_DATE_EPOCH`, else that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    return int(_git("log", "-1", "--format=%ct") or 1_700_000_000)


def copy(folder: Path, chosen: str) -> Path:
    """What git keeps, as version `chosen`, in `folder`: nothing that a build or an editor left behind."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in _git("ls-files", "-z").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    project = folder / "pyproject.toml"
    text = re.sub(r'(?m)^version = ".*"$', f'version = "{chosen}"', project.read_text("utf-8"), count=1)
    project.write_text(text, "utf-8")
    return folder


def timeless(tree: Path, moment: int) -> None:
    """Give every file and folder one moment, and the modes that they would have for anybody."""
    for path in sorted([tree, *tree.rglob("*")]):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and _is_program(path)) else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


def _is_program(path: Path) -> bool:
    return path.stat().st_mode & 0o100 != 0


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout.strip()
