"""The list of parts of a release, CycloneDX: what the lock names, each with the hashes that it is proven by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from release import source


def write(path: Path) -> Path:
    """The list, the same bytes for the same lock."""
    tool = [sys.executable, "-m", "cyclonedx_py", "requirements", str(source.ROOT / "requirements.lock")]
    more = ["--pyproject", str(source.ROOT / "pyproject.toml"), "--output-reproducible", "--of", "JSON", "--sv", "1.6"]
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([*tool, *more, "-o", str(path)], check=True, stderr=subprocess.DEVNULL)
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write(source.ROOT / 'dist' / f'storekeeper-{source.version()}.cdx.json')}\n")
