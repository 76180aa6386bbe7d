"""The campaigns of a store: the files of `campaigns/` beside `store.toml`, made into what prices are worked out by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.settings import file_sets
from edge.settings.campaign_checks import CampaignNames, mistakes_in
from edge.settings.campaign_files import CampaignFile
from edge.settings.campaign_tables import CampaignSettings
from edge.settings.mistakes import File
from edge.settings.toml_files import Mistake
from pricing.campaigns import Appearance, Budget, Campaign, Limits, Off, Percent, Points
from words.languages import Wording, in_words

FOLDER: Final = "campaigns"
"""Beside `store.toml`."""
CALLED: Final = {"subtitle": "about"}
"""What shoppers are shown, as the file calls it where that is another name."""


class KnownNames(msgspec.Struct, frozen=True):
    """What campaigns may name, and what is taken."""

    zones: frozenset[str] | None = None
    """None where they cannot be told: what is wrong there is told elsewhere."""
    touchpoints: frozenset[str] | None = None
    screens: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    """What codes say of who scans them."""
    coupons: Mapping[str, int] = {}
    """Ids of the coupons of `store.toml`, with their lines."""

    @classmethod
    def of(cls, store: File[Any], devices: File[Any]) -> KnownNames:
        """As it is written, valid or not."""
        own = _ids(devices, "devices")
        return cls(
            zones=_ids(store, "zones") or None,
            touchpoints=_ids(store, "touchpoints") | own if store.parsed and devices.parsed else None,
            screens=_ids(devices, "devices", kind="screen") if devices.parsed else None,
            tags=_texts(store, "touchpoints", "tag") if store.parsed else None,
            coupons={
                table["id"]: store.mistake(("coupons", index, "id"), "").line
                for index, table in store.tables("coupons")
                if isinstance(table.get("id"), str)
            },
        )


def _ids(file: File[Any], name: str, kind: str | None = None) -> frozenset[str]:
    return _texts(file, name, "id", kind)


def _texts(file: File[Any], name: str, key: str, kind: str | None = None) -> frozenset[str]:
    """What stands under a key of some tables."""
    found = [table for _, table in file.tables(name) if kind is None or table.get("kind") == kind]
    return frozenset(table[key] for table in found if isinstance(table.get(key), str))


def read(
    folder: Path,
    where: tzinfo,
    named: KnownNames,
    mistakes: list[Mistake],
    context: dict[str, Any],
    *,
    good_only: bool = False,
) -> tuple[Campaign, ...]:
    """The campaigns in the files of `folder`, by id; those alone that have no mistake, if so. Adds what is wrong to
    `mistakes`.

    `where` is the store's time, `context` what its texts are checked by.
    """
    try:
        paths = file_sets.within(folder / FOLDER)
    except OSError:
        paths = []  # told where the settings are read as a whole
    files = [CampaignFile(path, where, mistakes, context) for path in paths]
    known = CampaignNames(
        zones=named.zones,
        touchpoints=named.touchpoints,
        screens=named.screens,
        tags=named.tags,
        campaigns=frozenset(_names(files)),
    )
    mistakes += _taken_twice(files, named.coupons)
    found: list[Campaign] = []
    for file in files:
        for index, campaign in file.good():
            wrong = [file.mistake(("campaigns", index, *place), text) for place, text in mistakes_in(campaign, known)]
            mistakes += wrong
            if not (wrong and good_only):
                found.append(campaign_of(campaign))
    return tuple(sorted(found, key=lambda each: each.id))


def _names(files: Sequence[CampaignFile]) -> Iterator[str]:
    """Ids and groups, of whatever is wrong with the rest as well."""
    for file in files:
        for _, table in file.tables("campaigns"):
            yield from (name for key in ("id", "group") if isinstance(name := table.get(key), str))


def _taken_twice(files: Sequence[CampaignFile], coupons: Mapping[str, int]) -> Iterator[Mistake]:
    taken = {name: f"line {line} of store.toml" for name, line in coupons.items()}
    for file in files:
        for index, table in file.tables("campaigns"):
            name, place = table.get("id"), ("campaigns", index, "id")
            if not isinstance(name, str):
                continue
            if name in taken:
                yield file.mistake(place, f'id: "{name}" is taken by {taken[name]}; every campaign needs its own')
            taken.setdefault(name, f"line {file.mistake(place, '').line} of {file.name}")


def campaign_of(found: CampaignSettings) -> Campaign:
    """The campaign that a table of a file describes."""
    benefit = found.benefit.to_struct()
    return Campaign(
        id=found.id,
        benefit=benefit,
        when=found.when.to_struct(found.goods),
        stage=found.stage or ("basket" if isinstance(benefit, Off | Percent | Points) else "item"),
        priority=found.priority,
        group=found.group or "",
        excludes=found.excludes,
        alone=found.alone,
        claim=found.claim,
        claim_days=found.claim_days,
        limits=Limits(
            per_order=found.limits.order,
            per_member=found.limits.member,
            per_member_day=found.limits.member_day,
            per_store_day=found.limits.store_day,
        ),
        budget=Budget(uses=found.budget.uses, amount=found.budget.amount, shared=found.budget.shared),
        on_return=found.on_return,
        funded_by="" if found.funded_by == "store" else found.funded_by,
        words=in_words(found.name),
        **_appearance(found),
    )


def _appearance(found: CampaignSettings) -> dict[str, Any]:
    """What shoppers are shown of it."""
    values = {name: getattr(found, CALLED.get(name, name)) for name in Appearance.__struct_fields__}
    return {name: in_words(each) if isinstance(each, Wording) else each or "" for name, each in values.items()}
