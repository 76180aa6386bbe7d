"""`storekeeper rehearse`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from edge.cli.exits import FAILED, fail, refusals_in_words
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of
from words.sentences import say

if TYPE_CHECKING:
    from edge.settings.settings import Settings
    from operations.diagnosis.rehearsal.judge import RehearsalReport

app = typer.Typer(no_args_is_help=True, help="Rehearse an outage while the store works, and see what it takes.")

Seconds = Annotated[int, typer.Option("--seconds", min=5, max=900, help="How long it lasts; it ends by itself.")]
Wait = Annotated[bool, typer.Option(help="Wait for its end, and say how it went.")]
Closed = Annotated[bool, typer.Option("--closed", help="The store is closed now: nobody waits at a lock.")]
REFUSALS = ("rehearsal_on", "rehearsal_open")
PATIENCE_S = 30


@app.command(epilog=examples("rehearse uplink", "rehearse uplink --seconds 60"))
def uplink(seconds: Seconds = 600, wait: Wait = True, config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Ten minutes without the cloud, while shoppers go on. Exit code 1 where a target was missed."""
    _begin(settings_of(config, data), {"of": "uplink", "seconds": seconds}, seconds, wait=wait)


@app.command(epilog=examples("rehearse broker --closed --seconds 30"))
def broker(
    seconds: Seconds = 60,
    closed: Closed = False,
    wait: Wait = True,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """A minute without the device network: on simulated devices, or while the store is closed."""
    body = {"of": "broker", "seconds": seconds, "closed": closed}
    _begin(settings_of(config, data), body, seconds, wait=wait)


@app.command(epilog=examples("rehearse end"))
def end(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """End the outage now. Works without a gateway too."""
    from edge.journal import outage

    folder = settings_of(config, data).gateway.data
    found = outage.read(folder)
    outage.end(folder)
    typer.echo("Ended." if found is not None and found.left_s() > 0 else "No outage is being rehearsed.")


@app.command(epilog=examples("rehearse status"))
def status(config: Config = DEFAULT_CONFIG, data: Data = None) -> None:
    """Say how the last one went, target by target. Exit code 1 where one was missed."""
    from operations.diagnosis.rehearsal.judge import newest

    found = newest(settings_of(config, data).gateway.data)
    if found is None:
        fail("No outage was ever rehearsed on this box.", FAILED)
    _show(found)


def _begin(settings: Settings, body: dict[str, Any], seconds: int, *, wait: bool) -> None:
    with part("gateway"), refusals_in_words():
        from edge.cli.box import ask
        from edge.secrets.vault import Vault
        from operations.diagnosis.rehearsal.judge import newest

        before = newest(settings.gateway.data)
        vault = Vault.open(settings.gateway.data / "secrets" / "store.key")
        ask(settings.gateway, vault, "/api/v1/box/rehearsals", body, REFUSALS)
    typer.echo(f"The outage begins; it ends by itself after {seconds} s. Early: storekeeper rehearse end")
    if not wait:
        return
    patience = settings.gateway.rehearsal
    until = time.monotonic() + seconds + max(patience.drain_s, patience.back_s) + PATIENCE_S
    while time.monotonic() < until:
        found = newest(settings.gateway.data)
        if found is not None and (found.over or found.broken) and (before is None or found.id != before.id):
            _show(found)
            return
        time.sleep(1)
    fail("It has ended, but the gateway has not judged it: storekeeper rehearse status", FAILED)


def _show(found: RehearsalReport) -> None:
    console = Console(highlight=False)
    for target in found.targets:
        mark = "[green]  met [/]" if target.met else "[red]missed[/]" if target.met is False else "[dim]  –   [/]"
        name, limit, measured = (
            say("en", f"it.rehearsal.{what}.{target.name}", **target.values) for what in ("target", "limit", "found")
        )
        console.print(mark, f"{name}: {measured} (target {limit})")
    if found.broken:
        fail("It broke off: the gateway could not watch it to its end. Its log says why.", FAILED)
    if not found.over:
        console.print("It is under way.")
        return
    console.print("Passed." if found.passed else f"{found.missed} of {len(found.targets)} targets missed.")
    raise typer.Exit(0 if found.passed else FAILED)
