"""`storekeeper backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import FAILED, fail, words_of
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings
from edge.errors import StorekeeperError

if TYPE_CHECKING:
    from edge.journal.entry import Fact
    from edge.settings.settings import Settings
    from operations.backups.make import Backup

app = typer.Typer(
    invoke_without_command=True,
    help="Copy the whole store, sealed, to another disk, a stick or a restic repository; read each copy back.",
)

To = Annotated[
    list[str] | None,
    typer.Option("--to", help="A target in place of those in gateway.toml: a folder, usb:LABEL, restic:REPOSITORY."),
]


@app.callback(
    invoke_without_command=True,
    epilog=examples("backup", "backup --to /mnt/stick", "backup sheet recovery.pdf", "backup list /mnt/stick"),
)
def backup(ctx: typer.Context, to: To = None, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Make a copy at each target, open it there, and delete those that are over. The store may be open.

    A copy holds journal, secrets, settings, catalogue and the store's own certificate authority, sealed with age for
    the key on the recovery sheet. Exit code 1 where one target got none.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = private_settings(config, data)
    targets = to or list(settings.gateway.backup.to)
    if not targets:
        fail("no target: name one with --to, or set `to` under [backup] in gateway.toml")
    with part("gateway"):
        from operations.backups.gather import Sources
    sources = Sources.of(settings.store.id, settings.gateway.data, config)
    failed = [target for target in targets if not _one(settings, sources, target)]
    if failed:
        raise typer.Exit(FAILED)


def _one(settings: Settings, sources: object, target: str) -> bool:
    """A copy at one target, and the fact of it. Whether there is one."""
    from edge.domain.box.facts import BackupFailed, BackupMade
    from operations.backups.gather import Sources
    from operations.backups.make import make

    assert isinstance(sources, Sources)  # noqa: S101 - imported late
    try:
        made = make(sources, target, settings.gateway.backup.keep_days)
    except (StorekeeperError, OSError) as error:
        typer.secho(f"{target}: no copy: {words_of(error)}", fg="red", err=True)
        _record(settings, BackupFailed(about=target, because=words_of(error)[:300]))
        return False
    _say(made)
    _record(settings, BackupMade(about=target, upto=made.manifest.upto, bytes=made.bytes))
    return True


def _say(made: Backup) -> None:
    ended = f", {made.ended} old ones deleted" if made.ended else ""
    typer.echo(f"{made.target}: {made.name}, {made.bytes} bytes, {made.manifest.upto} facts, opened and whole{ended}")
    if made.beside:
        typer.secho(
            f"{made.target} lies on the same disk as the store: it dies with it. Copy it elsewhere.", fg="yellow"
        )


def _record(settings: Settings, fact: Fact) -> None:
    """The copy counts whether or not it can be put on record."""
    from edge.bootstrap.nouns import nouns_of
    from edge.cli import box

    try:
        box.record(settings, fact, nouns_of(settings).all)
    except (StorekeeperError, OSError) as error:
        typer.secho(f"not on record: {words_of(error)}", fg="yellow", err=True)


@app.command(epilog=examples("backup sheet recovery.pdf", "backup sheet --new recovery-2.pdf"))
def sheet(
    out: Annotated[Path, typer.Argument(help="The PDF to write. Print it, seal it, delete it.")],
    new: Annotated[
        bool, typer.Option("--new", help="A new key, though there is one: its sheet was opened or lost.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Make the recovery key and print it on a sheet. The box keeps only what seals: it opens no copy itself."""
    settings = private_settings(config, data)
    with part("gateway"):
        from operations.backups import keys
        from operations.backups import sheet as sheets
        from operations.backups.make import restic_password
    folder = settings.gateway.data
    if keys.path_of(folder).exists() and not new:
        fail(
            "there is a recovery key already, and this box cannot print it again. Where the sheet is lost: --new",
            FAILED,
        )
    if out.exists():
        fail(f"{out} is there already: a sheet is never written over", FAILED)
    identity = keys.fresh()
    targets, cloud = settings.gateway.backup.to, settings.gateway.cloud.url
    sheets.write(sheets.RecoverySheet(settings.store.id, identity, restic_password(folder), targets, cloud), out)
    try:
        keys.take(folder, identity)  # last: a box that seals for a key that was never printed would lose everything
    except OSError:
        out.unlink(missing_ok=True)  # it would be taken for the sheet of copies that it cannot open
        raise
    typer.echo(f"{out}: print it twice, seal it, keep it where neither box nor copies are, then delete the file.")
    typer.echo("Whoever holds it opens every copy; nobody else does.")
    if new:
        typer.echo("Earlier copies open with the earlier sheet alone.")


@app.command("list", epilog=examples("backup list /mnt/stick"))
def list_(target: Annotated[str, typer.Argument(help="A folder, or usb:LABEL.")]) -> None:
    """Show which copies lie at a target, the newest last."""
    with part("gateway"):
        from operations.backups.names import lying
        from operations.backups.targets import folder_of
    try:
        found = lying(folder_of(target))
    except (StorekeeperError, OSError) as error:
        fail(words_of(error), FAILED)
    for copy in found:
        typer.echo(f"{copy.made:%Y-%m-%d %H:%M:%S} UTC  {copy.store}  {copy.path.stat().st_size:>12}  {copy.path}")
    if not found:
        typer.echo(f"{target}: no copies")


@app.command(epilog=examples("backup verify /mnt/stick/storekeeper-s001-20261126T080000Z.age"))
def verify(path: Annotated[Path, typer.Argument(help="A copy.")]) -> None:
    """Open a copy with the recovery key and compare every byte of it. Nothing is written."""
    from edge.cli.secret_prompt import ask

    with part("gateway"):
        from operations.backups import archive, keys
    try:
        manifest = archive.verify(path, keys.parse(ask("recovery key", twice=False)))
    except (StorekeeperError, OSError) as error:
        fail(words_of(error), FAILED)
    typer.echo(f"{path}: store {manifest.store}, {manifest.upto} facts, {len(manifest.members)} files, whole")
