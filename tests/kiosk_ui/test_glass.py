from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(3100)
def test_the_glass(in_a_window: Callable[..., None]) -> None:
    in_a_window("glass_cases.py", 15, within_s=3000)
