"""Settings of rehearsed outages: `[rehearsal]` of `gateway.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge.settings.model import SettingsModel


class RehearsalSettings(SettingsModel):
    """What the store has set itself for the time without internet, or without its device network."""

    unlock_p99_ms: Annotated[int, Field(strict=True, ge=100, le=60_000)] = 1500
    """Within how many milliseconds 99 of 100 locks open while there is no internet. Raise it for slow radio links."""
    failed_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 2
    """How many percent of the locks may fail meanwhile: a jam is nobody's outage."""
    drain_s: Annotated[int, Field(strict=True, ge=5, le=3600)] = 120
    """Within how many seconds after the internet is back the cloud has everything."""
    back_s: Annotated[int, Field(strict=True, ge=5, le=3600)] = 60
    """Within how many seconds after the device network is back every device is connected again."""
