"""Carts, and their care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.domain.carts import care, decisions, needs, queries, tables
from edge.domain.carts.facts import CartFindAsked, CartSeen, CartUnlockGranted, CartZoneSeen
from edge.domain.carts.from_settings import take_over
from edge.domain.carts.rules import CartRules
from edge.domain.noun import Change, Noun, OnState
from edge.journal import Reads, Tx


def _on_state(tx: Tx, device: str, parts: Mapping[str, Any]) -> bool:
    seen = parts[""]
    return decisions.on_state(tx, cart=device, lock=seen.get("lock") or "unknown", docked=seen.get("docked"))


def _on_event(tx: Tx, device: str, event: str, _: Mapping[str, Any]) -> None:
    decisions.on_event(tx, cart=device, event=event)


def _on_whereabouts(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> None:
    care.on_event(tx, device=device, event=event, data=data)


def _on_charge(tx: Tx, device: str, charge: float | None) -> None:
    care.on_charge(tx, cart=device, charge=charge)


def _last_grant(reads: Reads, fact: CartSeen) -> Iterable[Change]:
    grant = queries.last_grant(reads, fact.cart)
    return [Change("grant", grant)] if grant else []


NOUN: Final = Noun(
    name="carts",
    settings=CartRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    guarded=frozenset({CartUnlockGranted}),
    telemetry=frozenset({CartZoneSeen}),
    actuations=(decisions.UNLOCK,),
    commands={CartFindAsked: care.find_command},
    on_tick=(decisions.on_tick, care.on_tick),
    on_state={"cart": OnState(_on_state)},
    on_charge={"cart": _on_charge},
    on_event=(_on_event, _on_whereabouts),
    in_use=(queries.in_use,),
    needs=(needs.needs,),
    take_over=(take_over,),
    watched={"cart": "device", "grant": "grant"},
    changes={CartSeen: _last_grant},
    api=("edge.web.api.carts:router", "edge.web.api.grants:router"),
    pages=("edge.web.pages.cart.page:PAGE",),
)
