"""A product that somebody held to the scanner."""

from __future__ import annotations

from typing import Final

from tests.kiosk_ui.conftest import make_product
from tests.kiosk_ui.samples.sample import Sample
from tests.kiosk_ui.wire import parse_scene

SAMPLES: Final = (Sample(name="product", message=parse_scene(make_product()), covers=("normal",)),)
