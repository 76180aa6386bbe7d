"""Puts a release of the settings into force, and takes it back where the store is not well with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.box.facts import SettingsApplied, SettingsRolledBack
from edge.errors import StorekeeperError
from edge.journal.entry import Fact
from edge.settings import file_sets
from edge.settings.settings import Settings, SettingsError, load
from operations.releases import media
from operations.releases.changes import Changes
from operations.releases.health import (
    WITHIN_S,
    Before,
    Check,
    Expected,
    HealthProblem,
    HealthVerdict,
    Look,
    View,
    before,
    watch,
)
from operations.releases.kept import CannotApply, Release, Releases, ReleaseTrial
from operations.releases.services import PARTS, Part, Services

FOUND: Final = "found"
"""Who brought settings that were in force before anybody kept them."""
STOPS_FIRST: Final[tuple[Part, ...]] = ("devices", "kiosk")
"""They say goodbye on the bus before the gateway starts anew, so that whoever is there afterwards really came back."""


class ReleaseResult(msgspec.Struct, frozen=True):
    """How it went."""

    release: Release
    verdict: HealthVerdict | None
    """None where nothing started anew: the store is closed, or only remarks changed."""
    back_to: int = 0
    """The release in force in its place; 0 where it stays, or where the files are neither's, which `recover` ends."""
    back: HealthVerdict | None = None
    """Whether the store is well again, where the release was taken back."""


class TargetStore(msgspec.Struct, frozen=True):
    """The store whose settings change, as far as that needs it."""

    config: Path
    """The folder of the settings in force."""
    last_good: Path
    """The files that its gateway last opened with."""
    releases: Releases
    services: Services
    look: Callable[[Settings], Look]
    """Asks a gateway that works by these settings."""
    tell: Callable[[Settings, Fact], None]
    """Puts a fact on record, through a gateway that works by these settings. Never raises."""
    say: Callable[[str], None]
    """A sentence for whoever waits."""
    take_in: Callable[[Settings, str], str] = lambda _settings, _sha256: "no gateway answers"
    """Lets a gateway that works by these settings take in what screens play by the files with this hash. Returns why it
    does not; empty where it did."""
    stopped: Callable[[], bool] = lambda: False
    """Whether somebody wants to go no further."""
    within_s: float = WITHIN_S


def apply(store: TargetStore, folder: Path, changes: Changes, by: str) -> ReleaseResult:
    """Put the settings in `folder`, which have no mistakes, into force.

    Raises `CannotApply`, `ApplyRuns`, `OSError`; then nothing is changed, or `recover` has to end it.
    """
    with store.releases.changing():
        refuse_unfinished(store.releases)
        base = _base(store)
        now = load(base)
        view = store.look(now)()
        is_open = view is not None or store.services.runs("gateway")
        live = changes.content and base == store.config and view is not None and _runs_by(view, base, folder)
        restarts = changes.restarts or (("gateway",) if changes.content and not live else ())
        if is_open and restarts and not store.services.can_act:
            raise CannotApply(
                "the store is open, and nothing here can start its services anew: stop them first, or name a command "
                "with --services 'command:… {act} … {part} …'"
            )
        back = _keep_once(store, file_sets.read(base), FOUND)
        media.take(load(folder).playing, now.playing, store.config)
        release = store.releases.keep(file_sets.read(folder), by)
        store.releases.begin(release.number, back.number, by)
        if live:
            return _taken_in(store, release, back, now, by)
        if not is_open or not restarts:
            return _without_a_start(store, release, back, by)
        new = load(store.releases.path(release.number))
        change = _Change(store, restarts, before(view).without(changes.gone))
        verdict = change.to(release, new)
        if verdict.well:
            return _stays(store, release, new, by, verdict)
        return _take_back(store, change, release, back, now, verdict, by)


def refuse_unfinished(releases: Releases) -> None:
    """Raises `CannotApply` where a change before was cut short."""
    trial = releases.trial()
    if trial is not None and not trial.goes_on:
        raise CannotApply(
            f"the change to release {trial.number} was cut short: run `storekeeper apply --recover` first"
        )


def _base(store: TargetStore) -> Path:
    """What a roll back leads to: the files in force, or those that the gateway really works by where these are bad."""
    for folder in (store.config, store.last_good):
        try:
            load(folder)
        except SettingsError:
            continue
        if linked := file_sets.links(folder):
            raise CannotApply(f"no release keeps links, found in {folder}: {', '.join(linked)}. Put the files there")
        return folder
    raise CannotApply(
        f"the settings in force in {store.config} cannot be used, and none before them are known to be good: there is "
        "nothing to go back to. Mend them there, and start the store"
    )


def _keep_once(store: TargetStore, files: file_sets.Files, by: str) -> Release:
    return store.releases.latest_of(file_sets.digest(files)) or store.releases.keep(files, by)


def _without_a_start(store: TargetStore, release: Release, back: Release, by: str) -> ReleaseResult:
    _put(store, release, back)
    return _stays(store, release, load(store.config), by)


def _put(store: TargetStore, release: Release, back: Release) -> None:
    """Its files are in force. Raises `OSError`; then those before still are, unless `recover` has to end it."""
    try:
        file_sets.write(store.config, store.releases.files(release.number))
    except OSError:
        _end_if_back(store, back)
        raise


def _end_if_back(store: TargetStore, back: Release) -> bool:
    """Whether the files before are in force: then the change is over. Otherwise `recover` has to find it."""
    whole = file_sets.digest(file_sets.read(store.config)) == back.sha256
    if whole:
        store.releases.end()
    return whole


def _stays(
    store: TargetStore, release: Release, new: Settings, by: str, verdict: HealthVerdict | None = None
) -> ReleaseResult:
    store.releases.end()
    media.prune(store.config, store.releases)
    store.tell(new, SettingsApplied(number=release.number, sha256=release.sha256, by=by))
    return ReleaseResult(release, verdict)


def _runs_by(view: View, base: Path, folder: Path) -> bool:
    """Whether the gateway works by the files in force, and nothing but what screens play differs from them."""
    before, after = file_sets.read(base), file_sets.read(folder)
    return view.settings == file_sets.digest(before) and file_sets.without_content(before) == (
        file_sets.without_content(after)
    )


def _taken_in(store: TargetStore, release: Release, back: Release, now: Settings, by: str) -> ReleaseResult:
    """The gateway takes it in as it runs, or all stays as it was."""
    _put(store, release, back)
    why_not = store.take_in(now, release.sha256)
    if not why_not:
        return _stays(store, release, now, by)
    refused = HealthVerdict(well=False, because="not_in_force", which=why_not)
    try:
        file_sets.write(store.config, store.releases.files(back.number))
    except OSError as error:
        again = HealthVerdict(well=False, because="not_in_force", which=str(error))
    else:
        # It may have taken it in and not have been heard.
        still = store.take_in(now, back.sha256)
        again = HealthVerdict(well=not still, because="not_in_force", which=still)
    return _taken_back(store, release, back, now, (refused, again), by)


def _take_back(
    store: TargetStore, change: _Change, release: Release, back: Release, now: Settings, verdict: HealthVerdict, by: str
) -> ReleaseResult:
    store.say(f"Not well: {verdict.sentence}. Going back to release {back.number}.")
    again = change.to(back, now, back=True)
    return _taken_back(store, release, back, now, (verdict, again), by)


def _taken_back(
    store: TargetStore,
    release: Release,
    back: Release,
    now: Settings,
    found: tuple[HealthVerdict, HealthVerdict],
    by: str,
) -> ReleaseResult:
    """How it ends, given how the store was with the release and is with the one before."""
    verdict, again = found
    if not _end_if_back(store, back):
        return ReleaseResult(release, verdict, back=again)
    left = SettingsRolledBack(
        number=release.number, back_to=back.number, because=verdict.because, which=verdict.which[:300], by=by
    )
    store.tell(now, left)
    return ReleaseResult(release, verdict, back.number, again)


class _Change:
    """The same switch there and back."""

    def __init__(self, store: TargetStore, restarts: tuple[Part, ...], was: Before) -> None:
        self._store = store
        self._first = tuple(part for part in restarts if part in STOPS_FIRST)
        self._others = tuple(part for part in restarts if part not in STOPS_FIRST)
        self._was = was

    def to(self, release: Release, settings: Settings, *, back: bool = False) -> HealthVerdict:
        """Switch to a release, and wait until the store is well with it."""
        store = self._store
        try:
            store.services.act("stop", self._first)
            file_sets.write(store.config, store.releases.files(release.number))
            store.services.act("restart", self._others)
            store.services.act("start", self._first)
        except (StorekeeperError, OSError) as error:
            store.say(str(error))
            return HealthVerdict(well=False, because="not_started", which=str(error)[:200])
        expected = Expected(self._was, more=[in_force(release.sha256)])
        if back:
            found = watch(store.look(settings), expected, max(WITHIN_S, store.within_s))
        else:
            found = watch(store.look(settings), expected, store.within_s, stopped=store.stopped)
        self._was = msgspec.structs.replace(self._was, instance="")
        return found


def in_force(sha256: str) -> Check:
    """The gateway works by the files of this hash, and not by its last good ones."""

    def check(view: View) -> HealthProblem | None:
        return None if view.settings == sha256 else HealthProblem("not_in_force")

    return check


def recover(store: TargetStore) -> ReleaseTrial | None:
    """End a change that was cut short, by going back. Returns what it was; none where there is nothing to end.

    Raises `OSError`.
    """
    with store.releases.changing():
        trial = store.releases.trial()
        if trial is None or trial.goes_on:
            return None
        files = store.releases.files(trial.back_to)
        if store.releases.latest_of(file_sets.digest(files)) is None:
            raise CannotApply(
                f"release {trial.back_to} in {store.releases.path(trial.back_to)} is not what was kept: nothing is "
                f"changed. Put good settings into {store.config}, then remove {store.releases.folder}/trial.json"
            )
        file_sets.write(store.config, files)
        store.releases.end()
        now = load(store.config)
        is_open = store.look(now)() is not None
        parts = PARTS if is_open else tuple(part for part in PARTS if part != "gateway")
        if store.services.can_act:
            store.services.act("restart", [part for part in parts if part != "cloud"])
        told = SettingsRolledBack(number=trial.number, back_to=trial.back_to, because="stopped", by=trial.by)
        store.tell(now, told)
        return trial
