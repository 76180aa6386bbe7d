"""An update from beginning to end: settle what was left, ask the index, fetch, unpack, wait, try, say how it went."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from edge.domain.box.facts import UpdateInstalled, UpdateRolledBack, UpdateWaits
from edge.errors import StorekeeperError
from edge.journal.entry import Fact
from edge.settings.update import UpdateSettings
from operations.updates.disk import Disk
from operations.updates.download import RateLimit, fetch
from operations.updates.index import AvailableUpdate, Index, Release, believed, this_system
from operations.updates.names import age
from operations.updates.record import Ended, Notebook
from operations.updates.running import Running
from operations.updates.source import base_of
from operations.updates.trial import Failed, UpdateError, UpdateTrial
from operations.updates.unpack import unpack
from operations.updates.versions import Versions, is_apts_box, is_of_apt
from operations.updates.waiting import Holding, is_hour

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 2.0
"""How often it is looked whether shoppers are done."""
KINDS: Final[dict[str, type[Fact]]] = {
    "installed": UpdateInstalled,
    "rolled_back": UpdateRolledBack,
    "waits": UpdateWaits,
}


class Waits(UpdateError):
    """Nothing is wrong; it is not the moment."""


class UpdateFolders(msgspec.Struct, frozen=True):
    """Where an update works."""

    root: Path
    """The folder of versions."""
    state: Path
    """What the box remembers of its updates, downloads, and the copy of the journal."""
    config: Path
    """The settings in force."""

    @property
    def downloads(self) -> Path:
        """Files on their way."""
        return self.state / "downloads"


class Updater:
    """All that updates need. Make it holding the lock (`alone`)."""

    def __init__(
        self,
        place: UpdateFolders,
        settings: UpdateSettings,
        zone: ZoneInfo,
        store: Running,
        *,
        holding: Callable[[], Holding],
        tell: Callable[[Fact], object],
        say: Callable[[str], object],
        disk: Disk | None = None,
    ) -> None:
        """`tell` puts a fact on record, and raises `StorekeeperError` where it cannot; `say` is for a terminal."""
        self._disk = disk or Disk()
        self.place, self._settings, self._zone, self._store = place, settings, zone, store
        self.versions = Versions(place.root, self._disk)
        self.notebook = Notebook(place.state, self._disk)
        self.holding, self._tell, self._say = holding, tell, say
        self._trial = UpdateTrial(self.versions, self.notebook, store)

    def settle(self) -> Ended | None:
        """End what a kill or a power cut left, and put on record what was not yet."""
        ended = self._trial.settle()
        if ended is not None:
            self._store.tidy()
            self._report(ended)
        self._tell_all()
        return ended

    def running(self) -> str:
        """The version that this box has. Raises `UpdateError` where it has none."""
        if (running := self.versions.adopt()) is None:
            raise UpdateError(f'{self.place.root}/current leads to no version: run "storekeeper setup" first')
        return running

    def laid(self) -> str | None:
        """A version that lies here and is newer than the one that runs: somebody else laid it, such as apt."""
        # While apt is at it, a version may be here in part.
        whole = [name for name in self.versions.names() if not is_apts_box() or is_of_apt(name)]
        running, newest = self.versions.adopt(), next(iter(whole), None)
        return newest if running and newest and age(newest) > age(running) else None

    def has_source(self) -> bool:
        """Whether there is an index to ask."""
        return self._settings.source is not None

    def index(self) -> Index:
        """The index of this box's source, believed and noted. Raises `UpdateError`."""
        source = self._settings.source
        if source is None:
            raise UpdateError("no source of updates is set: name one under [update] in gateway.toml, or with --from")
        path = self.place.config / self._settings.root
        try:
            root, base = path.read_bytes(), base_of(source)
        except OSError as error:
            raise UpdateError(
                f"{path} cannot be read ({error.strerror}): it has the keys that updates are signed by; whoever"
                " publishes them gives it"
            ) from None
        except ValueError as error:
            raise UpdateError(f"[update] source: {error}") from None
        record = self.notebook.read()
        index = believed(base, root, self.place.state / "index", record.floors, record.seen_ms)
        self.notebook.write(msgspec.structs.replace(record, floors=index.floors, seen_ms=now_ms()))
        return index

    def wanted(self, index: Index) -> tuple[str, Release | None] | None:
        """The version that this box should have and has not, with its file; none where all is as it should be.

        Raises `UpdateError` where the index asks for what may not be.
        """
        running = self.running()
        offer = index.offer(self._settings.ring, running, this_system())
        if offer.version == running:
            return None
        if age(offer.version) < age(running):
            return self._older(offer, running)
        if offer.release is None and not self.versions.has(offer.version):
            raise UpdateError(f"{offer.version} has no file for this box ({this_system()}); it stays at {running}")
        return offer.version, offer.release

    def _older(self, offer: AvailableUpdate, running: str) -> tuple[str, None]:
        before = self.versions.before(running)
        if not offer.withdrawn:
            raise UpdateError(
                f"the index has {offer.version} for this ring, which is older than {running}: a box goes back only"
                " where its version is withdrawn, and only to the version before"
            )
        if before is None:
            raise UpdateError(f"{running} is withdrawn ({offer.withdrawn}), and no version before it is on this box")
        return before, None

    def get(self, index: Index, version: str, release: Release | None, go_on: Callable[[], bool]) -> None:
        """Have the version on the disk, whole and proven. Raises `UpdateError`, `OSError`."""
        if self.versions.has(version) or release is None:
            return
        base = base_of(self._settings.source or "")
        self._say(f"Downloading {version} …")
        file = fetch(
            base, index.target(release), self.place.downloads, RateLimit(self._settings.kilobytes_per_s * 1000), go_on
        )
        self._say(f"Unpacking {version} …")
        unpack(file, version, self.versions, self._disk, release.unpacked)
        self._disk.remove(file)

    def lay(self, file: Path, version: str) -> None:
        """Have a version from a file at hand, which whoever names it answers for."""
        unpack(file, version, self.versions, self._disk)

    def refused(self, version: str) -> str:
        """Why this version was left the last time; empty where it was not."""
        return self.notebook.read().refused.get(version, "")

    def try_out(self, version: str, calm: Callable[[], None], guard: Callable[[str], None]) -> Ended:
        """Switch to a version and see. `guard` is told the good version: it settles should this process be killed.

        Raises `Waits`, `UpdateError`, `OSError`; then nothing was begun.
        """
        self._store.calm = calm
        good = self.versions.adopt()
        if good is not None:
            guard(good)
        try:
            ended = self._trial.of(version)
        except Failed as error:
            self._refuse(version, str(error))
            raise
        finally:
            self._store.tidy()
        self._report(ended)
        self._tell_all()
        return ended

    def _refuse(self, version: str, why: str) -> None:
        record = self.notebook.read()
        self.notebook.write(msgspec.structs.replace(record, refused={**record.refused, version: why}))

    def calm(self, until: Callable[[], bool]) -> Callable[[], None]:
        """Returns what waits for a calm moment for as long as `until` says so, then raises `Waits`."""

        def wait() -> None:
            said = ""
            while sentence := self.holding().sentence:
                if sentence != said:
                    self._say(f"Waiting: {sentence}")
                    said = sentence
                if not until():
                    raise Waits(f"it waits: {sentence}")
                time.sleep(LOOK_EVERY_S)

        return wait

    def is_download_hour(self) -> bool:
        """Whether versions may be downloaded by themselves now."""
        return is_hour(self._settings.download_hours, self._zone, now_ms())

    def is_hour(self) -> bool:
        """Whether the store may be closed for a moment now, or staff said so."""
        return is_hour(self._settings.hours, self._zone, now_ms()) or self.holding().wanted

    def is_asked(self) -> bool:
        """Whether staff were asked when it may come, and the store has not had it since."""
        return self.holding().asked

    def ask_staff(self, version: str) -> None:
        """Its hours are over, and it still waits."""
        self._note(waits=UpdateWaits(version=version))
        self._tell_all()

    def _report(self, ended: Ended) -> None:
        if ended.installed:
            self._note(installed=UpdateInstalled(version=ended.new, before=ended.old, closed_ms=ended.closed_ms))
        elif ended.new and ended.why:
            self._note(
                rolled_back=UpdateRolledBack(
                    version=ended.new, back_to=ended.old, why=ended.why[:500], closed_ms=ended.closed_ms
                )
            )

    def _note(self, **facts: Fact) -> None:
        record = self.notebook.read()
        noted: list[dict[str, Any]] = [
            {"kind": kind, "fact": {**msgspec.to_builtins(fact)}} for kind, fact in facts.items()
        ]
        self.notebook.write(msgspec.structs.replace(record, untold=(*record.untold, *noted)))

    def _tell_all(self) -> None:
        """Put on record what is not yet. What cannot be told now is told the next time."""
        record = self.notebook.read()
        left = list(record.untold)
        while left:
            try:
                self._tell(msgspec.convert(left[0]["fact"], KINDS[left[0]["kind"]]))
            except (KeyError, msgspec.ValidationError) as error:  # a later version noted it, which was left since
                log.warning("update.untellable", fact=left[0], error=str(error))
            except StorekeeperError as error:
                log.warning("update.untold", fact=left[0]["kind"], error=str(error))
                break
            left.pop(0)
        if len(left) != len(record.untold):
            self.notebook.write(msgspec.structs.replace(self.notebook.read(), untold=tuple(left)))


@contextmanager
def alone(state: Path, *, wait: bool = False) -> Iterator[None]:
    """One process updates a box. Raises `UpdateError` where another one does, unless it is to wait for it."""
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle = os.open(state / "update.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        raise UpdateError("another update is under way on this box") from None
    try:
        yield
    finally:
        os.close(handle)


def now_ms() -> int:
    """Wall time."""
    return time.time_ns() // 1_000_000
