"""What a noun of the store declares: everything that the rest of the house must know of it, in one place.

The gateway, the intake of devices, the staff board, the settings and the web walk the nouns (`edge.domain.nouns`) and
name none of them. What lies above the domain (routes, pages, words) is declared by reference, `"package.module:name"`,
and resolved there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from edge import journal
from edge.domain.actuations import Actuation
from edge.domain.commands import DeviceCommand
from edge.domain.needs import Need
from edge.journal import Entry, Fact, Reads, Tx

ANY_KIND: Final = "*"
"""The kind of every device that no noun claims."""

Part = Literal["catalogue", "erasures", "layout", "prices", "printers", "screens", "sessions"]
"""What the gateway keeps in memory and has to look at again after some facts."""


class InUse(msgspec.Struct, frozen=True):
    """Something that somebody is in the middle of."""

    what: str
    """`cart`, `door` or `slip`, or what another noun calls it."""
    thing: str
    """Its id."""
    since_ms: int
    """Wall time."""


class Change(msgspec.Struct, frozen=True):
    """Something is new for whoever watches; ask for its state."""

    kind: Literal["entry", "device", "grant", "sync"]
    id: str


class OnState(msgspec.Struct, frozen=True):
    """What a noun does when a device of one kind shows something new."""

    decide: Callable[[Tx, str, Mapping[str, Any]], bool]
    """The decision, given the device and the parts of its state. Returns whether anything of it was new."""
    parts: str = ""
    """The field of the state whose parts change one by one, such as the doors of a bank; `""` is the state as a whole,
    which then is the part of that name."""
    unseen: tuple[str, ...] = ()
    """Fields of such a part that say what we did, and not what happened to it: a change of them is no news."""


class Metric(msgspec.Struct, frozen=True):
    """One family of figures for the monitoring."""

    name: str
    help: str
    samples: Mapping[tuple[str, ...], float]
    """By the values of its labels."""
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"


class Noun(journal.Projection, frozen=True, kw_only=True):
    """One noun: its share of the journal, and what it does."""

    actuations: tuple[Actuation, ...] = ()
    """What it grants to be done by devices, each once and on record."""
    commands: Mapping[type[Fact], Callable[[Entry, Any], DeviceCommand]] = {}
    """What else a device is told to do once a fact is committed."""

    on_start: tuple[Callable[[Tx], int], ...] = ()
    """Decisions that end what else a crash left open, which is never carried out. Each returns how many that were."""
    on_tick: tuple[Callable[[Tx], Any], ...] = ()
    """Decisions that time alone asks for, made every second."""
    on_state: Mapping[str, OnState] = {}
    """What it does when a device shows something new, by the kind of the device."""
    on_charge: Mapping[str, Callable[[Tx, str, float | None], Any]] = {}
    """What it does when the charge of a device's battery changes, by the kind of the device."""
    on_event: tuple[Callable[[Tx, str, str, Mapping[str, Any]], Any], ...] = ()
    """What it makes of an event, given the device, the event's name and its data."""

    in_use: tuple[Callable[[Reads], list[InUse]], ...] = ()
    """What somebody is in the middle of now, which closing the store for a moment would cut short."""
    needs: tuple[Callable[[Reads, int], list[Need]], ...] = ()
    """What needs a hand of staff now."""
    take_over: tuple[Callable[[Tx, Any], None], ...] = ()
    """Makes facts of what the settings say, as far as it is new."""

    watched: Mapping[str, Literal["device", "grant"]] = msgspec.field(
        default_factory=lambda: {"device": "device", "grant": "grant"}
    )
    """Fields of its facts that name what has changed for those who watch."""
    changes: Mapping[type[Fact], Callable[[Reads, Any], Iterable[Change]]] = {}
    """What else a fact changes for them."""
    notices: Mapping[Part, tuple[type[Fact], ...]] = {}
    """Which of its facts concern what the gateway keeps in memory."""
    metrics: tuple[Callable[[Reads], Iterable[Metric]], ...] = ()
    """Its figures for the monitoring."""

    api: tuple[str, ...] = ()
    """References to its API routers."""
    pages: tuple[str, ...] = ()
    """References to its pages."""
    words: str = ""
    """`package:folder` of its words, where they are not among the house's own."""
    settings: type[msgspec.Struct] | None = None
    """Its section of `store.toml`, which bears the noun's name: a struct of `Setting`s (`edge.domain.setting`)."""
    kinds: Mapping[str, str] = {}
    """Kinds of device that it brings, and what the code that each carries is for; `""` for a kind that carries none."""


def starts(nouns: Iterable[Noun]) -> Iterable[Callable[[Tx], int]]:
    """Returns the decisions that end what a crash left open."""
    for noun in nouns:
        yield from (actuation.lapse_all for actuation in noun.actuations)
        yield from noun.on_start
