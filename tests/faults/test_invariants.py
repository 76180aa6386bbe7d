"""The checker itself: it is content with a true history, and complains of each falsified one, by the right rule."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.journal import GENESIS, Entry, entry_hash
from tests.faults.house import PLENTY, SCARCE
from tests.faults.invariants import CLAIMED, Acked, History, complaints
from tests.faults.shoppers import Told

if TYPE_CHECKING:
    from collections.abc import Callable

STREAM, BOOT, T0 = b"s" * 16, b"b" * 16, 1_800_000_000_000
GRANTS = [str(uuid.UUID(int=number, version=4)) for number in range(3)]


def chain(*facts: tuple[str, dict[str, Any]]) -> list[Entry]:
    """Entries of these facts, 100 ms apart, linked as the journal links them."""
    entries: list[Entry] = []
    previous = GENESIS
    for sequence, (kind, more) in enumerate(facts, 1):
        identity = uuid.UUID(more.pop("id")).bytes if "id" in more else sequence.to_bytes(16, "big")
        body = msgspec.json.encode({"type": kind, **more})
        wall = T0 + 100 * sequence
        previous = entry_hash(previous, STREAM, sequence, identity, wall, sequence, BOOT, body)
        entries.append(Entry(sequence, STREAM, identity, kind, wall, sequence, BOOT, body, previous))
    return entries


def facts() -> list[tuple[str, dict[str, Any]]]:
    """Ann takes cart-01 and brings it back; her second try at cart-02 is stuck; nobody answered the third."""
    granted = [
        {"id": grant, "cart": cart, "member": "ann", "request": f"unlock-{number}"}
        for number, (grant, cart) in enumerate(zip(GRANTS, ("cart-01", "cart-02", "cart-02"), strict=True))
    ]
    return [
        ("member.registered.v1", {"member": "ann", "request": "register"}),
        (CLAIMED, {"coupon": "c-1", "campaign": PLENTY, "member": "ann", "request": "claim"}),
        ("cart.unlock_granted.v1", granted[0]),
        ("cart.unlocked.v1", {"grant": GRANTS[0], "cart": "cart-01", "outcome": "done"}),
        ("cart.seen.v1", {"cart": "cart-01", "lock": "unlocked", "docked": False}),
        ("device.reported.v1", {"device": "cart-01", "boot": "x", "seq": 1, "data": {"n": 1}}),
        ("device.reported.v1", {"device": "cart-01", "boot": "x", "seq": 2, "data": {"n": 2}}),
        ("cart.unlock_granted.v1", granted[1]),
        ("cart.unlock_failed.v1", {"grant": GRANTS[1], "cart": "cart-02", "hop": "lock", "reason": "jammed"}),
        ("cart.unlock_granted.v1", granted[2]),
        ("cart.unlock_lapsed.v1", {"grant": GRANTS[2], "cart": "cart-02", "hop": "device", "reason": "no_reply"}),
    ]


def line(what: str, after_ms: int, **more: Any) -> dict[str, Any]:
    return {"what": what, "wall_ms": T0 + after_ms, **more}


def true_history() -> History:
    entries = chain(*facts())
    failed = {"grant": GRANTS[1], "hop": "lock", "reason": "jammed", "code": "unlock_failed"}
    return History(
        told=[
            Told("register", "register", 201, {"member": "ann"}, about="13800000001"),
            Told("claim", "claim", 200, {"coupon": PLENTY}, "ann", PLENTY),
            Told("unlock", "unlock-0", 200, {"grant": GRANTS[0]}, "ann", "cart-01"),
            Told("unlock", "unlock-1", 502, failed, "ann", "cart-02"),
            Told("unlock", "unlock-9", 409, {"code": "cart_out"}, "ann", "cart-02"),
        ],
        entries=entries,
        received=list(entries),
        ground={
            "cart-01": [
                line("actuated", 350, id=GRANTS[0]),
                line("pulled", 400),
                *(line(what, 450 + n, n=n) for n in (1, 2) for what in ("telling", "told")),
                line("returned", 500),
            ],
            "cart-02": [],
        },
        carts=[
            {"cart": cart, "state": "docked", "member": None, "lock": "locked", "docked": 1}
            for cart in ("cart-01", "cart-02")
        ],
        ttl_ms=1500,
        acked=[Acked(T0 + 2000, "cart-01", "x", 2)],
    )


def without(kind: str) -> Callable[[History], None]:
    """A journal, and with it the cloud, that lost the facts of a type and was chained anew."""

    def falsify(history: History) -> None:
        history.entries = chain(*[fact for fact in facts() if fact[0] != kind])
        history.received = list(history.entries)
        history.__post_init__()

    return falsify


def with_(kind: str, **more: Any) -> Callable[[History], None]:
    def falsify(history: History) -> None:
        history.entries = chain(*facts(), (kind, more))
        history.received = list(history.entries)
        history.__post_init__()

    return falsify


def told(**changes: Any) -> Callable[[History], None]:
    """One more answer, like the first unlock's but for the changes."""
    return lambda history: history.told.append(replace(history.told[2], **changes))


def happened(cart: str, what: str, after_ms: int, **more: Any) -> Callable[[History], None]:
    return lambda history: history.ground[cart].append(line(what, after_ms, **more))


def arrived(change: Callable[[list[Entry]], object]) -> Callable[[History], None]:
    def falsify(history: History) -> None:
        change(history.received)

    return falsify


def table(**changes: Any) -> Callable[[History], None]:
    return lambda history: history.carts[0].update(changes)


def acked(**changes: Any) -> Callable[[History], None]:
    return lambda history: history.acked.append(replace(history.acked[0], **changes))


def altered(entries: list[Entry]) -> None:
    entries[4] = msgspec.structs.replace(entries[4], body=b"{}")


FALSIFIED: dict[str, tuple[str, Callable[[History], None]]] = {
    "a lost registration": ("registrations_are_kept", without("member.registered.v1")),
    "one number, two members": (
        "registrations_are_kept",
        lambda h: h.told.append(Told("register", "r2", 200, {"member": "bob"}, about="13800000001")),
    ),
    "a lost claim": ("claims_are_kept", without(CLAIMED)),
    "a claim twice": ("claims_are_kept", with_(CLAIMED, coupon="c-2", campaign=PLENTY, member="ann", request="again")),
    "a refused claim that was kept": (
        "claims_are_kept", lambda h: h.told.append(Told("claim", "claim", 409, {}, "ann", PLENTY)),
    ),
    "gone, and some are left": (
        "claims_are_kept", lambda h: h.told.append(Told("claim", "c", 409, {"code": "coupon_gone"}, "ann", SCARCE)),
    ),
    "a lost grant": ("unlocks_are_kept", without("cart.unlock_granted.v1")),
    "a lost outcome": ("unlocks_are_kept", without("cart.unlocked.v1")),
    "a failure that is no fact": ("unlocks_are_kept", without("cart.unlock_failed.v1")),
    "a refusal of what was granted": ("unlocks_are_kept", told(status=409, body={"code": "cart_busy"})),
    "somebody else's grant": ("unlocks_are_kept", told(member="bob")),
    "two grants for a request": (
        "unlocks_are_kept",
        with_("cart.unlock_granted.v1", cart="cart-02", member="ann", request="unlock-0"),
    ),
    "a grant without an end": ("every_grant_has_one_end", without("cart.unlock_lapsed.v1")),
    "a lock that opened twice": (
        "locks_move_for_a_grant_once_and_in_time", happened("cart-01", "actuated", 600, id=GRANTS[0]),
    ),
    "a lock that opened by itself": (
        "locks_move_for_a_grant_once_and_in_time", happened("cart-02", "actuated", 600, id=str(uuid.uuid4())),
    ),
    "a lock that opened for another cart": (
        "locks_move_for_a_grant_once_and_in_time", happened("cart-01", "actuated", 900, id=GRANTS[1]),
    ),
    "a lock that opened too late": (
        "locks_move_for_a_grant_once_and_in_time", happened("cart-02", "actuated", 60_000, id=GRANTS[2]),
    ),
    "an open lock that nobody knows of": ("what_moved_is_known", happened("cart-02", "actuated", 1100, id=GRANTS[2])),
    "a lost event": ("events_arrive_once_and_in_order", happened("cart-01", "told", 700, n=3)),
    "an event twice": (
        "events_arrive_once_and_in_order",
        with_("device.reported.v1", device="cart-01", boot="x", seq=3, data={"n": 2}),
    ),
    "a gap in the events": (
        "events_arrive_once_and_in_order",
        with_("device.reported.v1", device="cart-01", boot="x", seq=4, data={"n": 9}),
    ),
    "an acknowledgement of nothing": ("nothing_is_acknowledged_before_it_is_committed", acked(seq=3)),
    "an acknowledgement too early": ("nothing_is_acknowledged_before_it_is_committed", acked(at_ms=T0)),
    "a fact that never arrived": ("the_cloud_has_each_fact_once_and_in_order", arrived(list.pop)),
    "a fact that arrived twice": (
        "the_cloud_has_each_fact_once_and_in_order", arrived(lambda entries: entries.insert(3, entries[2])),
    ),
    "facts out of order": ("the_cloud_has_each_fact_once_and_in_order", arrived(list.reverse)),
    "a fact that was altered": ("the_chain_holds", arrived(altered)),
    "a cart that is out and not known to be": ("the_tables_agree_with_the_store", happened("cart-02", "pulled", 900)),
    "a table that believes in a cart's absence": ("the_tables_agree_with_the_store", table(state="out", member="ann")),
    "a table with a stale lock": ("the_tables_agree_with_the_store", table(lock="unlocked")),
    "a process that ended": ("nothing_else_was_found", lambda h: h.faults.append("gateway ended by itself")),
}  # fmt: skip


def test_a_true_history_is_no_reason_to_complain() -> None:
    assert complaints(true_history()) == []


@pytest.mark.parametrize("name", FALSIFIED)
def test_a_falsified_history_is_found_out(name: str) -> None:
    rule, falsify = FALSIFIED[name]
    history = true_history()
    falsify(history)
    found = complaints(history)
    assert any(sentence.startswith(f"{rule}: ") for sentence in found), found
