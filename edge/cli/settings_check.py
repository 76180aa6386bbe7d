"""Everything that can be said of settings before a store takes them: mistakes, and what would change in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from edge.cli.device_check import check_devices
from edge.domain.carts.queries import rides
from edge.domain.lockers.queries import parcels_kept
from edge.domain.lockers.rules import Parcel
from edge.journal import Reader
from edge.journal.queries import has_tables
from edge.settings import file_sets
from edge.settings.last_good import LastGood
from edge.settings.mistakes import SettingsError, unknown
from edge.settings.settings import Settings, load
from edge.settings.toml_files import Mistake, read_toml
from operations.releases.changes import Changes, compare


class SettingsCheck(msgspec.Struct, frozen=True):
    """What was found."""

    settings: Settings | None
    """None where there are mistakes."""
    mistakes: list[Mistake]
    """In the order of the files."""
    notes: list[str] = []
    """What could not be looked at."""


def check_whole(folder: Path) -> SettingsCheck:
    """Every mistake in the settings of `folder`: those of the drivers' own among them, and of the store's texts."""
    try:
        settings, mistakes = load(folder), []
    except SettingsError as error:
        settings, mistakes = None, error.mistakes
    found = check_devices(folder, settings)
    mistakes = [*mistakes, *found.mistakes, *_links(folder)]
    if settings is not None:
        mistakes += [*_texts(folder, settings), *_screens(folder, settings)]
    notes = [*found.notes, *(_extensions(settings) if settings else ())]
    if mistakes:
        return SettingsCheck(None, SettingsError(folder, mistakes).mistakes, notes)
    return SettingsCheck(settings, [], notes)


def _links(folder: Path) -> Iterator[Mistake]:
    """What a store would read, and no copy of its settings would hold: neither a release nor the last good ones."""
    with suppress(OSError):  # told where the settings are loaded
        for name in file_sets.links(folder):
            yield Mistake(name, 0, "expected the file itself, found a link: copies of the settings follow none")


def _screens(folder: Path, settings: Settings) -> Iterator[Mistake]:
    """Screens that are none. A store opens with them, as it did before anybody looked."""
    there = [device.id for device in settings.devices if device.kind == "screen"]
    lines = read_toml(folder / "store.toml")[1]
    for place, text in unknown(("baskets", "screens"), "screen", settings.baskets.screens, frozenset(there)):
        yield Mistake("store.toml", lines.of(place), text)
    lines = read_toml(folder / "devices.toml")[1]
    for number, device in enumerate(settings.devices):
        named = (device.screen,) if device.screen else ()
        for _, text in unknown(("screen",), "screen", named, frozenset(there)):
            yield Mistake("devices.toml", lines.of(("devices", number, "screen")), text)


def _texts(folder: Path, settings: Settings) -> Iterator[Mistake]:
    """Texts of the store's own that no page could show."""
    if settings.store.texts is None:
        return
    from edge.gateway.legal.documents import BadText, Documents

    try:
        Documents.load(settings.store.texts, settings.store.languages)
    except (BadText, OSError) as error:
        lines = read_toml(folder / "store.toml")[1]
        yield Mistake("store.toml", lines.of(("store", "texts")), f"texts: {error}")


def _extensions(settings: Settings) -> Iterator[str]:
    if settings.extensions.nouns:
        from edge.bootstrap.nouns import nouns_of

        for name, why in nouns_of(settings).broken.items():
            yield f"store.toml: extension {name} would be left out: {why}"


class SettingsInForce(msgspec.Struct, frozen=True):
    """The settings that the store works by now."""

    settings: Settings
    said: str
    """Where they stand."""


def running(config: Path, data: Path, other: Path) -> SettingsInForce | None:
    """What `other` takes the place of: what the gateway last opened with, else what is in force; none for nothing."""
    good = LastGood(data, "gateway").folder
    for folder in (good, config):
        if os.path.realpath(folder) == os.path.realpath(other):  # a circle of links is said by whoever reads it
            continue
        with suppress(SettingsError):
            return SettingsInForce(load(folder), str(folder))
    return None


def changes_in(store: SettingsInForce, settings: Settings, data: Path) -> Changes:
    """What would change, with what stands in the way in the store itself."""
    found = compare(store.settings, settings)
    return msgspec.structs.replace(found, under_way=tuple(_in_the_way(data, found.gone, settings)))


def _in_the_way(data: Path, gone: tuple[str, ...], settings: Settings) -> Iterator[str]:
    """What is under way at devices that go, and behind doors that go."""
    path = data / "storekeeper.db"
    if not path.exists():
        return
    reader = Reader(path)
    try:
        if has_tables(reader, "carts") and has_tables(reader, "parcels"):
            for cart in sorted(set(gone) & {ride.cart for ride in rides(reader)}):
                yield f"{cart} is out with a shopper: nobody would see it come back"
            yield from _left_behind(parcels_kept(reader), settings)
    finally:
        reader.close()


def _left_behind(kept: list[Parcel], settings: Settings) -> Iterator[str]:
    banks = {each.id: {*each.bank.S, *each.bank.M, *each.bank.L} for each in settings.devices if each.kind == "locker"}
    by_bank = Counter(parcel.bank for parcel in kept)
    for bank in sorted(by_bank.keys() - banks.keys()):
        yield f"{bank} holds {by_bank[bank]} parcels: nobody could collect them"
    for parcel in kept:
        if parcel.bank in banks and parcel.door not in banks[parcel.bank]:
            yield f"door {parcel.door} of {parcel.bank} holds a parcel: nobody could collect it"
