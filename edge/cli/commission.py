"""`storekeeper devices probe | test-card | open-every-lock`: a device on a bench, without the gateway."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from edge.cli.exits import WRONG_SETTINGS, fail
from edge.cli.io_errors import of_port
from edge.cli.optional_parts import part
from edge.cli.options import examples

FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Hang the commands onto `storekeeper devices`."""
    app.command(
        epilog=examples(
            "devices probe serial:///dev/ttyUSB0",
            "devices probe tcp://192.168.1.60:5000 --lock 0/7",
            "devices probe tcp://192.168.1.50:9100  a printer",
            "devices probe serial:///dev/ttyUSB1?baud=38400 --kind printer",
            "devices probe serial:///dev/ttyUSB0 --record board.jsonl  keep what was said, for a test",
        )
    )(probe)
    app.command(epilog=examples("devices find", "devices find --at tcp://192.168.1.50:9100"))(find)
    app.command(
        "test-card",
        epilog=examples(
            "devices test-card tcp://192.168.1.50:9100",
            "devices test-card file:///dev/usb/lp0 --paper 58 --cjk raster",
            "devices test-card --preview card.png  only draw it",
        ),
    )(print_test_card)
    app.command("open-every-lock", epilog=examples("devices open-every-lock serial:///dev/ttyUSB0 --dialect cu48b"))(
        open_every_lock
    )


def probe(
    url: Annotated[
        str, typer.Argument(help="Where it is: serial:///dev/ttyUSB0, tcp://host:port, or file:///dev/usb/lp0.")
    ],
    kind: Annotated[
        Literal["lock", "printer"] | None,
        typer.Option(help="What to look for. Default: a printer on TCP port 9100 and on file:, otherwise locks."),
    ] = None,
    lock: Annotated[str | None, typer.Option(help="Offer to open this one, as board/lock. Default: the first.")] = None,
    record: Annotated[Path | None, typer.Option(help="Keep the conversation in this file.")] = None,
) -> None:
    """Find out what is on a port: lock boards and how their contacts read, or a receipt printer and what it can say.

    It only reads until you agree to open one lock, or to print one slip. In the end it prints the lines for
    devices.toml.
    """
    found: str | None
    try:
        if (kind or _usual_kind(url)) == "printer":
            found = _probe_printer(url, record)
        else:
            found = _probe_locks(url, lock, record)
    except ValueError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    except OSError as error:
        typer.secho(of_port(url, error), fg="red", err=True)
        raise typer.Exit(FAILED) from None
    if found is None:
        raise typer.Exit(FAILED)
    typer.echo(found)


def find(
    at: Annotated[list[str] | None, typer.Option(help="Look there as well, such as tcp://192.168.1.50:9100.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Look at every serial port and USB printer that nobody uses, and say what answers. It only reads."""
    with part("devices"):
        from device_drivers.discovery import discover as look

    found = look(at or [], _tell)
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        typer.echo(f"{each.what:<8} {each.url:<44} {each.words}")
    if not found:
        typer.echo("Nothing answered that nobody uses. Check power and cables; `devices probe URL` asks one place.")


def _tell(place: str, error: OSError | ValueError) -> None:
    typer.echo(of_port(place, error) if isinstance(error, OSError) else f"{place}: {error}", err=True)


def _usual_kind(url: str) -> str:
    """A lock board's bytes would come out on a printer's paper: where a printer is usual, it is asked as one."""
    return "printer" if url.startswith("file:") or url.rstrip("/").endswith(":9100") else "lock"


def _probe_locks(url: str, lock: str | None, record: Path | None) -> str | None:
    with part("devices"):
        from device_drivers.probe import Asker
        from device_drivers.probe import probe as look

    found = look(url, Asker(typer.echo, typer.confirm), record, lock)
    if not found.boards:
        typer.echo("No board answered. Check power, A and B, the address, and the baud rate.")
        return None
    return found.settings


def _probe_printer(url: str, record: Path | None) -> str | None:
    with part("devices"):
        from device_drivers.printers.escpos_probe import probe_printer
        from device_drivers.probe import Asker

    found = probe_printer(url, Asker(typer.echo, typer.confirm), record)
    if not found.answers and found.printed is None:
        typer.echo("No printer answered. Check power, cable and speed.")
        return None
    return found.settings


def print_test_card(
    url: Annotated[str | None, typer.Argument(help="Where the printer is. Leave it out with --preview.")] = None,
    paper: Annotated[int, typer.Option(help="Width of the roll in mm: 58 or 80.")] = 80,
    cjk: Annotated[Literal["gb18030", "raster", "none"], typer.Option(help="How it prints Chinese.")] = "gb18030",
    language: Annotated[Literal["zh-CN", "en", "de"], typer.Option(help="Language of the card.")] = "en",
    preview: Annotated[Path | None, typer.Option(help="Draw the card into this PNG.")] = None,
) -> None:
    """Print a page that shows what a printer can do, and says which setting is wrong where it does not."""
    with part("devices"):
        from device_drivers.contract import Print
        from device_drivers.printers.escpos import Driver, Settings
        from device_drivers.printers.preview import preview as draw
        from device_drivers.printers.test_card import test_card as card

    if url is None and preview is None:
        typer.secho("Say where the printer is, or --preview FILE to only draw the card.", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    if paper not in (58, 80):
        typer.secho(f"--paper: expected 58 or 80; found {paper}", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS)
    wanted = {"url": url or "tcp://127.0.0.1:9100", "paper": paper, "cjk": cjk}
    try:
        settings = msgspec.convert(wanted, Settings)
    except msgspec.ValidationError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    document = card(settings, language)
    if preview is not None:
        preview.write_bytes(draw(document, paper))
        typer.echo(f"Drawn into {preview}")
    if url is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            driver = Driver(settings, Path(folder) / "test-card")
        except OSError as error:
            typer.secho(of_port(url, error), fg="red", err=True)
            raise typer.Exit(FAILED) from None
        except ValueError as error:
            typer.secho(f"{url}: {error}", fg="red", err=True)
            raise typer.Exit(WRONG_SETTINGS) from None
        driver.start(_Silent())
        result = driver.carry_out(Print("test-card", 1, document))
        driver.stop()
    typer.echo(f"{result.outcome}{f' ({result.reason})' if result.reason else ''}  {json.dumps(result.observed)}")
    raise typer.Exit(0 if result.outcome == "done" else FAILED)


def open_every_lock(
    url: Annotated[str, typer.Argument(help="Where the boards are: serial:///dev/ttyUSB0 or tcp://host:port.")],
    dialect: Annotated[Literal["cu48", "cu48b", "cu16"], typer.Option(help="What the boards speak.")],
) -> None:
    """EMERGENCY: open every lock of every board on a wire at once. It asks for a sentence first."""
    with part("devices"):
        from device_drivers.locks import kerong_open_all
        from device_drivers.locks.kerong_frames import Dialect
        from device_drivers.transports import from_url

    try:
        wire = from_url(url, 19200)
    except ValueError as error:
        fail(str(error))
    said = typer.prompt(f'This opens every door at once. Type "{kerong_open_all.SENTENCE}" to go on')
    try:
        kerong_open_all.open_every_lock(wire, Dialect(dialect), said)
    except OSError as error:
        if error.errno is None:  # of ours: other words were said
            fail(str(error))
        typer.secho(of_port(url, error), fg="red", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo("Sent.")


class _Silent:
    """Where a driver on a bench reports to: nobody asks for its states and events."""

    def state(self, state: object) -> None:
        """Not kept."""

    def event(self, event_data: object) -> None:
        """Not kept."""
