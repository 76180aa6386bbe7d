"""`storekeeper https`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from edge.cli.exits import WRONG_SETTINGS
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, settings_of

FAILED = 1

app = typer.Typer(no_args_is_help=True, help="The certificate that shoppers' phones are shown.")


@app.command(epilog=examples("https show"))
def show(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Say which certificate phones are shown, until when, and how the last renewal went. Exit code 1 for none."""
    settings = settings_of(config, data)
    box = settings.gateway
    if not box.https.on:
        typer.echo("Pages come by http alone: gateway.toml has no [https] with a certificate.")
        return
    with part("gateway"):
        from edge.secrets.certificates import Unusable
        from operations.certificates.phones import Phones
    phones = Phones(box.https, box.data)
    if (tried := phones.tried()) is not None:
        typer.echo(f"Last attempt to fetch one: {_date(tried.at_ms)}, {tried.error or 'fetched'}.")
    try:
        found = phones.now()
    except Unusable as error:
        typer.secho(f"No certificate: {error}.", fg="red", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"Certificate for {', '.join(found.names)}, good until {_date(found.until_ms)}, serial {found.serial}.")
    if found.expired(_now_ms()):
        typer.secho("It has expired: phones warn of the store's pages. Renew it.", fg="red", err=True)
        raise typer.Exit(FAILED)


@app.command(epilog=examples("https renew", "https renew --now"))
def renew(
    now: Annotated[bool, typer.Option("--now", help="Also where it is not due yet.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Fetch a new certificate where it is due, by [https.acme] of gateway.toml. Needs the internet.

    A timer asks this twice a day. The gateway takes the new one up by itself; the one before goes on where there is no
    new one, and exit code 1 says so.
    """
    settings = private_settings(config, data)
    box = settings.gateway
    if not box.https.acme.names:
        given = box.https.certificate
        said = (
            f"It is given ({given}): whoever made it renews it." if given else "There is none, and pages come by http."
        )
        typer.secho(f"No certificate is fetched for this box: [https.acme] names nothing. {said}", err=True)
        raise typer.Exit(0 if given else WRONG_SETTINGS)
    with part("gateway"):
        from operations.certificates.acme_order import NotIssued
        from operations.certificates.phones import Phones
    phones = Phones(box.https, box.data)
    why = phones.why(_now_ms())
    if not (why or now):
        typer.echo(f"Not due: good until {_date(phones.now().until_ms)}.")
        return
    typer.echo(f"Due: {why}." if why else "Not due; fetched all the same.")
    try:
        found = phones.renew(_now_ms(), typer.echo)
    except NotIssued as error:
        typer.secho(f"Not renewed: {error}", fg="red", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(
        f"Certificate for {', '.join(found.names)}, good until {_date(found.until_ms)}. The gateway takes it up."
    )


def _now_ms() -> int:
    return round(time.time() * 1000)


def _date(moment_ms: int) -> str:
    return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
