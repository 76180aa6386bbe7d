"""What somebody changed on the floor plan: zones, what stands in them, devices and codes, each by its id."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from device_drivers.contract import ID_PATTERN
from operations.floor.toml_blocks import Blocks, CannotEdit

What = Literal["zone", "fixture", "device", "touchpoint"]
_ID: Final = re.compile(ID_PATTERN)
MAX_CHANGES: Final = 2000
"""Changes at a time; the largest store has some hundreds of things."""


class _Place(NamedTuple):
    file: str
    array: str
    fields: frozenset[str]


PLACES: Final[Mapping[What, _Place]] = {
    "zone": _Place("store.toml", "zones", frozenset({"name", "plan"})),
    "fixture": _Place("store.toml", "fixtures", frozenset({"kind", "plan", "name", "front", "device"})),
    "touchpoint": _Place("store.toml", "touchpoints", frozenset({"purpose", "zone", "label", "at"})),
    "device": _Place(
        "devices.toml",
        "devices",
        frozenset({"kind", "driver", "zone", "label", "at", "settings", "beside", "screen", "bank"}),
    ),
}
"""Where each stands, and what of it may be changed here."""


class FloorChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is another now, or new; or gone, where it has no fields."""

    what: What
    id: str
    fields: dict[str, Any] | None = None
    """As the file writes them. One that is null is left out of the file."""


class BadChange(ValueError):
    """A change that cannot be made: which, and why."""


def read(content: bytes) -> list[FloorChange]:
    """Raises `BadChange`."""
    try:
        changes = msgspec.json.decode(content, type=list[FloorChange])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadChange(f"expected a list of changes; {error}") from None
    if len(changes) > MAX_CHANGES:
        raise BadChange(f"expected at most {MAX_CHANGES} changes at a time; found {len(changes)}")
    for change in changes:
        _check(change)
    return changes


def _check(change: FloorChange) -> None:
    if not _is_id(change.id):
        raise BadChange(f"expected an id of small letters, digits and hyphens; found {change.id[:80]!r}")
    unknown = sorted(set(change.fields or ()) - PLACES[change.what].fields)
    if unknown:
        raise BadChange(f"{change.id}: {unknown[0][:80]!r} is not to be changed here")


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def texts(folder: Path, changes: Iterable[FloorChange]) -> dict[str, str]:
    """Returns the files that are others now, whole. Raises `CannotEdit` and `OSError`."""
    wanted = list(changes)
    found: dict[str, str] = {}
    for place in PLACES.values():
        mine = [change for change in wanted if PLACES[change.what] is place]
        try:
            before = found.get(place.file) or (folder / place.file).read_bytes().decode("utf-8-sig") if mine else ""
            after = _changed(before, place, mine)
        except CannotEdit:
            raise
        except (ValueError, TypeError, RecursionError) as error:  # of a file that is broken, or of what TOML cannot say
            raise CannotEdit(f"{place.file}: {error}") from None
        if after != before:
            found[place.file] = after
    return found


def _changed(text: str, place: _Place, changes: Sequence[FloorChange]) -> str:
    if not changes:
        return text
    blocks = Blocks(text, place.array)
    wanted = tomllib.loads(text)
    for change in changes:
        _expect(wanted, place.array, change)
        if change.fields is None:
            blocks.remove("id", change.id)
        else:
            said = {name: value for name, value in change.fields.items() if value is not None}
            blocks.change("id", change.id, said, [name for name, value in change.fields.items() if value is None])
    if tomllib.loads(blocks.text) != wanted:
        raise CannotEdit(f"{place.file}: {place.array} stand there in a way that only a person can change")
    return blocks.text


def _expect(wanted: dict[str, Any], array: str, change: FloorChange) -> None:
    """The same by the document's meaning alone: what is written is held against it."""
    tables: list[dict[str, Any]] = wanted.setdefault(array, [])
    known = next((table for table in tables if table.get("id") == change.id), None)
    if change.fields is None:
        wanted[array] = [table for table in tables if table is not known]
        if not wanted[array]:
            del wanted[array]
        return
    if known is None:
        known = {"id": change.id}
        tables.append(known)
    for name, value in change.fields.items():
        if value is None:
            known.pop(name, None)
        else:
            known[name] = value


def plan(folder: Path) -> dict[str, Sequence[dict[str, Any]]]:
    """What stands in the files of this folder: zones, fixtures, devices, touchpoints, as they are written.

    Raises `OSError` and `ValueError`.
    """
    documents = {
        name: tomllib.loads((folder / name).read_bytes().decode("utf-8-sig")) for name in ("store.toml", "devices.toml")
    }
    return {place.array: documents[place.file].get(place.array, []) for place in PLACES.values()}
