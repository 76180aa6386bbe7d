"""`docs/settings.md`: what each file of the settings may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from edge.settings.campaign_tables import CampaignsFile
from edge.settings.describe import driver_table, markdown, tables
from edge.settings.settings import DevicesFile, GatewaySettings, StoreFile

HEAD: Final = """# Settings

Made by `storekeeper settings describe` from the declarations in the code; change those, never this.

Three TOML files in one folder: `store.toml` says what the store is, `devices.toml` what stands in it, `gateway.toml`
what the box is. A key that is left out has its default; a key that nobody knows is a mistake. Every mistake is told at
once, with its file, its line and what was expected. The files are read when the store opens.
"""


CAMPAIGNS: Final = """Each file of the folder `campaigns`, whatever it is called; see [campaigns](campaigns.md).
"""


DRIVERS: Final = """What may stand in `settings` of a device, by its `driver`. `storekeeper check` holds
each device against them.
"""


def settings_page(drivers: Mapping[str, type[msgspec.Struct]] | None = None) -> str:
    """The whole of it; `drivers` are the settings of each driver, by its name."""
    files = (("store.toml", StoreFile), ("devices.toml", DevicesFile), ("gateway.toml", GatewaySettings))
    parts = [f"## `{name}`\n\n{markdown(tables(model))}\n" for name, model in files]
    parts.append(f"## `campaigns/*.toml`\n\n{CAMPAIGNS}\n{markdown(tables(CampaignsFile))}\n")
    if drivers:
        known = markdown(driver_table(declared, name) for name, declared in drivers.items())
        parts.append(f"## Drivers\n\n{DRIVERS}\n{known}\n")
    return "\n".join([HEAD, *parts])
