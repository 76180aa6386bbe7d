"""What other packages add to a store: `[extensions]` of `store.toml`. See `docs/extending.md`."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from edge.settings.model import SettingsModel

DriverName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


class ExtensionSettings(SettingsModel):
    """The extensions that this store uses. What is not named here is not loaded, whatever is installed."""

    drivers: tuple[DriverName, ...] = ()
    """Drivers of other packages, as `devices.toml` calls them: `["umbrellas.stand"]`. Add one when its package is
    installed on the box that runs the device."""
