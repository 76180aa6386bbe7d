from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.skipif("STOREKEEPER_ROUNDS" not in os.environ, reason="minutes; STOREKEEPER_ROUNDS lets it run")
@pytest.mark.timeout(3100)
def test_every_journey_by_keys_and_voice_alone(in_a_window: Callable[..., None]) -> None:
    in_a_window("journey_cases.py", 6, 3000, "mosquitto")
