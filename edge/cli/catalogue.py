"""`storekeeper catalogue`."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from edge.cli import tables
from edge.cli.exits import FAILED, fail, refusals_in_words
from edge.cli.input_files import whole_file
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, private_settings, settings_of
from edge.cli.safe_streams import plain
from edge.settings.store_time import local

if TYPE_CHECKING:
    from edge.cli.catalogue_desk import Operator
    from edge.products.importing import ImportResult
    from edge.products.mistakes import Mistake
    from edge.settings.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What the store sells: import products, go back to the version before.")

SHOWN = 10
"""Mistakes on the terminal; the report has them all."""

File = Annotated[Path, typer.Argument(help="A .csv or .jsonl file of products; - reads a pipe.")]
Report = Annotated[
    Path | None, typer.Option("--report", help="Where every mistake goes, as CSV. Default: beside the versions.")
]


@app.command(
    "import",
    epilog=examples(
        "catalogue import products.csv  only builds the version",
        "catalogue import products.csv --activate  and puts it into force at once",
    ),
)
def import_(
    file: File,
    activate: Annotated[bool, typer.Option("--activate", help="Put the new version into force at once.")] = False,
    report: Report = None,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Build a version of the catalogue from a file. Bad lines are reported, good ones kept.

    A running gateway takes the new version without a restart; until it is in force, the old one answers.
    """
    settings = private_settings(config, data)
    operator = _operator(settings)
    console = Console(highlight=False, soft_wrap=True)
    outcome = _read(file, settings, operator, console, report, keep=True)
    built = outcome.built
    if built is None:
        raise typer.Exit(FAILED)
    console.print(f"Version [bold]{built.version}[/] with {built.count:,} products is built.")
    if activate:
        with refusals_in_words():
            changed = operator.activate(built.version)
        console.print("It is in force." if changed else "It is in force already.")
    else:
        console.print(f"Put it into force with: storekeeper catalogue activate {built.version}")


@app.command(epilog=examples("catalogue check products.csv"))
def check(file: File, report: Report = None, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Read a file as an import would, report every mistake, and change nothing. Exit code 1 where there is one."""
    settings = settings_of(config, data)
    console = Console(highlight=False, soft_wrap=True)
    outcome = _read(file, settings, _operator(settings), console, report, keep=False)
    raise typer.Exit(FAILED if outcome.mistakes else 0)


@app.command("activate", epilog=examples("catalogue activate 1f0c93ab77e2"))
def activate_(
    version: Annotated[str, typer.Argument(help="A version of `catalogue list`.")],
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Put a version that was built before into force."""
    operator = _operator(private_settings(config, data))
    with refusals_in_words():
        changed = operator.activate(version)
    typer.echo(f"{version} is in force{'' if changed else ' already'}.")


@app.command("rollback", epilog=examples("catalogue rollback"))
def roll_back(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Put the version before the present one into force again."""
    operator = _operator(private_settings(config, data))
    with refusals_in_words():
        version = operator.roll_back()
    typer.echo(f"{version} is in force again.")


@app.command("list", epilog=examples("catalogue list"))
def list_(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Show the versions on this box: what is in force, what a roll back leads to, what was only built."""
    settings = settings_of(config, data)
    operator, zone = _operator(settings), settings.store.zone
    with part("gateway"):
        from edge.products.versions import lying
    been = {row.version: row for row in reversed(operator.history())}
    places = {row.version: place for place, row in reversed(list(enumerate(operator.history())))}
    table = Table("version", "", "products", "since", "by", "MB", box=None, padding=(0, 2, 0, 0))
    files = {each.version: each for each in lying(operator.folder)}
    for version in [*sorted(places, key=lambda name: places[name]), *(name for name in files if name not in places)]:
        row, file = been.get(version), files.get(version)
        state = {0: "in force", 1: "before it"}.get(places.get(version, 9), "older" if row else "built only")
        table.add_row(
            version,
            state,
            f"{row.count:,}" if row else "",
            _local_time(row.since_ms / 1000 if row else file.built if file else 0, zone),
            escape(plain(row.by)) if row else "",
            f"{file.size / 1e6:.1f}" if file else "file is gone",
        )
    if table.row_count:
        tables.show(table)
    else:
        typer.echo("No catalogue yet: storekeeper catalogue import FILE")


@app.command(epilog=examples("catalogue find 牛奶", "catalogue find 6901234567892"))
def find(
    words: Annotated[list[str], typer.Argument(help="Words of the name or the brand, or a code.")],
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=100, help="How many at most.")] = 20,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Look into the version in force, as the search page does. Exit code 1 where nothing is found."""
    settings = settings_of(config, data)
    operator = _operator(settings)
    with part("gateway"):
        from edge.products.build import path_of
        from edge.products.plain_words import price_for
        from edge.products.pricing import price
        from edge.products.search import search
        from edge.products.version import BadVersion, Version
        from gs1.trade import shown
        from words.money import format_money
    history = operator.history()
    if not history:
        fail("No catalogue yet: storekeeper catalogue import FILE --activate", FAILED)
    try:
        version = Version(path_of(operator.folder, history[0].version))
    except (BadVersion, OSError) as error:
        fail(f"The version in force cannot be read: {error}", FAILED)
    began = time.perf_counter()
    found = search(version, " ".join(words), limit).products
    took = (time.perf_counter() - began) * 1000
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for product in found:
        now = price(product, round(time.time() * 1000)).now
        costs = f"{format_money(now, settings.store.currency)} {price_for(product, 'en')}" if now is not None else ""
        table.add_row(shown(product.gtin), costs, escape(plain(" · ".join(dict.fromkeys(product.name.values())))))
    tables.show(table)
    Console(highlight=False, soft_wrap=True).print(f"{len(found)} found in {took:.1f} ms", style="dim")
    raise typer.Exit(0 if found else FAILED)


def _operator(settings: Settings) -> Operator:
    with part("gateway"):
        from edge.bootstrap.nouns import nouns_of
        from edge.cli.catalogue_desk import Operator
    return Operator(settings, _user(), nouns_of(settings).all)


def _user() -> str:
    """Who does it; stands in the journal. A user of a container may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _read(
    file: Path, settings: Settings, operator: Operator, console: Console, report: Path | None, *, keep: bool
) -> ImportResult:
    """Import or check with a bar on the terminal, then say what was found."""
    from edge.products.importing import import_file
    from edge.products.mistakes import BadFile
    from edge.products.references import store_of

    path = report or operator.folder / f"mistakes-{file.stem.strip('-') or 'products'}.csv"
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    began = time.perf_counter()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as source, Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(escape(file.name), total=None)
            outcome = import_file(
                source,
                operator.folder,
                store_of(settings),
                report=path,
                progress=lambda done, whole: bar.update(task, completed=done, total=whole),
                keep=keep,
            )
    except BadFile as error:
        _mistakes(console, error.first, error.count)
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}", FAILED)
    _say(outcome, console, path, time.perf_counter() - began)
    return outcome


def _mistakes(console: Console, first: Sequence[Mistake], count: int) -> None:
    for mistake in first[:SHOWN]:
        console.print(escape(plain(str(mistake))), style="yellow")
    if count > SHOWN:
        console.print(f"… and {count - SHOWN:,} more mistakes", style="yellow")


def _say(outcome: ImportResult, console: Console, report: Path, seconds: float) -> None:
    _mistakes(console, outcome.first, outcome.mistakes)
    if outcome.ignored:
        console.print(
            f"Ignored, because they mean nothing here: {escape(plain(', '.join(outcome.ignored)))}", style="dim"
        )
    if outcome.encoding != "utf-8":
        console.print(f"Read as {outcome.encoding.upper()}.", style="dim")
    if outcome.doubt:
        few = f"Few characters tell the encoding: if {escape(plain(outcome.doubt))} is not what the file says"
        console.print(f"{few}, save it as UTF-8 and read it anew.", style="yellow")
    lines = f"{outcome.bad_lines:,} bad lines" if outcome.bad_lines else "no bad line"
    fields = f", {outcome.left_out:,} fields left out" if outcome.left_out else ""
    where = f" (all of them in {escape(str(report))})" if outcome.mistakes else ""
    console.print(f"{outcome.good:,} good products, {lines}{fields}{where}, {seconds:.1f} s")


def _local_time(unix_s: float, zone: tzinfo) -> str:
    return local(unix_s * 1000, zone).strftime("%Y-%m-%d %H:%M") if unix_s else ""
