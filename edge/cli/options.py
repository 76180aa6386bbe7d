"""Options that many commands share, and the settings they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import PydanticCustomError

from device_drivers.broker import BrokerAddress, PasswordInClear
from edge.cli.exits import WRONG_SETTINGS
from edge.cli.optional_parts import part
from edge.secrets import private
from edge.secrets.credentials import passwords
from edge.settings.example import settings_here, settings_of_demo
from edge.settings.folders import given, home
from edge.settings.last_good import LastGood, LoadedSettings, data_of
from edge.settings.model import NAME, plain_text
from edge.settings.settings import Settings, SettingsError, load

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="STOREKEEPER_CONFIG",
        help="Folder of store.toml, devices.toml and gateway.toml.",
        show_default="./config, or /etc/storekeeper",
        callback=settings_here,
    ),
]
DemoConfig = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        help="Folder of store.toml, devices.toml and gateway.toml.",
        show_default="./config, or the example that comes with Storekeeper",
        callback=settings_of_demo,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        "-d",
        envvar="STOREKEEPER_DATA",
        help="Folder of the journal and the secrets, in place of the one in gateway.toml.",
        show_default=False,
        callback=given,
    ),
]
NewKey = Annotated[
    bool,
    typer.Option(
        "--new-key",
        help="Go on although the store's key is lost. Earlier printed codes, sessions and sealed numbers are "
        "worthless then. Does nothing where the right key is there.",
    ),
]
DEFAULT_CONFIG = Path("config")


def private_settings(config: Path, data: Path | None = None) -> Settings:
    """The settings in `config`, for a command that writes into the data folder: nobody else may read what is there."""
    settings = settings_of(config, data)
    private.make_private(settings.gateway.data)
    return settings


def running(service: str, config: Path, data: Path | None = None, *, opens: bool = False) -> LoadedSettings:
    """The settings for a service: those in force, or, where these cannot be used, the last good ones, with a sentence.

    `opens` is for a service that says itself when it has opened with them. Ends the command where there are neither.
    """
    try:
        config, data = home(config), home(data) if data is not None else None
        folder = data_of(config, data)
        good = LastGood(folder, service)
        found = good.load_to_open(config) if opens else good.load(config)
    except (SettingsError, ValueError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    for sentence in found.why_not:
        typer.secho(f"{config}: {sentence}", fg="yellow", err=True)
    if found.why_not:
        typer.secho(f"The last good settings go on: {found.folder}", fg="yellow", err=True)
    for sentence in found.mended:
        typer.secho(sentence, fg="yellow", err=True)
    settings = with_data(found.settings, data)
    private.make_private(settings.gateway.data)
    if not (opens or found.why_not):
        LastGood(settings.gateway.data, service).keep(config)
    return found._replace(settings=settings)


def settings_of(config: Path, data: Path | None = None) -> Settings:
    """The settings in `config`, with `data` in place of theirs. Ends the command with every mistake in them."""
    try:
        settings = load(home(config))
        data = home(data) if data is not None else None
    except (SettingsError, ValueError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    return with_data(settings, data)


def with_data(settings: Settings, data: Path | None) -> Settings:
    """The settings with another data folder, where one was given."""
    if data is None:
        return settings
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": data})})


def broker_of(settings: Settings, sent: Iterable[str]) -> BrokerAddress:
    """Where the devices of these settings meet the gateway. Ends the command rather than send a password in clear."""
    found = settings.gateway.broker
    broker = BrokerAddress.parse(found.url, found.authority)
    try:
        broker.check(next(iter(sent), None), in_clear=found.password_in_clear)
    except PasswordInClear as error:
        typer.secho(f"{error} under [broker] in gateway.toml.", fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    return broker


def logged_in(settings: Settings) -> Settings:
    """The settings with the gateway's password, which on an installed box stands in no file of settings. Ends the
    command rather than send it in clear.
    """
    box = settings.gateway
    password = box.broker.password or passwords(box.data).get(box.broker.username)
    if password is None:
        return settings
    broker_of(settings, [password])
    broker = box.broker.model_copy(update={"password": password})
    return settings.model_copy(update={"gateway": box.model_copy(update={"broker": broker})})


@contextmanager
def key_kept() -> Iterator[None]:
    """A key that is lost, damaged or foreign becomes one sentence and exit code 78, a text of the store 2."""
    with part("gateway"):
        from edge.gateway.legal import BadText
        from edge.secrets.store_key import LOST_EXIT, KeyLost
    try:
        yield
    except BadText as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(WRONG_SETTINGS) from None
    except KeyLost as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(LOST_EXIT) from None


def examples(*commands: str) -> str:
    """The end of a command's help: lines to copy. A remark follows its command after two spaces."""
    lines = []
    for command in commands:
        words, _, remark = command.partition("  ")
        lines.append(f"- `storekeeper {words}`" + (f" {remark}" if remark else ""))
    return "**Examples**\n\n" + "\n".join(lines)


def readable_name(name: str) -> str:
    """What `--name` says of a person, bounded as every name of the settings is. Raises `typer.BadParameter`."""
    try:
        return plain_text(name, NAME)
    except PydanticCustomError as error:
        raise typer.BadParameter(error.message()) from None
