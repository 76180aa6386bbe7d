"""`storekeeper kiosk`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from edge.cli.exits import WRONG_SETTINGS, fail
from edge.cli.logs import start_logging
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, broker_of, examples, running
from edge.cli.watchdog import Watchdog
from edge.secrets.credentials import passwords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.settings.settings import Settings
    from kiosk_ui.fitting import Fitting

PANELS: Final = ("auto", "ddc", "cec", "backlight", "none")
_GEOMETRY: Final = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})\+(\d{1,5})\+(\d{1,5})")

app = typer.Typer(no_args_is_help=True, help="The touch screen of a zone.")


@app.command(
    epilog=examples(
        "kiosk run --device screen-baby",
        "kiosk run --device screen-door --place 1080x1920+1080+0  the second panel of a box that has two",
        "kiosk run --device screen-baby --offscreen  no display: see its picture on the store page",
    )
)
def run(
    device: Annotated[str, typer.Option(help="Id of the screen in devices.toml.")],
    offscreen: Annotated[bool, typer.Option("--offscreen", help="Draw without a window.")] = False,
    windowed: Annotated[bool, typer.Option("--windowed", help="In a window, on a desk.")] = False,
    place: Annotated[
        str,
        typer.Option(help="Where among several panels on one desktop: WIDTHxHEIGHT+LEFT+TOP, 1080x1920+1080+0."),
    ] = "",
    panel: Annotated[
        str, typer.Option(help=f"How the panel's light is reached: {', '.join(PANELS)}.", show_default=True)
    ] = "auto",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Show the coupons of a screen's zone, portrait 1080 x 1920."""
    settings = running("kiosk", config, data).settings
    screens = {found.id: found.settings for found in settings.devices if found.kind == "screen"}
    if device not in screens:
        typer.secho(f'There is no screen "{device}". `storekeeper devices list --kind screen` shows them.', err=True)
        raise typer.Exit(WRONG_SETTINGS)
    at = _place(place)
    if panel not in PANELS:
        fail(f'--panel: expected one of {", ".join(PANELS)}; found "{panel[:40]}"')
    with part("kiosk"):
        from kiosk_ui.app import Options
        from kiosk_ui.app import run as run_kiosk
    options = Options(
        device=device,
        **_reach(settings, device),
        offscreen=offscreen,
        fullscreen=not windowed,
        size=at[:2] if at else None,
        place=at[2:] if at else None,
        panel=panel,
        fitting=_fitting(device, screens[device]),
    )
    start_logging()
    raise typer.Exit(run_kiosk(options, Watchdog()))


def _reach(settings: Settings, device: str) -> dict[str, Any]:
    """How the kiosk reaches its broker, and what else the settings say of every kiosk: fields of its options."""
    from kiosk_ui.app import screens_from_outside
    from kiosk_ui.session import House

    box = settings.gateway
    password = passwords(box.data).get(device)
    broker = broker_of(settings, [password] if password else [])
    return {
        "store": settings.store.id,
        "host": broker.host,
        "port": broker.port,
        "tls": broker.tls,
        "authority": broker.authority,
        "password": password,
        "password_in_clear": box.broker.password_in_clear,
        "folder": box.data / "devices" / device,
        "demo": box.demo,
        "house": House(dict(settings.store.name), settings.store.languages),
        "more_screens": screens_from_outside(settings.extensions.screens),
    }


def _fitting(device: str, settings: Mapping[str, Any]) -> Fitting:
    """What devices.toml says of how the screen is fitted."""
    from kiosk_ui.fitting import BadFitting, of_settings

    try:
        return of_settings(device, settings)
    except BadFitting as error:
        typer.secho(str(error), err=True)
        raise typer.Exit(WRONG_SETTINGS) from None


def _place(text: str) -> tuple[int, int, int, int] | None:
    """Width, height, left and top, as X says it."""
    if not text:
        return None
    found = _GEOMETRY.fullmatch(text)
    if found is None:
        fail(f'--place: expected WIDTHxHEIGHT+LEFT+TOP such as 1080x1920+1080+0; found "{text[:60]}"')
    width, height, left, top = map(int, found.groups())
    return width, height, left, top
