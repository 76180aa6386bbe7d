from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.kiosk_ui.samples.sample import every

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_ROUND = "STOREKEEPER_ROUNDS" in os.environ
WITHIN_S = 10 * 3600 if EVERY_ROUND else 3000


@pytest.mark.timeout(WITHIN_S + 20)
def test_every_screen_is_in_order(in_a_window: Callable[..., None]) -> None:
    """With STOREKEEPER_ROUNDS each sample in each combination, spread over the machine's processors."""
    samples = every()
    least = len(samples) * 84 if EVERY_ROUND else sum(sample.covers[:1] == ("normal",) for sample in samples)
    in_a_window("geometry_cases.py", least, within_s=WITHIN_S, processes=(os.cpu_count() or 1) if EVERY_ROUND else 0)
