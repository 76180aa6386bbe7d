from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 3600 if "STOREKEEPER_ROUNDS" in os.environ else 3000


@pytest.mark.timeout(PATIENCE_S + 100)
def test_letters_twice_as_high(in_a_window: Callable[..., None]) -> None:
    in_a_window("double_cases.py", 6, within_s=PATIENCE_S)
