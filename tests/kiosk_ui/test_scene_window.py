from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(3100)
def test_scenes_in_the_window(in_a_window: Callable[..., None]) -> None:
    in_a_window("scene_cases.py", 34, within_s=3000)
