"""The wheel, `python -m release.wheel`: built from what git keeps alone, the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from release import source


def build(folder: Path) -> Path:
    """The wheel of this version, in `folder`. The environment needs `setuptools`."""
    version = source.version()
    copy = source.copy(source.ROOT / "build" / "source", version)
    source.timeless(copy, source.epoch())
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob(f"storekeeper-{version}-*.whl"):
        earlier.unlink()
    told = os.environ | {"SOURCE_DATE_EPOCH": str(source.epoch()), "PYTHONHASHSEED": "0"}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(copy)], check=True, env=told)
    return next(folder.glob(f"storekeeper-{version}-*.whl"))


if __name__ == "__main__":
    sys.stdout.write(f"{build(source.ROOT / 'dist')}\n")
