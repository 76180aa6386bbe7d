"""What `storekeeper setup` asks, says and does, in order."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from edge.cli.exits import FAILED, WRONG_SETTINGS, fail
from edge.cli.optional_parts import part
from edge.cli.safe_streams import plain
from edge.cli.setup_devices import look
from edge.errors import StorekeeperError
from edge.secrets import private
from edge.settings.settings import Settings, SettingsError, load
from edge.settings.toml_files import BadToml
from operations.setup import answers as ask
from operations.setup import chain_code, found_devices, settings_files
from operations.setup.answers import OPERATOR, Answers, DeviceAnswers
from operations.setup.places import Places
from operations.setup.steps import Setup, SetupStep

MARKS = {False: "  kept ", True: "  made "}


class Flags(msgspec.Struct, frozen=True):
    """What stood on the command line."""

    name: list[str] = []
    store: str = "s001"
    languages: str = "zh-CN,en,de"
    region: str = "CN"
    currency: str = "CNY"
    timezone: str | None = None
    address: str | None = None
    manager: str | None = None
    device: list[str] = []
    code: str | None = None
    cloud: str | None = None
    port: int = ask.PORT
    inside: int = ask.INSIDE
    broker_port: int = ask.BROKER_PORT
    token: str | None = None
    """What the chain's receiver knows the store by; of the chain's code alone."""


def run(flags: Flags, root: Path, config: Path | None, data: Path | None, sheet: Path | None, *, plan: bool) -> int:
    """The exit code."""
    places = Places.of(root, config, data)
    try:
        answers = _answers(flags, places, ask_people=not plan)
        if not any((places.config / name).exists() for name in settings_files.NAMES):
            settings_files.prove(answers, places)
        setup = Setup(answers, places, datetime.now(UTC))
        if plan:
            return _plan(setup)
        for step in setup.steps():
            _do(step)
    except BadToml as error:
        fail(str(error))
    except ask.BadAnswer as error:
        fail(str(error))
    except StorekeeperError as error:
        fail(str(error), FAILED)
    except PermissionError as error:
        fail(
            f"{error.filename}: this user may not write there. Run it as root, or below a folder of yours: --root",
            FAILED,
        )
    return _finish(setup, places, sheet or places.data / "codes.pdf")


def _plan(setup: Setup) -> int:
    changes = 0
    for step in setup.steps():
        typer.echo(f"  {'would' if step.change else 'kept '} {step.what}" + (f": {step.change}" if step.change else ""))
        changes += bool(step.change)
    typer.echo(f"{changes} things would be done." if changes else "Nothing would be done: all of it is there.")
    return 0


def _do(step: SetupStep) -> None:
    if step.change:
        step.act()
    typer.echo(MARKS[bool(step.change)] + step.what)


def _answers(flags: Flags, places: Places, *, ask_people: bool) -> Answers:
    """Flags, and where nothing was said, what a person on a terminal says or the default. Raises `BadAnswer`."""
    fresh = not (places.config / "store.toml").exists()
    asks = fresh and ask_people and sys.stdin.isatty()
    flags = _with_code(flags)
    tags = ask.spoken(_prompt(asks, "Languages", flags.languages))
    names = flags.name or ([_prompt(asks, "Name over the door", "")] if asks else [])
    if fresh and not any(names):
        raise ask.BadAnswer('name: expected what stands over the door, such as --name "Fresh Life"; found nothing')
    return Answers(
        name=ask.named(names or ["-"], tags),
        store=ask.store_id(flags.store),
        languages=tags,
        region=ask.checked_region(flags.region),
        currency=ask.checked_currency(flags.currency),
        timezone=ask.checked_timezone(flags.timezone, ask.checked_region(flags.region)),
        address=ask.checked_address(flags.address or _prompt(asks, "Address that phones use", ""), flags.port),
        port=flags.port,
        inside=flags.inside,
        broker_port=flags.broker_port,
        manager=flags.manager or _prompt(asks, "Name of the manager", "Manager"),
        cloud=ask.checked_cloud(flags.cloud),
        token=flags.token,
        devices=_devices(flags, places, tags, asks=asks),
    )


def _with_code(flags: Flags) -> Flags:
    """With what the chain's code says, wherever no flag says something else."""
    if flags.code is None:
        return flags
    text = sys.stdin.readline() if flags.code == "-" else Path(flags.code).read_text("utf-8")
    code = chain_code.read(text)
    usual = Flags()
    said = {
        key: value for key, value in code.values.items() if key == "token" or getattr(flags, key) == getattr(usual, key)
    }
    return msgspec.structs.replace(flags, **said, name=flags.name or list(code.names))


def _devices(flags: Flags, places: Places, tags: tuple[str, ...], *, asks: bool) -> tuple[DeviceAnswers, ...]:
    """What was named, and on a terminal what hangs on the ports of this box and somebody wants looked at."""
    if (places.config / "devices.toml").exists():
        if flags.device:
            typer.echo("devices.toml is there and is kept: storekeeper devices enrol adds to it.", err=True)
        return ()
    wanted = list(flags.device)
    if asks and not wanted:
        wanted = [url for url in ports() if typer.confirm(f"Use what hangs on {url}?")]
    return found_devices.devices(wanted, tags, look(typer.echo))


def ports() -> list[str]:
    """Where something may hang on this box."""
    with part("devices"):
        from device_drivers.probe import places as ports_of_box
    return ports_of_box()


def _prompt(asks: bool, what: str, usual: str) -> str:
    if not asks:
        return usual
    return str(typer.prompt(what, default=usual or None, show_default=bool(usual)))


def _finish(setup: Setup, places: Places, sheet: Path) -> int:
    """Codes, words for people, and what the doctor says."""
    try:
        settings = load(places.config)
    except SettingsError as error:
        fail(str(error), WRONG_SETTINGS)
    _print_codes(settings, sheet)
    told = setup.told
    if told.pin:
        typer.echo(f"\nPIN of {setup.answers.manager} at /staff: {told.pin}   Write it down: it is shown this once.")
    if told.password:
        typer.echo(f"Password of {OPERATOR} at /operator: {told.password}   It is shown this once, too.")
    return _examine(setup, places)


def _print_codes(settings: Settings, sheet: Path) -> None:
    from edge.cli.qr_sheet import cards, write

    if sheet.exists():
        typer.echo(f"  kept codes to print: {sheet}")
        return
    found = cards(settings, settings.gateway.public_url, [], None)
    sheet.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pages = write(found, settings, sheet)
    sheet.chmod(0o600)  # a code opens a lock for whoever stands before it
    with sheet.open("rb") as file:
        private.chown_like_folder(file.fileno(), sheet.parent)
    typer.echo(
        f"  made codes to print: {sheet}, {len(found)} on {pages} pages. Print at 100 %, not fitted to the page."
    )


def _examine(setup: Setup, places: Places) -> int:
    from edge.cli.checks import Health, examine
    from operations.setup.broker_run import running

    typer.echo("\nThe doctor:")
    worst = Health.WELL
    with running(places, setup.present.broker_port) as remark:
        for finding in examine(places.config, None):
            typer.echo(f"  {('ok  ', 'note', 'bad ')[finding.health]} {plain(finding.text)}")
            worst = max(worst, finding.health)
    if worst is Health.ILL:
        typer.echo("\nSomething needs your attention before the store can open.")
        return FAILED
    typer.echo(f"\n{remark}")
    return 0
