"""`storekeeper certificates`: what the store's own authority signed, and its renewal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.exits import FAILED, fail
from edge.cli.optional_parts import part
from edge.cli.options import examples
from edge.settings.folders import given

app = typer.Typer(no_args_is_help=True, help="The store's own authority, which devices pin, and what it signed.")

Root = Annotated[Path, typer.Option(help="A box below this folder.")]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings, in place of ROOT/etc/storekeeper.", callback=given)
]
Data = Annotated[
    Path | None, typer.Option("--data", "-d", help="Data, in place of ROOT/var/lib/storekeeper.", callback=given)
]
SLASH = Path("/")


@app.command(epilog=examples("certificates show"))
def show(root: Root = SLASH, config: Config = None, data: Data = None) -> None:
    """Say how the authority and the broker's certificate stand, and the fingerprint that devices pin."""
    with part("gateway"):
        from operations.certificates.authority import fingerprint
        from operations.certificates.keeping import look
        from operations.setup.places import Places
    places = Places.of(root, config, data)
    found = look(places, datetime.now(UTC))
    if found.until is None:
        fail(f"{places.certificate}: {found.why}. storekeeper setup makes it", FAILED)
    typer.echo(f"Authority {places.ca}: {fingerprint(places.ca.read_bytes()).hex(':')}")
    names = ", ".join((*found.names.hosts, *found.names.addresses))
    typer.echo(f"Broker {places.certificate}: until {found.until:%Y-%m-%d}, for {names}")
    typer.echo(f"Due: {found.why}." if found.why else "Not due.")


@app.command(epilog=examples("certificates renew", "certificates renew --now"))
def renew(
    now: Annotated[bool, typer.Option("--now", help="Also where it is not due yet.")] = False,
    root: Root = SLASH,
    config: Config = None,
    data: Data = None,
) -> None:
    """Sign the broker's certificate anew where it is due or this box got another address; the broker takes it up.

    A timer asks this each day and after each start. It takes no internet, and nobody is disconnected.
    """
    with part("gateway"):
        from edge.errors import StorekeeperError
        from operations.certificates.keeping import renew as sign
        from operations.setup.places import Places
    places = Places.of(root, config, data)
    try:
        done = sign(places, datetime.now(UTC), even_so=now)
    except StorekeeperError as error:
        fail(f"Not renewed: {error}", FAILED)
    except PermissionError as error:
        fail(f"{error.filename}: the authority's key is root's alone. Run it as root, or with --root", FAILED)
    if done is None:
        typer.echo("Not due.")
        return
    typer.echo(f"{places.certificate}: signed anew ({done.why}), until {done.until:%Y-%m-%d}.")
    typer.echo("The broker has taken it up." if done.told else "No broker runs here now; it reads it when it starts.")
    _record(places.config, places.data, round(done.until.timestamp() * 1000))


@app.command(epilog=examples("certificates firmware --out ca.der"))
def firmware(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write, in DER.")],
    root: Root = SLASH,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the authority's certificate for firmware whose TLS knows no name constraints, such as an ESP32's."""
    with part("gateway"):
        from operations.certificates.authority import FOR_FIRMWARE
        from operations.setup.places import Places
    import ssl

    path = Places.of(root, config, data).authority / FOR_FIRMWARE
    try:
        out.write_bytes(ssl.PEM_cert_to_DER_cert(path.read_text("ascii").strip()))
    except (FileNotFoundError, PermissionError) as error:
        fail(f"{error.filename}: it cannot be read or written: is there a store, and are you root?", FAILED)
    typer.echo(f'{out}: put it beside lock.json, and name it there: "authority": "{out.name}".')


def _record(config: Path, data: Path, until_ms: int) -> None:
    """Keep on record that it was done; the certificate is renewed, whether or not that can be written now."""
    from edge.bootstrap.nouns import nouns_of
    from edge.cli.box import record
    from edge.cli.options import settings_of
    from edge.domain.box.facts import CertificateRenewed
    from edge.errors import StorekeeperError

    settings = settings_of(config, data)
    if not (data / "storekeeper.db").exists():
        return
    try:
        record(settings, CertificateRenewed(about="broker", until_ms=until_ms), nouns_of(settings).all)
    except StorekeeperError as error:
        typer.echo(f"It is not on record: {error}", err=True)
