"""The parts of an update, from settings and command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.bootstrap.journal import journal_path
from edge.bootstrap.nouns import nouns_of
from edge.cli.box import record
from edge.secrets import read_only, store_key
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from operations.inside import Inside
from operations.releases.health import Look, View, look_at
from operations.releases.services import services_of
from operations.updates.desk import UpdateFolders, Updater, now_ms
from operations.updates.disk import Disk
from operations.updates.running import Running, rehearsal
from operations.updates.waiting import holding


def desk(
    config: Path,
    settings: Settings,
    root: Path,
    state: Path,
    services: str,
    source: str | None,
    within: float,
    say: Callable[[str], object],
    *,
    rehearsed: bool = True,
    disk: Disk | None = None,
) -> Updater:
    """All that updates need. Raises `StorekeeperError`."""
    nouns = nouns_of(settings).all
    journal = journal_path(settings)
    disk = disk or Disk()
    store = Running(services_of(services), _look(settings), journal, state, disk, within)
    rules = settings.gateway.update
    if source is not None:
        rules = rules.model_copy(update={"source": source})
    made = Updater(
        UpdateFolders(root, state, config.absolute()),
        rules,
        settings.store.zone,
        store,
        holding=lambda: holding(journal, nouns, now_ms()),
        tell=lambda fact: record(settings, fact, nouns),
        say=say,
        disk=disk,
    )
    if rehearsed:
        store.rehearse = rehearsal(made.versions, config.absolute())
    return made


def _look(settings: Settings) -> Look:
    """Asks the gateway; of a store that has no key yet there is nothing to ask."""

    def look() -> View | None:
        key = store_key.path_of(settings.gateway.data)
        return look_at(Inside(settings.gateway, Vault.open(key)))() if read_only.exists(key) else None

    return look
