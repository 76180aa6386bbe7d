"""`storekeeper members`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import FAILED, WRONG_SETTINGS, fail, refusals_in_words
from edge.cli.input_files import whole_file
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, key_kept, private_settings
from edge.cli.secret_prompt import ask
from edge.settings.store_time import local

if TYPE_CHECKING:
    from edge.cli.member_desk import MemberDesk
    from edge.settings.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The store's members: look, import from a list, erase who asks for it.")

SHOWN = 20

Member = Annotated[
    str | None, typer.Argument(help="Random id, as `members list` shows it. Left out: the phone number is asked for.")
]


@app.command("list", epilog=examples("members list", "members list -n 100"))
def list_(
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=1_000_000, help="How many of the newest.")] = 20,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Show the newest members by their random ids. No number is shown."""
    settings = private_settings(config, data)
    reader = _desk(settings).reader()
    with part("gateway"):
        from edge.domain.members import queries as member_queries
    newest = member_queries.newest(reader, count)
    for each in newest:
        kind = "from a list" if each.points is not None else f"{each.phones} phone{'s' * (each.phones != 1)}"
        typer.echo(f"{each.member}  {_local_time(each.registered_ms, settings)}  {kind}")
    if not newest:
        typer.echo("No members yet.")
    reader.close()


@app.command(epilog=examples("members show", "members show 0b9d6a1e-…"))
def show(member: Member = None, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Say what the store holds of a person: since when, what they agreed to, what lies in lockers. Not the number."""
    settings = private_settings(config, data)
    desk = _desk(settings)
    with part("gateway"):
        from edge.cli.member_desk import family_of
        from edge.domain.members import queries as member_queries
    reader = desk.reader()
    for each in _persons(desk, settings, member):
        person = member_queries.member(reader, each)
        if person is None:
            continue  # gone meanwhile
        family = family_of(reader, each)
        typer.echo(f"{each}  since {_local_time(person.registered_ms, settings)}")
        states = [member_queries.consent(reader, each, purpose) for purpose in ("service", "marketing")]
        agreed = [f"{state.purpose} {state.version if state.given else 'no'}" for state in states]
        typer.echo(f"  agreed: {', '.join(agreed)}")
        if others := [other for other in family if other != each]:
            typer.echo(f"  the same person: {', '.join(others)}")
        for hold in member_queries.holds(reader, family):
            typer.echo(f"  in the store: {hold.kind} {hold.device} {hold.door}".rstrip())
    reader.close()


@app.command(epilog=examples("members erase", "members erase 0b9d6a1e-… --when-free"))
def erase(
    member: Member = None,
    when_free: Annotated[
        bool, typer.Option("--when-free", help="Where something of theirs is in the store: as soon as it is out.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Erase a person for good: key, index, sessions and codes. Facts keep a random id that leads to nobody.

    The gateway may run. Without an id the phone number is asked for, or is the first line of standard input; everybody
    who registered with it is erased, with every phone that is the same person. Exit code 1 where something of theirs
    is in the store.
    """
    settings = private_settings(config, data)
    desk = _desk(settings)
    found = _persons(desk, settings, member)
    if not yes and not typer.confirm(f"Erase {len(found)} person{'s' * (len(found) > 1)} for good?"):
        raise typer.Exit(FAILED)
    with refusals_in_words():
        done = desk.erase(found, patient=when_free)
    if done.erased:
        typer.echo(f"Erased: {len(done.erased)}.")
    for hold in done.holds:
        typer.echo(f"waits for: {hold.kind} {hold.device} {hold.door}".rstrip())
    if done.holds:
        typer.echo("Noted: erased as soon as that has ended.")


@app.command("import", epilog=examples("members import members.csv", "members import members.csv --check"))
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with number, card and points; - for what comes through a pipe.")],
    check: Annotated[bool, typer.Option("--check", help="Only read the file and report.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Take over members from a list. Whoever proves a number later is that person; points are opening entries.

    Any encoding and separator that spreadsheets write. Bad lines are reported and cost only themselves; lines that were
    taken over before are skipped, so the same file may come again. Exit code 1 where a line is bad.
    """
    settings = private_settings(config, data)
    desk = _desk(settings)
    with part("gateway"):
        from edge.cli.member_lists import Listed, MemberList
        from edge.domain.members.rules import Newcomer
        from edge.products.mistakes import BadFile
    good: list[Newcomer] = []
    bad = 0
    try:
        with whole_file(file) as source:
            listed = MemberList(source, settings.store.region)
            for found in listed:
                if isinstance(found, Listed):
                    card = desk.vault.card_index(found.card) if found.card else ""
                    good.append(Newcomer(desk.vault.seal(found.number), found.points, card))
                else:
                    bad += 1
                    typer.secho(str(found), fg="yellow", err=True)
    except BadFile as error:
        fail(str(error), WRONG_SETTINGS)
    if listed.ignored:
        typer.echo(f"Ignored, because they mean nothing here: {', '.join(listed.ignored)}")
    if check:
        typer.echo(f"{len(good)} good lines, {bad} bad ones. Nothing was changed.")
    else:
        with refusals_in_words():
            taken = desk.take_in(good, file.name[:120])
        typer.echo(f"{taken} members taken over, {len(good) - taken} were there already, {bad} bad lines.")
    raise typer.Exit(FAILED if bad else 0)


def _desk(settings: Settings) -> MemberDesk:
    if not (settings.gateway.data / "storekeeper.db").exists():
        fail(
            f"{settings.gateway.data / 'storekeeper.db'} is not there: the gateway has not run on this data yet.",
            FAILED,
        )
    with part("gateway"):
        from edge.cli.member_desk import MemberDesk
    with key_kept(), refusals_in_words():
        return MemberDesk(settings)


def _persons(desk: MemberDesk, settings: Settings, member: str | None) -> list[str]:
    from edge.domain.members.phones import parse_phone
    from edge.errors import Refusal

    try:
        if member is not None:
            found = desk.persons_named(member)
        else:
            found = desk.persons_of(parse_phone(ask("Phone number", twice=False), settings.store.region))
    except Refusal:
        fail("That is no mobile number.", WRONG_SETTINGS)
    if not found:
        fail("Nobody is registered so.", FAILED)
    return found


def _local_time(unix_ms: int, settings: Settings) -> str:
    return local(unix_ms, settings.store.zone).strftime("%Y-%m-%d %H:%M")
