"""`storekeeper qr`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.addresses import BadAddress, public, remark
from edge.cli.options import DEFAULT_CONFIG, WRONG_SETTINGS, Config, Data, examples, key_kept, settings_of
from edge.cli.parts import part
from edge.settings import Settings

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
    with part("gateway"):
        from edge.qr_sheet import cards, write
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

        from edge.qr_sheet import cards
    with key_kept():
        found = cards(settings, _address(url, settings), [id_] if id_ else [], None)
    if not found:
        typer.secho(f'There is no touchpoint "{id_}". `storekeeper qr show` lists them.', fg="red", err=True)
        raise typer.Exit(1)
    for card in found:
        typer.echo(f"{card.id:<18} {card.zone['en']:<18} {card.url}")
    if id_:
        segno.make(found[0].url, error="m").terminal(compact=True)


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
