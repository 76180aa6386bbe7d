from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.timeout(3100)
def test_the_bank_s_screen(in_a_window: Callable[..., None]) -> None:
    in_a_window("bank_cases.py", 10, 3000, "mosquitto")
