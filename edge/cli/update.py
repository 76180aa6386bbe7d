"""`storekeeper update`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from edge.cli.exits import FAILED, WRONG_SETTINGS, fail, refusals_in_words
from edge.cli.logs import start_logging
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of
from edge.cli.update_publishing import app as publishing

if TYPE_CHECKING:
    from edge.settings.settings import Settings
    from operations.updates.desk import Updater
    from operations.updates.record import Ended

app = typer.Typer(
    help="""Bring this box to another version, and back where the store is not well with it.

    What is new is named by a signed index, is tried on a copy first, waits for shoppers, and is kept only when the
    store is as well as before. `storekeeper update` alone does all of it.""",
    epilog=examples(
        "update  take the version that this box's ring should have",
        "update check  only say whether there is one",
        "update back  return to the version before",
        "update hold --for 2h --by manager --why 'promotion till six'",
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.registered_commands += publishing.registered_commands

Root = Annotated[
    Path, typer.Option("--root", envvar="STOREKEEPER_VERSIONS", help="Folder of versions, with the link current.")
]
State = Annotated[
    Path, typer.Option("--state", envvar="STOREKEEPER_UPDATES", help="What the box remembers of its updates.")
]
Services = Annotated[
    str,
    typer.Option(
        "--services",
        envvar="STOREKEEPER_SERVICES",
        help="What starts and stops the services: systemd, or 'command:…' with {act} and {part} in it.",
    ),
]
Within = Annotated[
    float,
    typer.Option(
        "--within", min=5, max=3600, help="Seconds that a version may take until the store is as well as before."
    ),
]
Unrehearsed = Annotated[
    bool,
    typer.Option(
        "--unrehearsed", help="Do not try it on a copy of the journal first, where the disk has no room for it."
    ),
]
Source = Annotated[
    str | None, typer.Option("--from", help="Address or folder of the index, in place of the one in gateway.toml.")
]
UNTIL_NEXT_S, ASKED_EVERY_S = 13 * 60, 5
"""The timer comes each quarter of an hour."""
ROOT, STATE = Path("/opt/storekeeper"), Path("/var/lib/storekeeper-update")


def _desk(
    config: Path,
    data: Path | None,
    root: Path,
    state: Path,
    services: str,
    source: str | None = None,
    within: float = 60,
    unrehearsed: bool = False,
) -> tuple[Updater, Settings]:
    """All that updates need, from the command line."""
    settings = settings_of(config, data)
    with part("gateway"):
        from edge.cli.update_parts import desk
    with refusals_in_words():
        return desk(
            config, settings, root, state, services, source, within, typer.echo, rehearsed=not unrehearsed
        ), settings


@app.callback(invoke_without_command=True)
def update(
    context: typer.Context,
    *,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for shoppers.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Try a version that was tried and left before.")] = False,
    by_itself: Annotated[
        bool, typer.Option("--by-itself", help="As the timer does: only in the hours of the settings, and quietly.")
    ] = False,
    unrehearsed: Unrehearsed = False,
    wait: Annotated[
        int, typer.Option("--wait", min=0, max=7 * 1440, help="Minutes to wait for shoppers, at most.")
    ] = 30,
    source: Source = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
    root: Root = ROOT,
    state: State = STATE,
    services: Services = "auto",
    within: Within = 60,
) -> None:
    """Take the version that this box's ring should have."""
    if context.invoked_subcommand is not None:
        return
    made, settings = _desk(config, data, root, state, services, source, within, unrehearsed=unrehearsed)
    from operations.updates.desk import alone

    if by_itself:
        start_logging()
        with refusals_in_words(), alone(state):
            _by_itself(made, settings, _guard(made, config, data, services, within))
        return
    until = time.monotonic() + wait * 60
    calm = (lambda: None) if now else made.calm(lambda: time.monotonic() < until)
    with refusals_in_words(), alone(state):
        _end(made.settle(), of_before=True)
        version = _have(made, again=again)
        _end(made.try_out(version, calm, _guard(made, config, data, services, within)))


def _have(made: Updater, *, again: bool) -> str:
    """The version to take, on the disk. Ends the command where there is none."""
    running, index = made.running(), made.index() if made.has_source() else None
    found = made.wanted(index) if index else (laid, None) if (laid := made.laid()) else None
    if found is None:
        typer.echo(f"This box has {running}, " + ("as its ring should." if index else "the newest here."))
        raise typer.Exit
    if not again and (why := made.refused(found[0])):
        fail(f"{found[0]} was tried and left: {why}\nTry it again with: storekeeper update --again", FAILED)
    if index:
        made.get(index, *found, go_on=lambda: True)
    return found[0]


def _by_itself(made: Updater, settings: Settings, guard: Callable[[str], None]) -> None:
    """What the timer does: nothing where nothing is due."""
    from operations.updates.desk import Waits

    made.settle()
    if not settings.gateway.update.by_itself or not (made.is_download_hour() or made.is_hour() or made.is_asked()):
        return
    version = _found_by_itself(made)
    until = time.monotonic() + UNTIL_NEXT_S
    while version is not None and not made.is_hour():
        # Staff were asked and may say now at any moment; the timer comes again when this gives up.
        if not made.is_asked() or time.monotonic() > until:
            return
        time.sleep(ASKED_EVERY_S)
    if version is None:
        return
    try:
        _end(made.try_out(version, made.calm(made.is_hour), guard))
    except Waits:
        made.ask_staff(version)


def _found_by_itself(made: Updater) -> str | None:
    """The version to take, on the disk; none where there is none that was not left before."""
    if not made.has_source():
        laid = made.laid()
        return laid if laid and not made.refused(laid) else None
    index = made.index()
    found = made.wanted(index)
    if found is None or made.refused(found[0]):
        return None
    if not made.versions.has(found[0]):
        made.get(index, *found, go_on=made.is_download_hour)
    return found[0]


def _guard(made: Updater, config: Path, data: Path | None, services: str, within: float) -> Callable[[str], None]:
    """Returns what starts a process of the good version that settles should this one be killed."""

    def start(good: str) -> None:
        place = made.place
        words = [str(made.versions.program(good)), "update", "settle", "--wait", "--config", str(config.absolute())]
        words += ["--root", str(place.root), "--state", str(place.state), "--services", services]
        words += ["--within", str(within)]
        words += ["--data", str(data.absolute())] if data is not None else []
        subprocess.Popen(
            words,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return start


def _end(ended: Ended | None, *, of_before: bool = False) -> None:
    """Say how it ended. One that was left ends the command, unless it is only what was settled before."""
    if ended is None:
        return
    if ended.installed:
        typer.echo(f"{ended.new} runs; the store was closed for {ended.closed_ms / 1000:.1f} s.")
        return
    sentence = f"{ended.new} was left, and {ended.old} runs: {ended.why}"
    if of_before:
        typer.echo(f"Of an update that was interrupted: {sentence}", err=True)
    else:
        fail(sentence, FAILED)


@app.command(epilog=examples("update check && echo as it should be"))
def check(
    source: Source = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
    root: Root = ROOT,
    state: State = STATE,
) -> None:
    """Ask the index what this box should have, and change nothing. Exit code 1 where it is another version."""
    made, _ = _desk(config, data, root, state, "none", source)
    with refusals_in_words():
        found, running = made.wanted(made.index()), made.running()
    if found is None:
        typer.echo(f"This box has {running}, as its ring should.")
        return
    why = made.refused(found[0])
    typer.echo(f"This box has {running} and should have {found[0]}." + (f" It was left: {why}" if why else ""))
    raise typer.Exit(FAILED)


@app.command(epilog=examples("update status"))
def status(config: Config = DEFAULT_CONFIG, data: Data = None, root: Root = ROOT, state: State = STATE) -> None:
    """Say which versions are here, how the last update ended, and what would keep the next one waiting."""
    made, _ = _desk(config, data, root, state, "none")
    record, names = made.notebook.read(), made.versions.names()
    if not names:
        typer.echo(f"No version lies in {root}.")
    for name in names:
        marks = [word for word, at in (("runs", made.versions.current), ("good", made.versions.good)) if at == name]
        typer.echo(f"{name}  {', '.join(marks) or 'here'}")
    if record.step != "rest" or made.versions.good not in (None, made.versions.current):
        typer.echo(f"An update to {record.new} was interrupted: storekeeper update settle")
    if record.last is not None:
        last = record.last
        typer.echo(f"Last: {last.old} to {last.new}, " + ("installed" if last.installed else f"left: {last.why}"))
    if sentence := made.holding().sentence:
        typer.echo(f"Now it would wait: {sentence}")


@app.command(epilog=examples("update back"))
def back(
    *,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for shoppers.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
    root: Root = ROOT,
    state: State = STATE,
    services: Services = "auto",
    within: Within = 60,
) -> None:
    """Return to the version before, by the same way: copy, rehearsal, a calm moment, and a look whether all is well."""
    made, _ = _desk(config, data, root, state, services, within=within)
    from operations.updates.desk import alone

    until = time.monotonic() + 30 * 60
    calm = (lambda: None) if now else made.calm(lambda: time.monotonic() < until)
    with refusals_in_words(), alone(state):
        made.settle()
        before = made.versions.before(made.versions.current or "0.0.0")
        if before is None:
            fail("No version before this one is on this box.", FAILED)
        _end(made.try_out(before, calm, _guard(made, config, data, services, within)))


@app.command(epilog=examples("update to 1.4.0", "update to 1.4.0 --file storekeeper-1.4.0.tar.gz"))
def to(
    version: Annotated[str, typer.Argument(help="A version that lies on this box, or is in the file.")],
    *,
    file: Annotated[
        Path | None, typer.Option("--file", help="A version's tree as tar, or its Debian package.", exists=True)
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for shoppers.")] = False,
    unrehearsed: Unrehearsed = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
    root: Root = ROOT,
    state: State = STATE,
    services: Services = "auto",
    within: Within = 60,
) -> None:
    """Take a version that lies here, or comes in a file. No index proves a file: whoever names it answers for it."""
    made, _ = _desk(config, data, root, state, services, within=within, unrehearsed=unrehearsed)
    from operations.updates.desk import alone
    from operations.updates.names import is_name

    if not is_name(version):
        fail(f'expected a version such as "1.4.0"; found "{version[:40]}"', WRONG_SETTINGS)
    until = time.monotonic() + 30 * 60
    calm = (lambda: None) if now else made.calm(lambda: time.monotonic() < until)
    with refusals_in_words(), alone(state):
        made.settle()
        if file is not None:
            made.lay(file, version)
        _end(made.try_out(version, calm, _guard(made, config, data, services, within)))


@app.command(epilog=examples("update settle"))
def settle(
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until no other update is under way.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
    root: Root = ROOT,
    state: State = STATE,
    services: Services = "auto",
    within: Within = 60,
) -> None:
    """End what a kill or a power cut left of an update: go on with it, or go back.

    Does nothing where nothing is left.
    """
    with part("gateway"):
        from operations.updates.desk import alone
    with refusals_in_words(), alone(state, wait=wait):
        made, _ = _desk(config, data, root, state, services, within=within)
        _end(made.settle())


@app.command(epilog=examples("update hold --for 2h --by manager --why 'promotion till six'", "update hold --end"))
def hold(
    *,
    length: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 3d; a week at most.")] = "2h",
    by: Annotated[str, typer.Option("--by", help="Who.")] = "store IT",
    why: Annotated[str, typer.Option("--why", help="What would be disturbed.")] = "",
    end: Annotated[bool, typer.Option("--end", help="Let updates come again.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Keep updates away for a while, for whatever must not be disturbed. The hold ends by itself."""
    with part("gateway"):
        from edge.cli.box import record
        from edge.domain.box.facts import UpdateHeld, UpdateLetGo
        from edge.domain.nouns import NOUNS
        from operations.updates.desk import now_ms
    settings = settings_of(config, data)
    until = now_ms() + int(_length(length).total_seconds() * 1000)
    by, why = by.strip()[:80] or "store IT", why.strip()[:200] or "no reason given"
    fact = UpdateLetGo(by=by) if end else UpdateHeld(by=by, why=why, until_ms=until)
    with refusals_in_words():
        record(settings, fact, NOUNS)
    typer.echo("Updates may come again." if end else f"No update for {length}.")


def _length(text: str) -> timedelta:
    number, unit = text[:-1], {"m": 1, "h": 60, "d": 1440}.get(text[-1:])
    if unit is None or not number.isdecimal() or len(number) > 5 or not 0 < int(number) * unit <= 7 * 1440:
        _no_length(text)
    return timedelta(minutes=int(number) * unit)


def _no_length(text: str) -> NoReturn:
    fail(f'expected a length such as 30m, 2h or 3d, a week at most; found "{text[:20]}"', WRONG_SETTINGS)


@app.command(hidden=True, epilog=examples("update rehearse --journal copy.db --config /etc/storekeeper"))
def rehearse(
    journal: Annotated[Path, typer.Option("--journal", help="A copy of a journal. It is not changed.")],
    tables: Annotated[
        Path | None, typer.Option("--tables", help="Where to leave this version's tables of that journal.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Open a store of this version on a copy of a journal, beside everything, and unlock a simulated cart there."""
    with part("gateway"):
        from edge.cli.update_rehearsal import rehearse as run
    with refusals_in_words():
        run(config, journal, tables)
    typer.echo("A simulated cart was unlocked on a copy of the journal.")
