from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.kiosk_ui.samples.sample import every

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 1200
WHOLE_S = 6 * 3600


@pytest.mark.timeout(WHOLE_S if "STOREKEEPER_ROUNDS" in os.environ else PATIENCE_S + 20)
def test_every_screen_is_in_order(in_a_window: Callable[..., None]) -> None:
    patience = WHOLE_S if "STOREKEEPER_ROUNDS" in os.environ else PATIENCE_S
    screens = sum(sample.covers[:1] == ("normal",) for sample in every())
    in_a_window("geometry_cases.py", screens, within_s=patience)
