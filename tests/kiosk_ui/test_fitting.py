from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk_ui import reach
from kiosk_ui.fitting import BadFitting, Fitting, of_settings

PANELS = {"32 inch": (398.0, 708.0), "43 inch": (535.0, 952.0)}
"""Width and height of the glass, upright, in millimetres."""


@pytest.mark.parametrize(("width", "height"), PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("mounted", [200.0, 380.0, 650.0, 750.0])
def test_what_is_low_lies_between_the_two_heights(width: float, height: float, mounted: float) -> None:
    mm = width / 1080
    band = reach.band(height / mm, mm, mounted)
    assert mounted + band.bottom * mm >= min(reach.LOWEST_MM, mounted + band.bottom * mm)
    assert mounted + band.bottom * mm >= reach.LOWEST_MM or mounted >= reach.LOWEST_MM
    assert mounted + band.top * mm <= reach.HIGHEST_MM + mm
    assert band.height * mm > 300


def test_a_small_panel_is_low_as_a_whole() -> None:
    assert reach.band(1920, 0.18) == (0, 1920)
    assert reach.reachable(1920, 0.18) == 1.0


def test_a_panel_that_hangs_too_high_says_how_much_of_it_is_lost() -> None:
    assert reach.reachable(1920, 0.5, 1220.0) == 0.0
    assert reach.band(1920, 0.5, 1220.0).height == pytest.approx(576, abs=1)
    assert 0.45 < reach.reachable(1920, 952 / 1920, 750.0) < 0.55


def test_nothing_needs_to_be_said() -> None:
    assert of_settings("screen-baby", {}) == Fitting()


def test_what_is_measured_is_taken() -> None:
    found = of_settings("screen-baby", {"width_mm": 398, "mounted_mm": 700, "voice": ["own", "{language}"]})
    assert (found.width_mm, found.mounted_mm) == (398.0, 700.0)
    assert found.speech.command == ("own", "{language}")
    assert of_settings("screen-baby", {"voices": "/srv/voices"}).speech.models == Path("/srv/voices")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"mounted_mm": 5000}, "mounted_mm"),
        ({"width_mm": "wide"}, "width_mm"),
        ({"high": 1}, "high"),
        ({"voice": "espeak"}, "voice"),
        ({"mounted_mm": float("nan")}, "mounted_mm"),
    ],
)
def test_what_cannot_be_is_named_with_what_is_expected(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(BadFitting, match=named) as caught:
        of_settings("screen-baby", settings)
    assert "screen-baby" in str(caught.value)
    assert "mounted_mm" in str(caught.value)
