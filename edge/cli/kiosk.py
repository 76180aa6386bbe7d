"""`storekeeper kiosk`."""

from __future__ import annotations

from typing import Annotated

import typer

from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of
from edge.cli.parts import part

app = typer.Typer(no_args_is_help=True, help="The touch screen of a zone.")


@app.command(
    epilog=examples(
        "kiosk run --device screen-baby",
        "kiosk run --device screen-baby --offscreen  no display: see its picture on the store page",
    )
)
def run(
    device: Annotated[str, typer.Option(help="Id of the screen in devices.toml.")],
    offscreen: Annotated[bool, typer.Option("--offscreen", help="Draw without a window.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Show the coupons of a screen's zone, portrait 1080 x 1920."""
    settings = settings_of(config, data)
    with part("kiosk"):
        from kiosk_ui.app import run as run_kiosk
    raise typer.Exit(run_kiosk(settings, device, offscreen=offscreen))
