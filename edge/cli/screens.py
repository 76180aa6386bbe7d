"""`storekeeper screens`: what plays where, when and why; pictures and films; what is shown no more."""

from __future__ import annotations

import getpass
import json
import re
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from edge.cli.exits import FAILED, fail, refusals_in_words
from edge.cli.exposure import EPILOG, shown
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, with_data
from edge.settings import store_time
from edge.settings.folders import home
from edge.settings.last_good import data_of
from edge.settings.settings import DeviceSettings, Settings, SettingsError, load

if TYPE_CHECKING:
    from signage.playing import Programme, ScreenLocation

app = typer.Typer(no_args_is_help=True, help="What screens play, and why.")

app.command(epilog=EPILOG)(shown)

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")

Content = Annotated[str, typer.Argument(help="`playlist`, `playlist/item`, a name in media.toml, or a SHA-256.")]


def _settings(config: Path) -> Settings:
    try:
        return load(home(config))
    except (SettingsError, ValueError) as error:
        fail(str(error))


def instant(text: str, where: tzinfo, now: datetime) -> datetime:
    """The instant that a person means: in the store's time where it names no zone, today where it names no day.

    Raises `ValueError`.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is not None:
        hour, minute, second = (int(part or 0) for part in found.groups())
        today = now.astimezone(where).replace(tzinfo=None, microsecond=0)
        return store_time.instant(today.replace(hour=hour, minute=minute, second=second), where)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        said = 'expected a time such as "08:30", "2026-12-24T08:30" or "2026-12-24T07:30:00Z"'
        raise ValueError(f'--at: {said}; found "{text[:60]}"') from None
    if not date.min.year < moment.year < date.max.year:  # in another zone there may be no such day
        raise ValueError(f"--at: expected a time between 1971 and 2200; found {moment.date()}")
    return moment.astimezone(UTC) if moment.tzinfo else store_time.instant(moment, where)


@app.command(
    epilog=examples(
        "screens plays",
        "screens plays --screen screen-baby --at 08:30",
        "screens plays --at 2026-12-24T21:59:59 --json",
    )
)
def plays(
    at: Annotated[str, typer.Option(help="Time, in the store's own where it names no zone.", show_default="now")] = "",
    screen: Annotated[str, typer.Option(help="Id of one screen. Default: all of them.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Say what plays on a screen at a time, since when and until when, and why nothing else does.

    Nothing runs for it: it is the same function that the screens ask.
    """
    from edge.cli.screen_report import document, sentences

    settings = _settings(config)
    zone = settings.store.zone
    try:
        moment = instant(at, zone, datetime.now(UTC)) if at else datetime.now(UTC)
    except (ValueError, OverflowError) as error:
        fail(str(error))
    if not date(1971, 1, 1) <= moment.date() <= date(2200, 1, 1):
        fail(f"--at: expected a time between 1971 and 2200; found {moment.date()}")
    programme = _programme(settings, data_of(config, data))
    found = [(each, _place(settings, each)) for each in _screens(settings, screen)]
    at_ms = round(moment.timestamp() * 1000)
    if as_json:
        told: list[dict[str, Any]] = [document(settings, programme, place, at_ms) for _, place in found]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    typer.echo("\n\n".join("\n".join(sentences(settings, programme, place, at_ms)) for _, place in found))


def _screens(settings: Settings, wanted: str) -> list[DeviceSettings]:
    there = [device for device in settings.devices if device.kind == "screen"]
    found = [device for device in there if not wanted or device.id == wanted]
    if not found:
        from edge.settings.mistakes import did_you_mean

        names = [device.id for device in there]
        fail(f'There is no screen "{wanted}"{did_you_mean(wanted, names)}' if wanted else "This store has no screen.")
    return found


def _place(settings: Settings, device: DeviceSettings) -> ScreenLocation:
    from signage.playing import ScreenLocation

    return ScreenLocation(device.id, device.zone, settings.playing.tags.get(device.id, ()), settings.store.id)


def _programme(settings: Settings, data: Path) -> Programme:
    """The settings, less what the store's journal says is withdrawn."""
    from edge.cli.screen_report import withdrawn
    from signage.playing import Programme

    gone = frozenset(each.content for each in withdrawn(data))
    return Programme(settings.playing.playlists, settings.store.zone.key, gone)


@app.command(
    epilog=examples("screens add breakfast.png promo.mp4", "screens add summer-*.jpg --config /etc/storekeeper")
)
def add(
    files: Annotated[list[Path], typer.Argument(help="Pictures (PNG, JPEG, WebP) or films (MP4 with H.264).")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Check pictures and films, put them into `media/` and their hashes into `media.toml`.

    Playlists name them by file name. All are checked before the first is taken; a store that is open takes them in at
    once.
    """
    from edge.cli.screen_media import CLOSED, BadMediaFile
    from edge.cli.screen_media import take as take_files

    try:
        folder = home(config)
        for line in take_files(files, folder):
            typer.echo(line)
    except (BadMediaFile, ValueError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or config}: {error.strerror}", FAILED)
    why_not = _taken_in(config, data)
    if why_not not in ("", CLOSED):
        typer.secho(f"The store has not taken it in: {why_not}", fg="yellow", err=True)


@app.command(epilog=examples("screens take", "screens take --config /etc/storekeeper"))
def take(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Let a store that is open take in what `playlists.toml` and `media.toml` say now.

    Nothing starts anew. Screens are told once all files are on the box, whole; where one is not, nothing changes. What
    may have to be taken back is better brought by `storekeeper apply`.
    """
    why_not = _taken_in(config, data)
    if why_not:
        fail(f"The store has not taken it in: {why_not}", FAILED)
    typer.echo("The screens play by it.")


def _taken_in(config: Path, data: Path | None) -> str:
    """Lets the store take in what its files say. Returns why it does not; empty where it did."""
    from edge.cli.screen_media import let_take_in

    try:
        settings = load(home(config))
    except (SettingsError, ValueError) as error:
        return str(error)
    return let_take_in(with_data(settings, home(data) if data else None), settings.sha256)


@app.command(epilog=examples('screens withdraw brand-milk/page --reason "wrong price"', "screens withdraw promo.mp4"))
def withdraw(
    content: Content,
    reason: Annotated[str, typer.Option(help="Why; stands in the journal.")] = "withdrawn from the command line",
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Show something on no screen any more, from the next frame on: also where it plays just now."""
    _change("withdraw", content, reason, config, data)


@app.command(epilog=examples("screens restore brand-milk/page"))
def restore(content: Content, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Let something be shown again that was withdrawn."""
    _change("restore", content, "", config, data)


def _change(what: str, content: str, reason: str, config: Path, data: Path | None) -> None:
    from edge.cli.screen_media import act
    from operations.inside import NotReached

    settings = with_data(_settings(config), home(data) if data else None)
    named = {name: sha256 for sha256, name in settings.playing.names.items()}
    wanted = named.get(content, content.removeprefix("sha256:"))
    try:
        with refusals_in_words():
            changed = act(settings, what, wanted, by=getpass.getuser()[:40], reason=reason)
    except NotReached as error:
        fail(str(error), FAILED)
    done = {"withdraw": "is not shown any more", "restore": "may be shown again"}[what]
    before = {"withdraw": "was withdrawn before", "restore": "was not withdrawn"}[what]
    typer.echo(f"{content} {done if changed else before}.")


@app.command(epilog=examples("screens withdrawn"))
def withdrawn(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """List what is shown no more, since when, by whom and why."""
    from edge.cli.screen_report import withdrawn as found

    settings = _settings(config)
    names, gone = settings.playing.names, found(data_of(config, data))
    for each in gone:
        at = store_time.local(each.at_ms, settings.store.zone)
        typer.echo(f"{names.get(each.content, each.content)}  since {at:%Y-%m-%d %H:%M}, {each.by}: {each.reason}")
    if not gone:
        typer.echo("Nothing is withdrawn.")
