"""The signed index of versions: what this box's ring should run, proven to be ours, fresh, and not older than before.

The Update Framework's client checks signatures, versions and expiry; the record's floors hold even where its files
were lost. A target named `releases.json` says which version each ring has, and which file is for which system.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, TargetFile
from tuf.ngclient import Updater

from operations.updates.names import is_name
from operations.updates.source import Fetcher, below
from operations.updates.trial import UpdateError

RELEASES: Final = "releases.json"
FORMAT: Final = 1
DAY_MS: Final = 86_400_000
PARTS: Final = ("root", "timestamp", "snapshot", "targets")


class Release(msgspec.Struct, frozen=True):
    """One version for one system."""

    version: str
    system: str
    """`debian12-amd64`: what its files were built for. `any` where that does not matter."""
    file: str
    unpacked: int = 0
    """Bytes that it takes on the disk."""


class Releases(msgspec.Struct, frozen=True):
    """What `releases.json` says."""

    format: int
    rings: dict[str, str]
    """The version that boxes of each ring should run. Rings are names, such as `pilot`, `early` and `all`."""
    releases: tuple[Release, ...]
    withdrawn: dict[str, str] = {}
    """Versions that nobody should run any more, and why. A box that runs one goes back to the version before."""


class AvailableUpdate(msgspec.Struct, frozen=True):
    """What the index has for this box."""

    version: str
    withdrawn: str = ""
    """Why the version that runs should be left."""
    release: Release | None = None
    """None where the version is for other systems only."""


class Index:
    """An index that was believed."""

    def __init__(self, updater: Updater, said: Releases, floors: dict[str, int]) -> None:
        self._updater = updater
        self.said = said
        self.floors = floors
        """Versions of its parts, for the record."""

    def offer(self, ring: str, running: str, system: str) -> AvailableUpdate:
        """What a box of this ring should run. Raises `UpdateError` for a ring that the index does not have."""
        wanted = self.said.rings.get(ring)
        if wanted is None:
            rings = ", ".join(sorted(self.said.rings)) or "none"
            raise UpdateError(f'the index has no ring "{ring}"; it has {rings}: change [update] ring in gateway.toml')
        return AvailableUpdate(wanted, self.said.withdrawn.get(running, ""), self.release(wanted, system))

    def release(self, version: str, system: str) -> Release | None:
        """A version's file for a system."""
        found = [each for each in self.said.releases if each.version == version and each.system in (system, "any")]
        return found[0] if found else None

    def target(self, release: Release) -> TargetFile:
        """What the index proves about a release's file: its length and its hash. Raises `UpdateError`."""
        try:
            target = self._updater.get_targetinfo(release.file)
        except (RepositoryError, DownloadError) as error:
            raise UpdateError(f"the index cannot be read: {error}") from None
        if target is None:
            raise UpdateError(f'the index names "{release.file}" and does not prove it: it was made wrongly')
        return target


def believed(base: str, root: bytes, cache: Path, floors: Mapping[str, int], seen_ms: int) -> Index:
    """Fetches and checks the index. Raises `UpdateError` with a sentence for whatever keeps it from being believed."""
    now = time.time_ns() // 1_000_000
    if now < seen_ms - DAY_MS:
        raise UpdateError(
            f"the clock says {_day(now)}, and an index was believed here on {_day(seen_ms)}: until the time is right,"
            " no index can be told from an old one"
        )
    try:
        return _refreshed(base, root, cache, floors)
    except ExpiredMetadataError as error:
        raise UpdateError(
            f"the index at {base} has expired ({error}): it was not renewed, or somebody holds a newer one back; this"
            " box stays as it is"
        ) from None
    except DownloadError as error:
        raise UpdateError(f"the index cannot be reached: {error}") from None
    except (RepositoryError, ValueError) as error:
        raise UpdateError(f"the index at {base} is not to be believed: {error}") from None


def _refreshed(base: str, root: bytes, cache: Path, floors: Mapping[str, int]) -> Index:
    try:
        return _read(base, root, cache, floors)
    except (RepositoryError, OSError):
        # What lies in the cache may be what a power cut left of it. The floors hold without it.
        shutil.rmtree(cache, ignore_errors=True)
        return _read(base, root, cache, floors)


def _read(base: str, root: bytes, cache: Path, floors: Mapping[str, int]) -> Index:
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    updater = Updater(
        str(cache), below(base, "metadata"), str(cache), below(base, "targets"), fetcher=Fetcher(), bootstrap=root
    )
    updater.refresh()
    found = {part: _version(cache / f"{part}.json") for part in PARTS}
    for part, floor in floors.items():
        if found.get(part, 0) < floor:
            raise UpdateError(
                f"the index at {base} is older than one that was believed here ({part} {found.get(part)}, after"
                f" {floor}): this box stays as it is"
            )
    return Index(updater, _download_releases(updater, cache), found)


def _version(path: Path) -> int:
    return int(Metadata.from_file(str(path)).signed.version)


def _download_releases(updater: Updater, cache: Path) -> Releases:
    target = updater.get_targetinfo(RELEASES)
    if target is None:
        raise UpdateError(f"the index has no {RELEASES}: it was not made by storekeeper update publish")
    path = Path(updater.download_target(target, str(cache / RELEASES)))
    said = msgspec.json.decode(path.read_bytes(), type=Releases)
    if said.format != FORMAT:
        raise UpdateError(f"the index has format {said.format}, and this version reads {FORMAT}")
    wrong = [name for name in (*said.rings.values(), *(each.version for each in said.releases)) if not is_name(name)]
    if wrong:
        raise UpdateError(f'the index names "{wrong[0]}", which is no version such as "1.4.0"')
    return said


def _day(wall_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(wall_ms / 1000))


def this_system() -> str:
    """What this box is to those who build for it, such as `debian12-amd64`."""
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        about = {}
    chip = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{about.get('ID', 'linux')}{about.get('VERSION_ID', '')}-{chip}"
