"""The last good settings of a service: a copy of those that it last opened with.

Where the files in force have mistakes when it starts, or did not get it open several times, it goes on with the copy,
and says so. Each service keeps its own, in its own data folder.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from edge.journal import small_files
from edge.settings import file_sets
from edge.settings.folders import home
from edge.settings.mistakes import SettingsError
from edge.settings.settings import Settings, load
from edge.settings.toml_files import BadToml, read_toml

log = structlog.get_logger(__name__)

TRIES: Final = 3
"""How often settings that opened nothing yet are tried."""


class LoadedSettings(NamedTuple):
    """Settings to work by."""

    settings: Settings
    folder: Path
    """Where they stand."""
    why_not: tuple[str, ...] = ()
    """Why those in force are not used: a sentence for each mistake. Empty where they are."""
    mended: tuple[str, ...] = ()
    """What of the last good ones this build does not take, and what stands in for it: a sentence each."""

    @property
    def sha256(self) -> str:
        """Of their files, hexadecimal."""
        return file_sets.digest(file_sets.read(self.folder))


class _Tried(msgspec.Struct):
    sha256: str = ""
    times: int = 0


def data_of(config: Path, data: Path | None) -> Path:
    """The data folder: the one that was given, else what gateway.toml says as far as that can be read."""
    if data is not None:
        return home(data)
    try:
        said = read_toml(config / "gateway.toml")[0].get("data")
    except BadToml:
        said = None
    with suppress(ValueError):
        return home(Path(said)) if isinstance(said, str) else Path("data")
    return Path("data")


class LastGood:
    """The copy of one service, such as `gateway`, in its data folder.

    Sync reads the gateway's data and may write nothing there: an installed box has a folder of its own for it beside.
    """

    def __init__(self, data: Path, service: str) -> None:
        own = data.with_name(f"{data.name}-{service}") if data.name else data
        data = own if own.is_dir() else data
        self.folder = data / "last-good" / service
        self._tried = data / "last-good" / f"{service}.tried.json"

    def load(self, config: Path) -> LoadedSettings:
        """The settings in force, or the last good ones. Raises `SettingsError` where there are neither."""
        try:
            settings = load(config)
        except SettingsError as error:
            with suppress(SettingsError):
                return self._last(*map(str, error.mistakes))
            raise
        return LoadedSettings(settings, config)

    def load_to_open(self, config: Path) -> LoadedSettings:
        """The same for what says by `keep` that it has opened: after some tries those that never did are given up."""
        opened = self.load(config)
        if opened.why_not:
            return opened
        sha256 = file_sets.digest(file_sets.read(config))
        if sha256 == self._kept_digest():
            return opened
        tried = self._times(sha256)
        if tried >= TRIES:
            said = f"the store did not open with them {tried} times in a row"
            with suppress(SettingsError):
                return self._last(said)
        self._note(_Tried(sha256, tried + 1))
        return opened

    def keep(self, config: Path) -> None:
        """These have opened the service: from now on they are the last good ones. Never raises for a full disk."""
        try:
            files = file_sets.read(config)
            load(config)
            if linked := file_sets.links(config):  # half a copy would take the place of a whole one
                log.warning("settings.not_kept", links=linked)
            elif file_sets.digest(files) != self._kept_digest():
                # Settings may hold a password.
                self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                file_sets.write(self.folder, files)
            self._tried.unlink(missing_ok=True)
        except (OSError, SettingsError) as error:
            log.warning("settings.not_kept", error=str(error))

    def _last(self, *why_not: str) -> LoadedSettings:
        """The copy, whatever a later build than the one that kept it no longer takes. Raises `SettingsError`."""
        mended: list[str] = []
        return LoadedSettings(load(self.folder, mended), self.folder, why_not, tuple(mended))

    def _kept_digest(self) -> str:
        with suppress(OSError):
            return file_sets.digest(file_sets.read(self.folder))
        return ""

    def _times(self, sha256: str) -> int:
        tried = small_files.read(self._tried, _Tried)
        return tried.times if tried is not None and tried.sha256 == sha256 else 0

    def _note(self, tried: _Tried) -> None:
        try:
            self._tried.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._tried.write_bytes(msgspec.json.encode(tried))
        except OSError as error:
            log.warning("settings.try_not_noted", error=error.strerror)
