"""Unlocks with the real lock drivers, while boards fail and processes are killed: a lock gets power once for a command,
in time, and for nothing but a grant; and the record names the hop at which it failed.

`STOREKEEPER_ROUNDS` says how many unlocks (1,000 in `make test-all`), `STOREKEEPER_SEED` repeats victims and moments.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.bootstrap.journal import verify_journal
from tests.faults.boards import Boards, Pulse
from tests.faults.house import CARTS, House, Part, until
from tests.faults.shoppers import Crowd
from tests.rounds import rounds, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

UNLOCKS = max(60, rounds(60))
SEED = seed()
KERONG, WAVESHARE = CARTS[:8], CARTS[8:]
VICTIMS = ("gateway", "drivers")
"""Each is killed at least once; then the drivers twice as often."""
TTL_MS = 1200
SLACK_MS = 300 if UNLOCKS >= 200 else 5000
"""A command's life is counted from when its device hears it, and its pulse when the board in this process has its turn:
on a busy machine both are a little later. The long run has a machine to itself.
"""
SETTLE_S = 300.0
HOPS = {
    "no_reply": "device",
    "busy": "device",
    "expired": "device",
    "stale_fence": "device",
    "gateway_restarted": "gateway",
    "broker_away": "broker",
    "jammed": "lock",
    "no_response": "lock",
    "port_lost": "lock",
    "not_docked": "lock",
    "unknown": "lock",
}
"""Where an unlock got stuck, by the reason that the record gives."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 + 3 * UNLOCKS)]


class Told(NamedTuple):
    """A command as it passed on the bus, maybe not for the first time."""

    command: str
    cart: str
    at_ms: int
    ttl_ms: int


@dataclass
class Record:
    """Everything that anybody saw of a run."""

    pulses: list[Pulse]
    told: list[Told]
    facts: list[tuple[str, str, int, dict[str, Any]]]
    """Id, type, wall milliseconds, body; in order."""
    faults: list[str] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        return ((identity, at, body) for identity, type_, at, body in self.facts if type_ == f"cart.{kind}.v1")

    def lives(self) -> dict[str, tuple[str, int, int]]:
        """For each grant its cart, when it was given, and when its command was over at the latest."""
        grants = {identity: (body["cart"], at, at + TTL_MS) for identity, at, body in self.of("unlock_granted")}
        for told in self.told:
            if told.command in grants:
                cart, since, over = grants[told.command]
                grants[told.command] = cart, since, max(over, told.at_ms + told.ttl_ms + SLACK_MS)
        return grants

    def owners(self, lives: dict[str, tuple[str, int, int]]) -> dict[str, list[Pulse]]:
        """The pulses of each grant, by time; `""` for those that have none of their own.

        A pulse belongs to the grant alive whose command is over first among those that have none yet: where there is
        any way to give each its own, this is one.
        """
        owned = defaultdict[str, list[Pulse]](list)
        for pulse in self.pulses:
            alive = [
                (over, grant)
                for grant, (cart, since, over) in lives.items()
                if cart == pulse.cart and since <= pulse.at_ms <= over
            ]
            free = [(over, grant) for over, grant in alive if grant not in owned]
            owned[min(free or alive, default=(0, ""))[1]].append(pulse)
        return owned


def complaints(record: Record) -> list[str]:
    """Every rule that does not hold."""
    return [f"{rule.__name__}: {sentence}" for rule in RULES for sentence in rule(record)]


def never_twice_for_a_command(record: Record) -> Iterator[str]:
    for grant, pulses in record.owners(record.lives()).items():
        if grant and len(pulses) > 1:
            yield f"{grant} got {pulses}"


def never_late_and_never_without_a_grant(record: Record) -> Iterator[str]:
    for pulse in record.owners(record.lives()).get("", []):
        before = [over for cart, since, over in record.lives().values() if cart == pulse.cart and since <= pulse.at_ms]
        yield (
            f"{pulse}: the last command was over {pulse.at_ms - max(before)} ms before" if before else f"{pulse}: none"
        )


def never_told_without_a_grant(record: Record) -> Iterator[str]:
    granted = {identity: (at, body["cart"]) for identity, at, body in record.of("unlock_granted")}
    for told in record.told:
        at, cart = granted.get(told.command, (told.at_ms + 1, ""))
        if cart != told.cart or at > told.at_ms:
            yield f"{told} has no grant before it"


def every_grant_has_an_end(record: Record) -> Iterator[str]:
    ends = Counter(
        body["grant"] for kind in ("unlocked", "unlock_failed", "unlock_lapsed") for _, _, body in record.of(kind)
    )
    for grant, _, _ in record.of("unlock_granted"):
        if not ends[grant]:
            yield f"{grant} has no end"


def what_is_said_to_have_had_power_had_it(record: Record) -> Iterator[str]:
    granted = {identity: (body["cart"], at) for identity, at, body in record.of("unlock_granted")}
    said = {body["grant"]: at for _, at, body in record.of("unlocked") if body["outcome"] == "done"}
    said |= {body["grant"]: at for _, at, body in record.of("unlock_failed") if body["reason"] == "jammed"}
    owned = record.owners({grant: (*granted[grant], at) for grant, at in said.items()})
    for grant in said.keys() - owned.keys():
        yield f"{grant} on {granted[grant]} was said to have had power by {said[grant]}"


def a_failure_names_its_hop(record: Record) -> Iterator[str]:
    for kind in ("unlock_failed", "unlock_lapsed"):
        for _, _, body in record.of(kind):
            if HOPS.get(body["reason"]) != body["hop"]:
                yield f"{body} names another hop than {HOPS.get(body['reason'])}"


def nothing_else_was_found(record: Record) -> Iterator[str]:
    yield from record.faults


RULES: tuple[Callable[[Record], Iterator[str]], ...] = (
    never_twice_for_a_command,
    never_late_and_never_without_a_grant,
    never_told_without_a_grant,
    every_grant_has_an_end,
    what_is_said_to_have_had_power_had_it,
    a_failure_names_its_hop,
    nothing_else_was_found,
)


class Hall(House):
    """Broker, gateway, and the drivers of twelve docks on two wires."""

    def __init__(self, folder: Path) -> None:
        self.boards = Boards(folder / "boards", KERONG, WAVESHARE, str(SEED))
        super().__init__(folder, ttl_ms=TTL_MS)

    def _write_settings(self) -> None:
        super()._write_settings()
        head = (self.config / "devices.toml").read_text(encoding="utf-8").split("\n\n")
        blocks = [block for block in head if "[[devices]]" in block]
        lines = [
            f'{block.strip()}\ndriver = "{driver}"\nsettings = {settings}\n'
            for block, (driver, settings) in zip(blocks, self.boards.devices.values(), strict=True)
        ]
        (self.config / "devices.toml").write_text("\n".join(lines), encoding="utf-8")

    def _make(self, broker: str, seed: str) -> list[Part]:
        parts = [part for part in super()._make(broker, seed) if part.name in ("broker", "gateway")]
        command = [sys.executable, "-m", "edge.cli", "devices", "run", "--config", str(self.config)]
        return [*parts, Part("drivers", command, self.folder)]

    def __enter__(self) -> Self:
        self.boards.start()
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.boards.stop()


class Ear:
    """Hears every command that the gateway gives."""

    def __init__(self, port: int) -> None:
        self.told: list[Told] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="ear", protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("sk/+/+/command")
        self._client.on_message = self._take
        listening = threading.Event()
        self._client.on_subscribe = lambda *_: listening.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert listening.wait(60), "the broker did not answer"

    def commands(self) -> int:
        """How many there were; one that was said again is the same."""
        return len({told.command for told in self.told})

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        body = json.loads(message.payload)
        if body["verb"] == "unlock":
            cart = message.topic.split("/")[2]
            self.told.append(Told(body["id"], cart, time.time_ns() // 1_000_000, body["ttl_ms"]))


def test_unlocks_under_every_trouble_at_once(tmp_path: Path) -> None:
    print(f"\nSTOREKEEPER_SEED={SEED}: {UNLOCKS} unlocks")
    chance, kills, faults = random.Random(SEED), Counter[str](), list[str]()
    with Hall(tmp_path) as hall:
        until(hall.open, what=hall.last_words)
        ear, crowd = Ear(hall.broker_port), Crowd(hall, SEED)
        crowd.start()
        while (told := ear.commands()) < UNLOCKS or len(kills) < len(VICTIMS):
            if chance.random() < 0.8:  # mostly once it serves again, sometimes while it is still coming up
                until(lambda told=told: ear.commands() >= told + 7, SETTLE_S, hall.last_words)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.6))  # the random moment itself, no waiting for anything
            spared = [each for each in VICTIMS if not kills[each]]
            victim = (spared or [chance.choice(["drivers", *VICTIMS])])[0]
            kills[victim] += 1
            if (code := hall.parts[victim].ended_by_itself) is not None:
                faults.append(f"{victim} ended by itself with {code}\n{hall.last_words()}")
            hall.parts[victim].kill()
            hall.parts[victim].start()
        crowd.leave()
        hall.boards.calm()
        until(lambda: _settled(hall), SETTLE_S, lambda: f"{_standing(hall)}\n{hall.last_words()}")
        ear.close()
        rows = hall.rows("SELECT id, type, wall_ms, body FROM entries ORDER BY sequence")
        record = Record(
            pulses=hall.boards.pulses(),
            told=ear.told,
            facts=[
                (str(uuid.UUID(bytes=row["id"])), row["type"], row["wall_ms"], json.loads(row["body"])) for row in rows
            ],
            faults=[*faults, *crowd.odd, *verify_journal(hall.settings).faults],
        )
        ended = Counter(
            body.get("reason") or body["outcome"]
            for kind in ("unlocked", "unlock_failed", "unlock_lapsed")
            for _, _, body in record.of(kind)
        )
        troubles = Counter(hall.boards.troubles)
        print(f"{len(record.pulses)} pulses, kills {dict(kills)}, ends {dict(ended)}, troubles {dict(troubles)}")
    found = complaints(record)
    assert not found, "\n".join([f"STOREKEEPER_SEED={SEED}", *found[:20]])
    assert len(record.pulses) >= UNLOCKS // 5
    assert ended["done"]
    if UNLOCKS >= 200:
        assert sum(ended[reason] for reason in ("jammed", "no_response", "port_lost", "no_reply"))


def _settled(hall: Hall) -> bool:
    return hall.open() and _standing(hall) == (0, [])


def _standing(hall: Hall) -> tuple[int, list[dict[str, Any]]]:
    """Open grants, and carts that do not stand in their docks. One that was jammed counts as jammed until it opens."""
    there = "state='docked' AND docked AND lock IN ('locked', 'jammed')"
    away = hall.rows(f"SELECT * FROM carts WHERE ({there}) IS NOT TRUE")
    return len(hall.rows("SELECT 1 FROM grants WHERE state='granted'")), away


def good() -> Record:
    """A small history in which all is well: one opened, one jammed, one was never answered."""
    carts = {"a": "cart-01", "b": "cart-01", "c": "cart-02"}
    granted = [
        (grant, "cart.unlock_granted.v1", 1000 + 2000 * place, {"cart": cart})
        for place, (grant, cart) in enumerate(carts.items())
    ]
    return Record(
        pulses=[Pulse("cart-01", 1010), Pulse("cart-01", 3010)],
        told=[Told(grant, carts[grant], at + 5, TTL_MS) for grant, _, at, _ in granted],
        facts=[
            *granted,
            ("1", "cart.unlocked.v1", 1080, {"grant": "a", "outcome": "done"}),
            ("2", "cart.unlock_failed.v1", 3700, {"grant": "b", "hop": "lock", "reason": "jammed"}),
            ("3", "cart.unlock_lapsed.v1", 6300, {"grant": "c", "hop": "device", "reason": "no_reply"}),
        ],
    )


def _twice(record: Record) -> None:
    record.pulses.insert(1, Pulse("cart-01", 1400))


def _late(record: Record) -> None:
    record.pulses.append(Pulse("cart-02", 5005 + TTL_MS + SLACK_MS + 1))


def _by_itself(record: Record) -> None:
    record.pulses.append(Pulse("cart-03", 9000))


def _unasked(record: Record) -> None:
    record.told.append(Told("x", "cart-01", 9000, TTL_MS))


def _no_end(record: Record) -> None:
    record.facts.pop()


def _said(record: Record) -> None:
    record.pulses.pop(0)


def _jam_said(record: Record) -> None:
    record.pulses.pop()


def _wrong_hop(record: Record) -> None:
    record.facts[-2][3]["hop"] = "device"


def _dead(record: Record) -> None:
    record.faults.append("gateway ended by itself")


def test_the_rules_find_nothing_where_all_is_well() -> None:
    assert complaints(good()) == []


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (_twice, never_twice_for_a_command),
        (_late, never_late_and_never_without_a_grant),
        (_by_itself, never_late_and_never_without_a_grant),
        (_unasked, never_told_without_a_grant),
        (_no_end, every_grant_has_an_end),
        (_said, what_is_said_to_have_had_power_had_it),
        (_jam_said, what_is_said_to_have_had_power_had_it),
        (_wrong_hop, a_failure_names_its_hop),
        (_dead, nothing_else_was_found),
    ],
)
def test_each_rule_can_fail(harm: Callable[[Record], None], rule: Callable[[Record], Iterator[str]]) -> None:
    record = good()
    harm(record)
    assert any(sentence.startswith(rule.__name__) for sentence in complaints(record))
