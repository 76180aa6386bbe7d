"""`storekeeper restore`."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.cli.exits import FAILED, fail, words_of
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.cli.secret_prompt import ask
from edge.errors import StorekeeperError
from edge.secrets import sealed
from edge.settings.folders import home
from edge.settings.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from operations.backups.restore import Restored
    from sync.client import HttpCloud

EPILOG = examples(
    "restore /mnt/stick",
    "restore restic:/srv/copies",
    "restore --here  after the journal was copied back behind everybody's back, and sync says `diverged`",
)


CopyArgument = Annotated[
    str | None, typer.Argument(help="A copy, a folder of copies (the newest is taken), usb:LABEL, restic:REPOSITORY.")
]
Here = Annotated[bool, typer.Option("--here", help="From the journal that lies on this box: it parted from the cloud.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="File with the recovery key; asked for where it is not given.")
]
WithoutCloud = Annotated[
    bool, typer.Option("--without-cloud", help="Do without what came after the copy, though there is a cloud.")
]
NewCloudToken = Annotated[
    bool, typer.Option("--new-cloud-token", help="Ask for a new token: the previous box was stolen.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Put the store that lies here aside.")]


def restore(
    copy: CopyArgument = None,
    here: Here = False,
    key_file: KeyFile = None,
    without_cloud: WithoutCloud = False,
    new_cloud_token: NewCloudToken = False,
    replace: Replace = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Bring a store back from a copy, on this box or a new one. Stop the services first.

    What came after the copy is fetched from the cloud, byte for byte; whoever was erased since is erased; the journal
    goes on in a new stream, which fences off the previous box at the cloud and at every device. Says what is missing.
    """
    if here == (copy is not None):
        fail("name a copy, a folder of copies, or --here")
    with part("gateway"):
        from operations.backups.place import own
        from operations.backups.restore import restore as bring_back
    began = time.monotonic()
    token = ask("new cloud token", twice=False) if new_cloud_token else None
    place = _home(config, data)
    cloud = None if without_cloud else _cloud(token)
    try:
        done = bring_back(_source(None if here else copy, key_file), place, cloud, _tables, replace=replace)
        if token is not None:
            _keep_token(place.data, config, token)
        _settle(done, config, place.data, token, told=not without_cloud)
        own(place.data)
    except (StorekeeperError, OSError) as error:
        fail(words_of(error), FAILED)
    typer.echo(f"Ready in {time.monotonic() - began:.0f} s. On a new box: storekeeper setup. Then start the services.")


def _source(name: str | None, key_file: Path | None) -> Any:
    from operations.backups import keys
    from operations.backups.restore import RestoreSource

    return RestoreSource(
        key=lambda: keys.parse(
            key_file.read_text("ascii", "replace") if key_file else ask("recovery key", twice=False)
        ),
        restic=lambda: ask("restic password", twice=False),
        name=name,
    )


def _settings(config: Path, data: Path | None = None) -> Settings | None:
    """The settings of a folder; None where there are none yet. Ends the command where they have mistakes."""
    if not (home(config) / "store.toml").exists():
        return None
    try:
        found = load(home(config))
    except (SettingsError, ValueError) as error:
        fail(str(error))
    if data is None:
        return found
    return found.model_copy(update={"gateway": found.gateway.model_copy(update={"data": data})})


def _home(config: Path, data: Path | None) -> Any:
    """Where the store is to lie. Ends the command where nothing says it."""
    from operations.backups.gather import authority_of
    from operations.backups.restore import RestoreTarget

    settings = _settings(config)
    folder = home(data) if data is not None else settings.gateway.data if settings else None
    if folder is None:
        fail(f"{config}: there are no settings here yet; say with --data where the store is to lie")
    return RestoreTarget(settings.store.id if settings else None, folder, home(config), authority_of(folder))


def _cloud(token: str | None) -> Callable[[Path, Sequence[Path]], Any]:
    def connect(config: Path, folders: Sequence[Path]) -> Any:
        from sync.archive import Archive

        settings = _settings(config)
        return Archive(_line(settings, token, folders)) if settings is not None else None

    if importlib.util.find_spec("requests") is None:
        fail('the part that speaks to the cloud is not installed: pip install "storekeeper[sync]", or --without-cloud')
    return connect


def _line(settings: Settings, token: str | None, folders: Sequence[Path]) -> HttpCloud:
    from sync.client import HttpCloud

    found = [path for folder in folders for path in _tokens(folder)]
    kept = sealed.read(found[0]).decode("utf-8-sig", "replace").strip() if found else None
    return HttpCloud(settings.gateway.cloud.url, settings.store.id, token or settings.gateway.cloud.token or kept)


def _tokens(folder: Path) -> list[Path]:
    """A service manager is handed each service's own: then it lies in a folder of that service."""
    return [path for path in sealed.names(folder / "secrets") if path.name == "cloud.token"]


def _keep_token(data: Path, config: Path, token: str) -> None:
    for path in [*_tokens(config), *_tokens(data)] or [data / "secrets" / "cloud.token"]:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed.replace(path, token.encode())


def _tables(journal: Path, config: Path, since: int) -> bool:
    """Bring the tables to where the journal is. False where there are no settings that say which those are."""
    from edge.bootstrap.journal import bring_tables

    settings = _settings(config)
    if settings is not None:
        bring_tables(journal, settings, since)
    return settings is not None


def _settle(done: Restored, config: Path, data: Path, token: str | None, *, told: bool) -> None:
    """Have the cloud fence the previous box, and say what came of it."""
    settings = _settings(config, data)
    _say(done)
    if settings is None:
        typer.echo(f"{config}: no settings came with the copy; the tables are made anew when the gateway starts.")
        return
    _say_missing(data)
    if told:
        _announce(settings, token, [data, config])


def _announce(settings: Settings, token: str | None, folders: Sequence[Path]) -> None:
    from sync.announce import announce
    from sync.client import CloudError

    line = _line(settings, token, folders)
    try:
        announce(settings.gateway.data / "storekeeper.db", line)
        typer.echo("The cloud takes this box as the store's; the previous box is fenced there.")
    except CloudError as error:
        typer.secho(f"The cloud does not know yet that this box is the store's: {error}. Sync tells it.", fg="yellow")
    finally:
        line.close()


def _say(done: Restored) -> None:
    if done.made_ms is not None:
        typer.echo(f"Copy of {_moment(done.made_ms)}.")
    if done.asked_cloud:
        typer.echo(f"{done.fetched} facts came from the cloud, every hash computed again.")
    if done.stopped_at is not None:
        why = "never reached the cloud whole, or is there no more: what follows it stays there"
        typer.secho(f"Entry {done.stopped_at} {why}.", fg="yellow")
    if done.carried:
        typer.echo(f"{done.carried} facts that only this box has are said again in the new stream.")
    typer.echo(
        f"{done.facts} facts, the newest of {_moment(done.upto_ms)}; generation {done.opened.generation};"
        f" {done.erased} persons are erased."
    )
    if done.moved.aside is not None:
        typer.echo(
            f"What lay here before is in {done.moved.aside}: delete it when the store is well, persons lie in it."
        )
    typer.echo("Settings: " + ("from the copy." if done.moved.config else "those of this box stay."))


def _say_missing(data: Path) -> None:
    """What may be missing, by device: each is asked for what it still has, and every gap becomes a line for staff."""
    from contextlib import closing

    from edge.domain.devices.queries import last_heard
    from edge.journal.transaction import Reader

    with closing(Reader(data / "storekeeper.db")) as reads:
        heard = last_heard(reads)
    if not heard:
        return
    typer.echo(
        "Missing may be what these told the previous box after that; what is, staff reads as soon as they speak:"
    )
    for each in heard:
        typer.echo(f"  {each.device}: events after number {each.seq} of {_moment(each.last_ms)}")
    typer.echo("No locker door is offered before it was heard; earlier codes and slips open nothing: print them again.")


def _moment(at_ms: int | None) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC" if at_ms else "never"
