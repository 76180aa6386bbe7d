from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(1300)
def test_a_list_in_the_window(in_a_window: Callable[..., None]) -> None:
    in_a_window("row_cases.py", 16, within_s=1200)
