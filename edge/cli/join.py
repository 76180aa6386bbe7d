"""`storekeeper join`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import FAILED, fail
from edge.cli.options import examples

if TYPE_CHECKING:
    from operations.setup.places import Places

EPILOG = examples(
    "join SK1/192.168.1.10:8884/…/…/…",
    "join screen-door.json  a file from the store's box",
    "join SK1/…/… --root /tmp/box  without root, below a folder",
)


def join(
    what: Annotated[str, typer.Argument(metavar="CODE", help="The code, or the file, of `storekeeper devices enrol`.")],
    root: Annotated[Path, typer.Option(help="Join below this folder. Needs no rights outside.")] = Path("/"),
    config: Annotated[Path | None, typer.Option("--config", "-c", help="In place of ROOT/etc/storekeeper.")] = None,
    data: Annotated[Path | None, typer.Option("--data", "-d", help="In place of ROOT/var/lib/storekeeper.")] = None,
) -> None:
    """Make this box run devices of a store. It needs no other file, and the base installation only.

    The code names the store's authority: nobody else is believed, whatever this box's clock says.
    """
    from edge.errors import StorekeeperError
    from edge.settings.settings import SettingsError, load
    from operations.enrolment import bundle, joining
    from operations.enrolment.code import read
    from operations.setup.places import Places

    places = Places.of(root, config, data)
    try:
        code = None if Path(what).is_file() else read(what)
        bundle.make_ready(places)  # before the code is used up
        found = bundle.read(Path(what).read_bytes()) if code is None else joining.fetch(code)
        devices = bundle.take(found, places)
        settings = load(places.config)
    except SettingsError as error:
        fail(f"what the store's box says is not understood here; is this version older?\n{error}", FAILED)
    except StorekeeperError as error:
        fail(str(error), FAILED)
    except PermissionError as error:
        fail(f"{error.filename}: this user may not write there. Run it as root, or with --root FOLDER", FAILED)
    typer.echo(f"This box runs {', '.join(devices)} of store {settings.store.id}, at {settings.gateway.broker.url}.")
    for line in _start(places, bundle.kiosks(found), devices):
        typer.echo(line)


def _start(places: Places, kiosks: tuple[str, ...], devices: list[str]) -> list[str]:
    """Start what is to run, or say how."""
    import subprocess

    from operations.releases.services import has_systemd

    driven = [device for device in devices if device not in kiosks]
    units = [*(["storekeeper-devices"] if driven else []), *(f"storekeeper-kiosk@{screen}" for screen in kiosks)]
    if places.handed and has_systemd():
        for argv in (["enable", *units], ["restart", *units]):
            done = subprocess.run(["systemctl", *argv], capture_output=True, text=True, check=False)  # noqa: S607
            if done.returncode:
                fail(f"systemctl {' '.join(argv)}: {done.stderr.strip()}", FAILED)
        return [f"Started: {', '.join(units)}."]
    options = f"--config {places.config}"
    lines = [f"  storekeeper devices run {options}"] if driven else []
    lines += [f"  storekeeper kiosk run --device {screen} {options}" for screen in kiosks]
    return ["Start it by hand:", *lines]
