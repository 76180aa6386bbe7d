from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(3100)
def test_every_picture_is_in_order(in_a_window: Callable[..., None]) -> None:
    in_a_window("picture_cases.py", 66, within_s=3000)
