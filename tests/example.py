"""The example store as it is on any day and at any hour."""

from __future__ import annotations

from pathlib import Path

from edge.settings.settings import Settings, load

CONFIG = Path(__file__).resolve().parents[1] / "config"


def of_any_day() -> Settings:
    """Without the campaigns that hold on some days of the month or at some hours alone: no price hangs on when it is
    that a test runs.
    """
    settings = load(CONFIG)
    always = tuple(each for each in settings.campaigns if not each.when.month_days and not each.when.hours)
    assert len(always) == len(settings.campaigns) - 2, "the evening's bread and the member day"
    return settings.model_copy(update={"campaigns": always})
