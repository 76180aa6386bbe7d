"""`storekeeper campaigns`."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from edge.cli.exits import WRONG_SETTINGS, fail
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples
from edge.settings.folders import home
from edge.settings.last_good import data_of
from edge.settings.mistakes import SettingsError
from edge.settings.settings import load

if TYPE_CHECKING:
    from edge.cli.campaign_report import CampaignReport

app = typer.Typer(no_args_is_help=True, help="What is cheaper: check campaigns, and what a change would cost.")

Folder = Annotated[
    Path | None,
    typer.Argument(help="Folder of settings with its campaigns/. Default: those in force.", show_default=False),
]


@app.command(
    epilog=examples(
        "campaigns check",
        "campaigns check new-settings --config /etc/storekeeper  beside those in force",
        "campaigns check --everybody  as if each buyer had every coupon",
    )
)
def check(
    folder: Folder = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="As if each buyer had every coupon once.")] = False,
    baskets: Annotated[int, typer.Option(min=0, max=100_000, help="So many of the last paid baskets.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: Config = DEFAULT_CONFIG,
    data: Data = None,
) -> None:
    """Explain every mistake in the campaigns, say each in plain words with an example, and what a change would cost.

    The last 1,000 baskets that were paid are priced again at their own time, by the campaigns in force and by these.
    Nothing is changed. Exit code 2 where there is a mistake.
    """
    with part("gateway"):
        from edge.cli.campaign_report import opened, report
    try:
        config = home(config)
        where = home(folder) if folder is not None else config
        settings = load(where)
    except ValueError as error:
        fail(str(error))
    except SettingsError as error:
        _mistakes(error, as_json=as_json)
    with closing(opened(data_of(config, data))) as store:
        found = report(store, settings, int(time.time() * 1000), most=baskets, everybody=everybody)
    typer.echo(json.dumps(found.document(), ensure_ascii=False, indent=1) if as_json else _report_text(where, found))


def _mistakes(error: SettingsError, *, as_json: bool) -> NoReturn:
    if as_json:
        mistakes: list[dict[str, Any]] = [
            {"file": each.file, "line": each.line, "text": each.text} for each in error.mistakes
        ]
        typer.echo(json.dumps({"good": False, "mistakes": mistakes}, ensure_ascii=False, indent=1))
    else:
        typer.secho(str(error), fg="red", err=True)
    raise typer.Exit(WRONG_SETTINGS)


def _report_text(where: Path, found: CampaignReport) -> str:
    coupons = sum(each.coupon for each in found.campaigns)
    head = f"The campaigns in {where} are good: {len(found.campaigns)}, {coupons} of them coupons."
    if not found.campaigns:
        head = f"There are no campaigns in {where / 'campaigns'}: the settings are good without."
    return "\n".join([head, *found.lines()])


@app.command(epilog=examples("campaigns schema > docs/schemas/campaigns.json"))
def schema() -> None:
    """Print the JSON Schema of a campaigns file, by which an editor completes and checks while you type."""
    from edge.settings.campaign_schema import schema as made

    typer.echo(json.dumps(made(), ensure_ascii=False, indent=1))
