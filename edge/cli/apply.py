"""`storekeeper apply`."""

from __future__ import annotations

import getpass
import os
import signal
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from edge.cli.check import Folder, changes_of, say_changes, say_notes
from edge.cli.exits import FAILED, WRONG_SETTINGS, fail, remark, words_of
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, with_data
from edge.errors import StorekeeperError
from edge.secrets import private
from edge.settings import file_sets
from edge.settings.folders import home
from edge.settings.last_good import LastGood, data_of
from edge.settings.settings import Settings

if TYPE_CHECKING:
    from edge.journal.entry import Fact
    from operations.releases.applying import ReleaseResult, TargetStore
    from operations.releases.changes import Changes
    from operations.releases.health import Look
    from operations.releases.services import Services

EPILOG = examples(
    "apply new-settings --config /etc/storekeeper --data /var/lib/storekeeper",
    "apply /var/lib/storekeeper/settings/7  back to an earlier release",
    "apply --recover  after one that was cut short",
)
TELL_WITHIN_S: Final = 20.0

How = Annotated[
    str,
    typer.Option(
        "--services",
        envvar="STOREKEEPER_SERVICES",
        help="Who starts the services anew: auto, systemd, none, or 'command:… {act} … {part} …'.",
    ),
]


def apply(
    folder: Folder = None,
    recover: Annotated[bool, typer.Option("--recover", help="End a change that was cut short, by going back.")] = False,
    even_so: Annotated[
        bool,
        typer.Option(
            "--even-so", help="Also where a shopper has a cart that goes, or a parcel lies behind a door that goes."
        ),
    ] = False,
    services: How = "auto",
    within: Annotated[float, typer.Option(min=1, max=600, help="Seconds that the store may take to be well.")] = 30.0,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Put checked settings into force, kept as a release; go back where the store is not well with them.

    Well within 30 seconds: it answers, every device that was there in the minute before is back, and facts reach the
    cloud as before. Otherwise the settings before are in force again; staff see it, and the journal has it. Exit code 1
    then.
    """
    from operations.releases.services import services_of

    try:
        runner = services_of(services)
        if recover:
            _recover(_store(home(config), data, runner, within))
        elif folder is None:
            fail("Which settings? storekeeper apply FOLDER, or storekeeper apply --recover")
        else:
            _apply(home(folder), _store(home(config), data, runner, within), data, even_so=even_so)
    except StorekeeperError as error:
        fail(str(error), FAILED)


def _apply(folder: Path, store: TargetStore, data: Path | None, *, even_so: bool) -> None:
    from edge.cli.settings_check import check_whole, running
    from operations.releases.applying import apply as put_into_force
    from operations.releases.applying import refuse_unfinished

    config = store.config
    refuse_unfinished(store.releases)
    if os.path.realpath(folder) == os.path.realpath(config):
        fail(f"{folder} is where the settings in force stand: change a copy of it, and apply that")
    found = check_whole(folder)
    say_notes(folder, found)
    if found.settings is None:
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    where = data_of(config, data)
    base = running(config, where, folder)
    changes = changes_of(found, base, where)
    if base is None or changes is None:
        fail(f"There are no good settings in {config} that these could take the place of.", FAILED)
    if {base.settings.sha256, file_sets.digest(file_sets.read(config))} == {found.settings.sha256}:
        typer.echo("These settings are in force already.")
        return
    _say_what_comes(changes, data, even_so=even_so)
    outcome = put_into_force(store, folder, changes, whoami())
    _report(outcome)


def _say_what_comes(changes: Changes, data: Path | None, *, even_so: bool) -> None:
    """What changes. Ends the command where something is in the way."""
    if changes.lines:
        typer.echo("What changes:")
        say_changes(changes)
    else:
        typer.echo("Only remarks and spaces change.")
    another = [each for each in changes.another_store if data is None or not each.startswith("data:")]
    if another:
        fail(f"Nothing was changed: {'; '.join(another)}")
    if changes.under_way and not even_so:
        fail(f"Nothing was changed: {'; '.join(changes.under_way)}. Wait, or say --even-so.", FAILED)


def _report(outcome: ReleaseResult) -> None:
    number, verdict = outcome.release.number, outcome.verdict
    if verdict is None or verdict.well:
        how = (
            "nothing had to start anew"
            if verdict is None
            else f"the store is well with it, after {verdict.took_s:.1f} s"
        )
        typer.echo(f"Release {number} is in force: {how}.")
        return
    back = outcome.back.sentence if outcome.back is not None and not outcome.back.well else ""
    if not outcome.back_to:
        fail(
            f"Release {number} is NOT in force: {verdict.sentence}. Neither is the one before: {back}. Mend that "
            "(a full disk needs space), then run `storekeeper apply --recover`.",
            FAILED,
        )
    end = f"and the store is NOT well: {back}. Look at it now." if back else "the store is well again."
    fail(f"Release {number} was taken back: {verdict.sentence}. Release {outcome.back_to} is in force, {end}", FAILED)


def end_cut_short(config: Path, data: Path | None) -> None:
    """Before a gateway starts: go back from a change that was cut short, where this user may write the settings."""
    from operations.releases.kept import Releases
    from operations.releases.services import NoServices

    with suppress(ValueError):  # told where the settings are loaded
        config = home(config)
    if Releases(data_of(config, data) / "settings").trial() is None:
        return
    with part("gateway"):
        from operations.releases.applying import recover
    with suppress(OSError, StorekeeperError):
        ended = recover(_store(config, data, NoServices(), 0.0, listens=False))
        if ended is not None:
            said = f"The change to release {ended.number} was cut short: release {ended.back_to} is in force again."
            typer.secho(said, fg="yellow", err=True)


def _recover(store: TargetStore) -> None:
    from operations.releases.applying import recover

    ended = recover(store)
    if ended is None:
        typer.echo("No change was cut short: nothing to do.")
    else:
        typer.echo(f"The change to release {ended.number} was cut short: release {ended.back_to} is in force again.")


def _store(
    config: Path, data: Path | None, services: Services, within_s: float, *, listens: bool = True
) -> TargetStore:
    from operations.releases.applying import TargetStore
    from operations.releases.kept import Releases

    where = data_of(config, data)
    private.make_private(where)
    calls = _Calls(data)
    return TargetStore(
        config=config,
        last_good=LastGood(where, "gateway").folder,
        releases=Releases(where / "settings"),
        services=services,
        look=calls.look,
        tell=calls.tell,
        take_in=calls.take_in,
        say=remark,
        stopped=_Signals().stopped if listens else lambda: False,
        within_s=within_s,
    )


class _Calls:
    """How the store is asked, and told."""

    def __init__(self, data: Path | None) -> None:
        self._data = data

    def look(self, settings: Settings) -> Look:
        """Asks a gateway that works by these settings."""
        from edge.secrets.store_key import path_of
        from edge.secrets.vault import Vault
        from operations.inside import Inside
        from operations.releases.health import look_at

        box = with_data(settings, self._data).gateway
        if not (box.data / "storekeeper.db").exists():
            return lambda: None  # no store has run here: nobody to ask, and no key to make
        return look_at(Inside(box, Vault.open(path_of(box.data))))

    def take_in(self, settings: Settings, sha256: str) -> str:
        """Lets a gateway that works by these settings take in what screens play by other files."""
        from edge.cli.screen_media import let_take_in

        return let_take_in(with_data(settings, self._data), sha256)

    def tell(self, settings: Settings, fact: Fact) -> None:
        """Puts a fact on record, as soon as somebody takes it."""
        from edge.bootstrap.nouns import nouns_of
        from edge.cli.box import record

        settings = with_data(settings, self._data)
        if not (settings.gateway.data / "storekeeper.db").exists():
            return
        until = time.monotonic() + TELL_WITHIN_S
        while True:
            try:
                record(settings, fact, nouns_of(settings).all)
            except (StorekeeperError, OSError, sqlite3.Error) as error:
                if time.monotonic() > until:
                    typer.secho(f"It could not be put on record: {words_of(error)}", fg="yellow", err=True)
                    return
                time.sleep(0.5)
            else:
                return


class _Signals:
    """Ctrl-C and SIGTERM end the wait, and the release is taken back; the way back itself goes to its end."""

    def __init__(self) -> None:
        self._came = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with suppress(ValueError):  # not in the main thread: nobody sends it there
                signal.signal(number, self._take)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True

    def stopped(self) -> bool:
        """Whether one came."""
        return self._came


def whoami() -> str:
    """Who sits at the terminal; behind sudo, who asked it."""
    with suppress(OSError, KeyError):
        return os.environ.get("SUDO_USER") or getpass.getuser()
    return "operator"
