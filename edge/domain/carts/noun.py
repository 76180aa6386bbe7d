"""Carts, and their care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.domain.carts import care, carts
from edge.domain.carts.carts import CartSeen
from edge.domain.carts.from_settings import take_over
from edge.domain.noun import Change, Noun, OnState
from edge.journal import Reads, Tx


def _on_state(tx: Tx, device: str, parts: Mapping[str, Any]) -> bool:
    seen = parts[""]
    return carts.seen(tx, cart=device, lock=seen.get("lock") or "unknown", docked=seen.get("docked"))


def _on_event(tx: Tx, device: str, event: str, _: Mapping[str, Any]) -> None:
    carts.told(tx, cart=device, event=event)


def _on_whereabouts(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> None:
    care.told(tx, device=device, event=event, data=data)


def _on_charge(tx: Tx, device: str, charge: float | None) -> None:
    care.charged(tx, cart=device, charge=charge)


def _last_grant(reads: Reads, fact: CartSeen) -> Iterable[Change]:
    row = reads.one("SELECT last_grant FROM carts WHERE cart=?", fact.cart)
    return [Change("grant", row["last_grant"])] if row and row["last_grant"] else []


NOUN: Final = Noun(
    name="carts",
    schema=carts.SCHEMA + care.SCHEMA,
    facts={**carts.APPLIES, **care.APPLIES},
    guarded=carts.GUARDED,
    actuations=(carts.UNLOCK,),
    commands={care.CartFindAsked: care.find_command},
    on_tick=(carts.tend, care.tend),
    on_state={"cart": OnState(_on_state)},
    on_charge={"cart": _on_charge},
    on_event=(_on_event, _on_whereabouts),
    needs=(care.needs,),
    take_over=(take_over,),
    watched={"cart": "device", "grant": "grant"},
    changes={CartSeen: _last_grant},
    api=("edge.web.api.carts:router", "edge.web.api.grants:router"),
    pages=("edge.web.pages.cart.page:PAGE",),
)
