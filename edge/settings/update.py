"""Settings of how this box comes to another version: `[update]` of `gateway.toml`. All of it has defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from edge.settings.folders import Folder
from edge.settings.forms import Identifier
from edge.settings.hours import checked
from edge.settings.model import SettingsModel

Hours = Annotated[str, AfterValidator(checked)]


class UpdateSettings(SettingsModel):
    """How this box comes to another version."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """Address of the signed index, or a folder with one. Leave it out and the box stays as it is until somebody names
    a source on the command line."""
    root: Folder = Path("update-root.json")
    """File with the keys that the index must be signed by, beside the settings. Whoever publishes versions gives it."""
    ring: Identifier = "all"
    """Which boxes this one is updated with. Take a ring that gets versions earlier, such as "pilot", for a store that
    tries them for the others."""
    hours: Hours = "02:00-05:00"
    """When the store may be closed for the moment that a new version takes, in the store's time. What shoppers kept
    waiting until the end of these hours is put to staff."""
    download_hours: Hours = "22:00-06:00"
    """When versions are downloaded. "00:00-00:00" is the whole day."""
    kilobytes_per_s: Annotated[int, Field(ge=0, le=10_000_000)] = 1000
    """How fast, at most; 0 is as fast as it goes. Lower it where the till shares a thin line."""
    by_itself: bool = True
    """Whether a new version is taken in those hours without anybody asking for it."""
