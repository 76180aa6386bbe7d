"""Settings of copies: `[backup]` of `gateway.toml`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edge.settings.model import SettingsModel

MAX_DAYS: Final = 30
"""Who was erased is gone from every copy after so many days."""

Target = Annotated[str, StringConstraints(pattern=r"^(/\S.*|~/\S.*|usb:[A-Za-z0-9_.-]{1,40}|restic:\S.*)$")]


class BackupSettings(SettingsModel):
    """Where copies of this store go, each hour."""

    to: tuple[Target, ...] = ()
    """Targets: a folder on another disk or machine ("/mnt/copies"), a USB stick by its label ("usb:COPIES"), a restic
    repository ("restic:/srv/copies", "restic:sftp:nas:/copies"). More than one is better."""
    keep_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = MAX_DAYS
    """After so many days a copy is deleted. Not more than 30, because whoever was erased must end in copies as well."""
