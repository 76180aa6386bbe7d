"""The files of `campaigns/`, each whole: every mistake with its line, what was expected, and what was perhaps meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from edge.settings import store_time
from edge.settings.campaign_benefits import BENEFITS
from edge.settings.campaign_tables import CampaignSettings, CampaignsFile
from edge.settings.mistakes import File, did_you_mean
from edge.settings.toml_files import Mistake

MONEY: Final = frozenset({"amount", "per", "most", "price", "min_spend"})
"""Keys whose values are amounts of money."""
_BENEFIT: Final = 3
"""Where in the place of a value stands the kind of benefit, which is no table of the file."""


class CampaignFile(File[CampaignsFile]):
    """One file of campaigns."""

    def __init__(self, path: Path, where: tzinfo, mistakes: list[Mistake], context: dict[str, Any]) -> None:
        """`where` is the store's time, `context` is what its texts are checked by."""
        own: list[Mistake] = []
        super().__init__(path, CampaignsFile, own, lambda raw: _in_store_time(raw, where), context)
        self.name = f"{path.parent.name}/{path.name}"
        mistakes += [each._replace(file=self.name) for each in own]

    def good(self) -> Iterator[tuple[int, CampaignSettings]]:
        """The campaigns that are well formed, whatever is wrong with the others, each with its place in the file."""
        if self.model is not None:
            yield from enumerate(self.model.campaigns)
            return
        for index, table in self.tables("campaigns"):
            written = json.dumps(table, default=lambda value: value.isoformat())
            try:
                yield index, CampaignSettings.model_validate_json(written, context=self.context)
            except ValidationError:
                continue

    def place(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        return path if _kind(path) is None else (*path[:_BENEFIT], *path[_BENEFIT + 1 :])

    def known(self, model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
        kind = _kind(path)
        if kind is not None and len(path) == _BENEFIT + 1:
            return list(BENEFITS[kind].model_fields)
        if kind is not None:
            return super().known(BENEFITS[kind], path[_BENEFIT + 1 :])
        return [name.rstrip("_") for name in super().known(model, path)]

    def is_money(self, model: type[BaseModel], path: Sequence[str | int]) -> bool:
        return super().is_money(model, path) or (bool(path) and path[-1] in MONEY)

    def explained(self, found: Any) -> str | None:
        if found["type"] == "union_tag_not_found":
            return f'benefit: "kind" is missing{did_you_mean("", BENEFITS)}'
        return None


def _kind(path: Sequence[str | int]) -> str | None:
    """The kind of benefit that a place lies in."""
    found = path[_BENEFIT] if len(path) > _BENEFIT and path[_BENEFIT - 1] == "benefit" else None
    return found if isinstance(found, str) and found in BENEFITS else None


def _in_store_time(raw: dict[str, Any], where: tzinfo) -> None:
    campaigns = raw.get("campaigns")
    for campaign in campaigns if isinstance(campaigns, list) else ():
        when = campaign.get("when") if isinstance(campaign, dict) else None
        if isinstance(when, dict):
            in_store_time(when, where)


def in_store_time(table: dict[str, Any], where: tzinfo) -> None:
    """Give days and times in `from` and `until` that name no zone the store's."""
    for key in ("from", "until"):
        if key in table:
            table[key] = _moment(table[key], where, last=key == "until")


def _moment(value: Any, where: tzinfo, *, last: bool) -> Any:
    """A day of the file is whole: it begins with its first moment, and ends with its last."""
    found = _read(value) if isinstance(value, str) else value
    if isinstance(found, date):  # a time is one, too
        found = store_time.within_calendar(found)
    if isinstance(found, datetime):
        return found if found.tzinfo else store_time.instant(found, where, last=last).astimezone(where)
    if isinstance(found, date):
        day = found + timedelta(days=1) if last else found
        return store_time.instant(datetime.combine(day, time()), where).astimezone(where)
    return value


def _read(text: str) -> date | datetime | None:
    """A day or a time that stands in quotes; none for anything else, which is told where it is checked."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None
