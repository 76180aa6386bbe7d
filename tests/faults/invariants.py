"""What must hold after any crash, as rules over the whole history of a run. Each rule yields its complaints."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.journal import GENESIS, Entry, entry_hash
from tests.faults.floor import physical
from tests.faults.house import PLENTY, SCARCE, STOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.shoppers import Told

CLAIMED: Final = "coupon.claimed.v2"
SLACK_MS = 5000
"""The contract counts expiry in whole seconds, and a busy machine is slow to move a bolt: that late an act may be."""


@dataclass(frozen=True)
class Acked:
    """An acknowledgement as it passed on the bus."""

    at_ms: int
    device: str
    boot: str
    seq: int


@dataclass
class History:
    """Everything that anybody saw of a run."""

    told: list[Told]
    entries: list[Entry]
    received: list[Entry]
    ground: dict[str, list[dict[str, Any]]]
    """By cart: what physically happened to it."""
    carts: list[dict[str, Any]]
    """The gateway's table of carts."""
    ttl_ms: int
    acked: list[Acked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What `storekeeper journal verify` says, and processes that ended by themselves."""

    def __post_init__(self) -> None:
        self.bodies = [msgspec.json.decode(entry.body) for entry in self.entries]

    def facts(self, *kinds: str) -> Iterator[tuple[Entry, dict[str, Any]]]:
        for entry, body in zip(self.entries, self.bodies, strict=True):
            if entry.type in kinds:
                yield entry, body

    def grants(self) -> dict[str, tuple[Entry, dict[str, Any]]]:
        return {_uuid(entry.id): (entry, body) for entry, body in self.facts("cart.unlock_granted.v1")}

    def actuations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for cart, happened in self.ground.items():
            for line in happened:
                if line["what"] == "actuated":
                    yield cart, line


def complaints(history: History) -> list[str]:
    """Every invariant that does not hold; nothing when all is well."""
    return [f"{rule.__name__}: {sentence}" for rule in RULES for sentence in rule(history)]


def registrations_are_kept(history: History) -> Iterator[str]:
    registered = {body["member"]: body for _, body in history.facts("member.registered.v1")}
    for told in history.told:
        if told.act != "register" or told.status >= 300:
            continue
        member = told.body["member"]
        if member not in registered:
            yield f"{told} is not in the journal"
        elif registered[member]["request"] != told.request:  # each came as a browser that nobody knows
            yield f"{told} was told a member whom another request made"
    for request, times in Counter(body["request"] for body in registered.values()).items():
        if times != 1:
            yield f"{request} made {times} members"


def claims_are_kept(history: History) -> Iterator[str]:
    claimed = Counter((body["member"], body["campaign"]) for _, body in history.facts(CLAIMED))
    requests = {body["request"] for _, body in history.facts(CLAIMED)}
    for told in history.told:
        if told.act == "claim" and told.status < 300 and not claimed[told.member, told.about]:
            yield f"{told} is not in the journal"
        if told.act == "claim" and told.status >= 400 and told.request in requests:
            yield f"{told} was refused and is in the journal"
    for (member, coupon), times in claimed.items():
        if times != 1:
            yield f"{member} has {coupon} {times} times"
    scarce = sum(times for (_, coupon), times in claimed.items() if coupon == SCARCE)
    gone = any(told.act == "claim" and told.body.get("code") == "coupon_gone" for told in history.told)
    if scarce > STOCK or (gone and scarce < STOCK):
        yield f"{scarce} of {STOCK} {SCARCE} are claimed; somebody was told that none is left: {gone}"
    if any(told.about == PLENTY and told.body.get("code") == "coupon_gone" for told in history.told):
        yield f"{PLENTY} cannot be gone"


def unlocks_are_kept(history: History) -> Iterator[str]:
    by_request: dict[str, list[str]] = defaultdict(list)
    for grant, (_, body) in history.grants().items():
        by_request[body["request"]].append(grant)
    for request, grants in by_request.items():
        if len(grants) > 1:
            yield f"request {request} has {len(grants)} grants"
    ends = {_end(body) for _, body in history.facts(*ENDS)}
    granted = history.grants()
    for told in history.told:
        if told.act == "unlock":
            yield from _unlock(told, by_request, granted, ends)


ENDS = ("cart.unlocked.v1", "cart.unlock_failed.v1", "cart.unlock_lapsed.v1")


def _end(body: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """Grant, hop, reason; the last two are none where it opened."""
    return body["grant"], body.get("hop"), body.get("reason")


def _unlock(told: Told, by_request: dict[str, list[str]], granted: dict[str, Any], ends: set[Any]) -> Iterator[str]:
    grant = told.body.get("grant")
    if grant is None:
        if told.status < 400:
            yield f"{told} names no grant"
        # The second tap of a request that was granted is told its grant; only a refusal has none.
        elif by_request.get(told.request):
            yield f"{told} was refused, but {by_request[told.request]} was granted"
        return
    if grant not in granted:
        yield f"{told} is not in the journal"
        return
    _, body = granted[grant]
    if (body["member"], body["cart"]) != (told.member, told.about):
        yield f"{told} was told of somebody else's grant: {body}"
    if told.status == 200 and (grant, None, None) not in ends:
        yield f"{told} was told that it opened; no fact says so"
    if told.status == 502 and (grant, told.body["hop"], told.body["reason"]) not in ends:
        yield f"{told} was told that it failed; no fact says so"


def every_grant_has_one_end(history: History) -> Iterator[str]:
    opened = Counter(body["grant"] for _, body in history.facts("cart.unlocked.v1"))
    failed = Counter(body["grant"] for _, body in history.facts(*ENDS[1:]))
    for grant in history.grants():
        if opened[grant] > 1 or failed[grant] > 1 or not opened[grant] + failed[grant]:
            yield f"grant {grant} opened {opened[grant]} times and failed {failed[grant]} times"


def locks_move_for_a_grant_once_and_in_time(history: History) -> Iterator[str]:
    grants = history.grants()
    for identity, times in Counter(line["id"] for _, line in history.actuations()).items():
        if times > 1:
            yield f"the lock moved {times} times for {identity}"
    for cart, line in history.actuations():
        if line["id"] not in grants:
            yield f"{cart} moved without a grant: {line}"
            continue
        entry, body = grants[line["id"]]
        late = line["wall_ms"] - entry.wall_ms - history.ttl_ms
        if body["cart"] != cart:
            yield f"{cart} moved for a grant of {body['cart']}: {line}"
        if late > SLACK_MS:
            yield f"{cart} moved {late} ms after its grant {line['id']} had expired"


def what_moved_is_known(history: History) -> Iterator[str]:
    """A lock that opened leaves a trace in the journal, even where its answer was lost: somebody has that cart."""
    opened = {body["grant"] for _, body in history.facts("cart.unlocked.v1")}
    seen: dict[str, list[int]] = defaultdict(list)
    for entry, body in history.facts("cart.seen.v1"):
        if body["lock"] == "unlocked":
            seen[body["cart"]].append(entry.wall_ms)
    for cart, line in history.actuations():
        if line["id"] not in opened and not any(at >= line["wall_ms"] - SLACK_MS for at in seen[cart]):
            # Only a process that was dead all the time that the cart was open may have missed it.
            back = [later["wall_ms"] for later in history.ground[cart] if later["what"] == "returned"]
            if not any(at >= line["wall_ms"] for at in back):
                yield f"{cart} stands open since {line['wall_ms']}, and the journal does not know"


def events_arrive_once_and_in_order(history: History) -> Iterator[str]:
    taken: dict[str, list[int]] = defaultdict(list)
    place: dict[tuple[str, str], int] = defaultdict(int)
    for _, body in history.facts("device.reported.v1"):
        taken[body["device"]].append(body["data"]["n"])
        key = body["device"], body["boot"]
        if body["seq"] != place[key] + 1 or body.get("missed"):
            yield f"{key}: event {body['seq']} follows {place[key]}, missed {body.get('missed', 0)}"
        place[key] = body["seq"]
    for device, happened in history.ground.items():
        telling = {line["n"] for line in happened if line["what"] == "telling"}
        kept = {line["n"] for line in happened if line["what"] == "told"}
        for n, times in Counter(taken[device]).items():
            if times != 1 or n not in telling:
                yield f"{device}: event {n} is in the journal {times} times, told: {n in telling}"
        for n in sorted(kept - set(taken[device])):
            yield f"{device}: event {n} was on the device's disk and is not in the journal"


def nothing_is_acknowledged_before_it_is_committed(history: History) -> Iterator[str]:
    committed: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for entry, body in history.facts("device.reported.v1"):
        committed[body["device"], body["boot"]].append((body["seq"], entry.wall_ms))
    for ack in history.acked:
        if ack.seq and not any(seq >= ack.seq and wall <= ack.at_ms for seq, wall in committed[ack.device, ack.boot]):
            yield f"{ack} has no commit before it"


def the_cloud_has_each_fact_once_and_in_order(history: History) -> Iterator[str]:
    if len(history.received) != len(history.entries):
        yield f"the journal has {len(history.entries)} facts, the cloud {len(history.received)}"
    for ours, theirs in zip(history.entries, history.received, strict=False):
        if ours != theirs:
            yield f"entry {ours.sequence} arrived as {theirs}"
            return


def the_chain_holds(history: History) -> Iterator[str]:
    for name, entries in (("journal", history.entries), ("cloud", history.received)):
        previous = GENESIS
        for number, e in enumerate(entries, 1):
            if e.sequence != number:
                yield f"{name}: entry {number} has sequence {e.sequence}"
                break
            if entry_hash(previous, e.stream, e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body) != e.hash:
                yield f"{name}: entry {number} does not follow the one before"
                break
            previous = e.hash


def the_tables_agree_with_the_store(history: History) -> Iterator[str]:
    for row in history.carts:
        bolt, docked = physical(history.ground.get(row["cart"], []))
        if (row["lock"], bool(row["docked"])) != (bolt, docked):
            yield f"{row['cart']} is {bolt}, docked {docked}; the table says {row}"
        if (row["state"] == "out") != (not docked) or (row["member"] is not None) != (not docked):
            yield f"{row['cart']}: docked {docked}; the table says {row}"


def nothing_else_was_found(history: History) -> Iterator[str]:
    yield from history.faults


RULES: tuple[Callable[[History], Iterator[str]], ...] = (
    registrations_are_kept,
    claims_are_kept,
    unlocks_are_kept,
    every_grant_has_one_end,
    locks_move_for_a_grant_once_and_in_time,
    what_moved_is_known,
    events_arrive_once_and_in_order,
    nothing_is_acknowledged_before_it_is_committed,
    the_cloud_has_each_fact_once_and_in_order,
    the_chain_holds,
    the_tables_agree_with_the_store,
    nothing_else_was_found,
)


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
