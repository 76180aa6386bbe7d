from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).with_name("scene_cases.py")


@pytest.mark.timeout(300)
def test_scenes_in_the_window(require: Callable[[str], None], tmp_path: Path) -> None:
    """Every case of `scene_cases.py`, in a process that has a window to itself."""
    for part in ("kivy", "segno", "zxingcpp"):
        require(part)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--timeout=120", "-o", "python_files=*_cases.py", str(CASES)],
        env=os.environ | {"SDL_VIDEODRIVER": "offscreen", "KIVY_NO_ARGS": "1", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 7
