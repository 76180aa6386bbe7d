"""`storekeeper qr`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.exits import WRONG_SETTINGS
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, key_kept, settings_of
from edge.settings.addresses import BadAddress, public, remark
from edge.settings.mistakes import did_you_mean
from edge.settings.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The store's QR codes, to print and to look at.")

Base = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="Address that phones reach, such as http://192.168.1.10:8080. Otherwise public_url in gateway.toml.",
        show_default=False,
    ),
]


@app.command(
    epilog=examples(
        "qr sheet --out codes.pdf",
        "qr sheet --zone baby --url http://192.168.1.10:8080",
        "qr sheet cart-01 cart-02  stickers to replace",
    )
)
def sheet(
    ids: Annotated[list[str] | None, typer.Argument(help="Touchpoints, by id. Default: all of them.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write.")] = Path("codes.pdf"),
    zone: Annotated[str | None, typer.Option(help="Only this zone's.")] = None,
    url: Base = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Make a PDF of label cards, A4, ready to print and cut: one for each touchpoint."""
    settings = settings_of(config, data)
    _require_known(ids or [], [point.touchpoint for point in settings.touchpoints], "touchpoint")
    _require_known([zone] if zone else [], [each.zone for each in settings.zones], "zone")
    with part("gateway"):
        from edge.cli.qr_sheet import cards, write
    with key_kept():
        found = cards(settings, _address(url, settings), ids or [], zone)
    if not found:
        typer.secho("No touchpoint fits. `storekeeper qr show` lists them.", fg="red", err=True)
        raise typer.Exit(1)
    pages = write(found, settings, out)
    typer.echo(f"{out}: {len(found)} codes on {pages} pages. Print at 100 %, not fitted to the page.")


@app.command(epilog=examples("qr show", "qr show cart-07"))
def show(
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="The touchpoint to show.")] = None,
    url: Base = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """List all touchpoints with their addresses, or show one code on this terminal."""
    settings = settings_of(config, data)
    with part("gateway"):
        import segno

        from edge.cli.qr_sheet import cards
    with key_kept():
        found = cards(settings, _address(url, settings), [id_] if id_ else [], None)
    if not found:
        typer.secho(f'There is no touchpoint "{id_}". `storekeeper qr show` lists them.', fg="red", err=True)
        raise typer.Exit(1)
    for card in found:
        typer.echo(f"{card.id:<18} {card.zone['en']:<18} {card.url}")
    if id_ and _shows_blocks():
        segno.make(found[0].url, error="m").terminal(compact=True)
    elif id_:
        typer.echo("This terminal cannot show the code itself: storekeeper qr sheet makes a PDF of it.")


def _address(url: str | None, settings: Settings) -> str:
    """What stands in front of every code. Says what speaks against it; ends the command where it is no address."""
    box = settings.gateway
    try:
        address = public(url) if url is not None else box.public_url or f"http://localhost:{box.http.port}"
    except BadAddress as error:
        typer.secho(f"--url: {error}", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    if url is not None and address != url.rstrip("/"):
        typer.secho(f"Codes lead to {address}", err=True)
    doubt = remark(address)
    if doubt and not box.demo:
        where = "" if url or box.public_url else " Use --url, or set public_url in gateway.toml."
        typer.secho(f"Codes lead to {address}. {doubt}{where}", fg="yellow", err=True)
    return address


def _require_known(wanted: list[str], known: list[str], what: str) -> None:
    """Ends the command where something is named that there is not."""
    for word in wanted:
        if word not in known:
            typer.secho(f'There is no {what} "{word}"{did_you_mean(word, known)}', fg="red", err=True)
            raise typer.Exit(WRONG_SETTINGS)


def _shows_blocks() -> bool:
    try:
        "\u2588\u2580\u2584".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
