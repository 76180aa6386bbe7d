from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(3100)
def test_people_before_the_glass(in_a_window: Callable[..., None]) -> None:
    in_a_window("session_cases.py", 10, within_s=3000)
