"""`storekeeper`: the commands of a store's box, and the ways to learn them."""

from __future__ import annotations

import importlib.metadata
import sqlite3
import sys
import tomllib
from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from edge.cli import (
    apply,
    backup,
    campaigns,
    catalogue,
    certificates,
    check,
    cloud,
    devices,
    doctor,
    floor,
    https,
    join,
    journal,
    kiosk,
    members,
    offers,
    operators,
    qr,
    reconcile,
    record,
    rehearse,
    restore,
    screens,
    settings,
    setup,
    staff,
    sync,
    tills,
    update,
)
from edge.cli.demo import command as demo
from edge.cli.device_check import check_devices
from edge.cli.io_errors import of_database, of_file
from edge.cli.logs import start_logging
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, NewKey, examples, key_kept, logged_in, running
from edge.cli.safe_streams import take_streams
from edge.errors import StorekeeperError
from edge.secrets.credentials import token_of
from edge.settings.last_good import LastGood

if TYPE_CHECKING:
    from edge.settings.settings import Settings
    from operations.leases.wishing import Ask
    from operations.retention.repair import Fetch

FAILED = 1

app = typer.Typer(
    name="storekeeper",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Run a smart store from a box in its back room.

    Locks, lockers, printers and screens meet on this box; what happens is kept in one journal and reaches the cloud
    when the internet does.""",
    epilog="""**First time here?** `storekeeper demo` starts a whole store on this machine.

    **A real store** runs four services: `run`, `sync run`, `devices run` and `kiosk run`. `doctor` checks the box.

    **Exit codes** 0 done · 1 something was found or failed · 2 wrong settings or options · 3 a part is missing · 69
    no panel for a screen · 70 the disk is not to be trusted · 78 the store's key is lost""",
)
app.add_typer(devices.app, name="devices")
app.add_typer(journal.app, name="journal")
app.add_typer(sync.app, name="sync")
app.add_typer(cloud.app, name="cloud")
app.add_typer(kiosk.app, name="kiosk")
app.add_typer(qr.app, name="qr")
app.add_typer(staff.app, name="staff")
app.add_typer(members.app, name="members")
app.add_typer(offers.app, name="offers")
app.add_typer(operators.app, name="operators")
app.add_typer(tills.app, name="tills")
app.add_typer(https.app, name="https")
app.add_typer(floor.app, name="floor")
app.add_typer(certificates.app, name="certificates")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(screens.app, name="screens")
app.add_typer(settings.app, name="settings")
app.add_typer(rehearse.app, name="rehearse")
app.command("check", epilog=check.EPILOG)(check.check)
app.command("apply", epilog=apply.EPILOG)(apply.apply)
app.add_typer(update.app, name="update")
app.add_typer(backup.app, name="backup")
app.command("demo", epilog=demo.EPILOG)(demo.demo)
app.command("join", epilog=join.EPILOG)(join.join)
app.command("setup", epilog=setup.EPILOG)(setup.setup)
app.command("doctor", epilog=doctor.EPILOG)(doctor.doctor)
app.command("record", epilog=record.EPILOG)(record.record)
app.command("reconcile", epilog=reconcile.EPILOG)(reconcile.reconcile)
app.command("restore", epilog=restore.EPILOG)(restore.restore)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"storekeeper {importlib.metadata.version('storekeeper')}")
        raise typer.Exit


@app.callback()
def storekeeper(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and leave.")
    ] = False,
) -> None:
    """Nothing happens before a command is chosen."""


@app.command(epilog=examples("run --config /etc/storekeeper"))
def run(config: Config = DEFAULT_CONFIG, data: Data = None, new_key: NewKey = False) -> None:
    """Run the gateway: decisions, journal, device bus, pages and API.

    Needs the broker that gateway.toml names. Works without internet. Stop it with Ctrl-C or SIGTERM; it may also be
    killed: nothing that anybody was told is lost. Where the store's key is lost it does not start, with exit code 78.
    """
    apply.end_cut_short(config, data)
    in_force = running("gateway", config, data, opens=True)
    found = logged_in(in_force.settings)
    start_logging()
    with part("gateway"):
        from edge.bootstrap.gateway import run as run_gateway
        from edge.bootstrap.opening import Startup, fell_back
    good = LastGood(found.gateway.data, "gateway")
    keep = (lambda: None) if in_force.why_not else partial(good.keep, config)
    facts, needs = fell_back(in_force.why_not, in_force.mended, in_force.sha256)
    opening = Startup(keep, facts, needs, floor.workshop(config, found), _leases_of(found))
    check = lambda: check_devices(in_force.folder, found).devices  # noqa: E731 - asked later
    with key_kept():
        raise typer.Exit(run_gateway(found, new_key=new_key, check=check, opening=opening, fetch=_cloud_of(found)))


def _cloud_of(settings: Settings) -> Fetch | None:
    """Where facts are asked for that cannot be read on this box any more."""
    from operations.retention.from_cloud import fetching

    cloud = settings.gateway.cloud
    return fetching(cloud.url, settings.store.id, cloud.token or token_of(settings.gateway.data))


def _leases_of(settings: Settings) -> Ask | None:
    """Where parts of budgets are asked for that stores share."""
    from operations.leases.from_cloud import asking

    cloud = settings.gateway.cloud
    return asking(cloud.url, settings.store.id, cloud.token or token_of(settings.gateway.data))


def main() -> None:
    """The entry point of the `storekeeper` command."""
    answers = take_streams()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        answers.give_up()
        if isinstance(error, BrokenPipeError):  # whoever read it has seen enough
            sys.exit(FAILED)
        _end(of_file(error))
    except sqlite3.Error as error:
        _end(of_database(error))
    except (StorekeeperError, tomllib.TOMLDecodeError, UnicodeError) as error:
        _end(str(error))


def _end(sentence: str) -> NoReturn:
    """Say what no command has expected, and end."""
    typer.secho(sentence, fg="red", err=True)
    sys.exit(FAILED)
