"""Slips under every trouble at once: what was ordered is on paper once, or once more marked COPY; nothing is lost.

`STOREKEEPER_ROUNDS` says how many slips (1,000 in `make test-all`), `STOREKEEPER_SEED` repeats victims and moments.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

from edge.bootstrap.journal import verify_journal
from edge.bus import brokers
from edge.secrets.credentials import prepare
from edge.settings.settings import load
from tests.conftest import free_port, need
from tests.faults.house import Part, read, until
from tests.faults.paper import CALM, lines
from tests.rounds import rounds, seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SLIPS = max(30, rounds(30))
SEED = seed()
PRINTERS = ("printer-1", "printer-2", "printer-3")
KINDS = {
    "receipt": {"number": "1", "at_ms": 1, "items": [], "total": 100},
    "closing": {"day_ms": 1, "counts": []},
    "coupon": {"title": "t", "price": 1, "was": 2, "code": "c"},
}
VICTIMS = ("gateway", "printers")
"""Each is killed at least once; then the printers twice as often."""
END_S = 240.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 + SLIPS)]


@dataclass
class Record:
    """Everything that anybody saw of a run."""

    ordered: list[tuple[str, int]]
    """What somebody was told to be durable."""
    paper: list[dict[str, Any]]
    facts: list[tuple[str, str, dict[str, Any]]]
    """Id, type, body, in order."""
    states: dict[tuple[str, int], str]
    faults: list[str] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((identity, body) for identity, type_, body in self.facts if type_ == f"printing.{kind}.v1")


def complaints(record: Record) -> list[str]:
    """Every rule that does not hold."""
    return [f"{rule.__name__}: {sentence}" for rule in RULES for sentence in rule(record)]


def _slip(line: dict[str, Any]) -> tuple[str, int]:
    return line["job"], line["revision"]


def what_was_promised_is_in_the_journal(record: Record) -> Iterator[str]:
    known = Counter((body["job"], body["revision"]) for _, body in record.of("job_ordered"))
    for slip in record.ordered:
        if known[slip] != 1:
            yield f"{slip} was promised and is in the journal {known[slip]} times"


def every_slip_is_on_paper(record: Record) -> Iterator[str]:
    there = {(line["job"], line["revision"]) for line in record.paper}
    for _, body in record.of("job_ordered"):
        slip = body["job"], body["revision"]
        if slip not in there:
            yield f"{slip} is lost; its state is {record.states.get(slip)}"
        if record.states.get(slip) != "printed":
            yield f"{slip} has no good end: {record.states.get(slip)}"


def nothing_comes_out_twice_unmarked(record: Record) -> Iterator[str]:
    for slip, times in Counter(_slip(line) for line in record.paper if not line["copy"]).items():
        if times > 1:
            yield f"{slip} is on paper {times} times, and nothing on it says so"


def every_copy_has_its_doubt(record: Record) -> Iterator[str]:
    doubts = Counter((body["job"], body["revision"]) for _, body in record.of("doubtful"))
    for slip, times in Counter(_slip(line) for line in record.paper if line["copy"]).items():
        if times > doubts[slip]:
            yield f"{slip} has {times} copies and {doubts[slip]} doubts"


def nothing_is_printed_that_nobody_ordered(record: Record) -> Iterator[str]:
    begun: dict[tuple[str, int, str, bool], int] = defaultdict(int)
    for _, body in record.of("attempt_begun"):
        begun[body["job"], body["revision"], body["printer"], body["copy"]] += 1
    for key, times in Counter((*_slip(line), line["printer"], line["copy"]) for line in record.paper).items():
        if times > begun[key]:
            yield f"{key} is on paper {times} times and was begun {begun[key]} times"


def what_is_said_to_be_printed_is(record: Record) -> Iterator[str]:
    attempts = dict(record.of("attempt_begun"))
    paper = {(line["job"], line["revision"], line["printer"], line["copy"]) for line in record.paper}
    for _, body in record.of("printed"):
        begun = attempts[body["attempt"]]
        if (begun["job"], begun["revision"], begun["printer"], begun["copy"]) not in paper:
            yield f"{body} is not on paper"


def money_is_doubled_by_people_alone(record: Record) -> Iterator[str]:
    slips = {(body["job"], body["revision"]): body["slip"] for _, body in record.of("job_ordered")}
    people = Counter(
        (body["job"], body["revision"]) for _, body in record.of("doubt_settled") if body["verdict"] == "copy"
    )
    copies = Counter((body["job"], body["revision"]) for _, body in record.of("attempt_begun") if body["copy"])
    failed = Counter((body["job"], body["revision"]) for _, body in record.of("failed"))
    for slip, times in copies.items():
        if slips.get(slip) == "coupon" and times > people[slip] + failed[slip]:
            yield f"{slip} was copied {times} times, people asked for {people[slip]}"


def nothing_else_was_found(record: Record) -> Iterator[str]:
    yield from record.faults


RULES: tuple[Callable[[Record], Iterator[str]], ...] = (
    what_was_promised_is_in_the_journal,
    every_slip_is_on_paper,
    nothing_comes_out_twice_unmarked,
    every_copy_has_its_doubt,
    nothing_is_printed_that_nobody_ordered,
    what_is_said_to_be_printed_is,
    money_is_doubled_by_people_alone,
    nothing_else_was_found,
)


class Shop:
    """Broker, gateway and printers as processes, and somebody who orders."""

    def __init__(self, folder: Path) -> None:
        need("mosquitto")
        self.port, self.line = free_port(), free_port()
        self.folder, self.data, self.paper = folder, folder / "data", folder / "printers"
        self.config = folder / "config"
        self._write_settings()
        prepare(self.data, ["gateway", *PRINTERS])
        broker = brokers.mosquitto(self.port, folder / "broker", None)
        python = [sys.executable, "-m"]
        self.parts = {
            part.name: part
            for part in (
                Part("broker", broker.prepare(), folder),
                Part("gateway", [*python, "tests.faults.press", str(self.config), str(self.line)], folder),
                Part(
                    "printers",
                    [*python, "tests.faults.paper", str(self.port), str(self.paper), str(SEED), *PRINTERS],
                    folder,
                ),
            )
        }

    def _write_settings(self) -> None:
        self.config.mkdir(parents=True)
        names = '{ zh-CN = "名", en = "Name" }'
        zones = "".join(f'[[zones]]\nid = "{z}"\nname = {names}\nplan = [0, 0, 9, 9]\n' for z in ("tills", "office"))
        (self.config / "store.toml").write_text(f'[store]\nid = "s001"\nname = {names}\n{zones}')
        devices = [
            f'[[devices]]\nid = "{printer}"\nkind = "printer"\nzone = "{zone}"\nlabel = {names}\nat = [1, 1]\n'
            for printer, zone in zip(PRINTERS, ("tills", "tills", "office"), strict=True)
        ]
        (self.config / "devices.toml").write_text("".join(devices))
        (self.config / "gateway.toml").write_text(
            f"data = {json.dumps(str(self.data))}\nprint_ttl_ms = 1000\nunlock_ttl_ms = 1000\n"
            f'[broker]\nkind = "external"\nurl = "mqtt://127.0.0.1:{self.port}"\n'
        )

    def __enter__(self) -> Self:
        self.paper.mkdir(parents=True)
        for part in self.parts.values():
            part.start()
        return self

    def __exit__(self, *_: object) -> None:
        for part in reversed(self.parts.values()):
            part.end()

    def ask(self, **asked: Any) -> bool:
        """Whether it is durable; false where nobody answered."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.line), 60) as line:
            line.sendall((json.dumps(asked) + "\n").encode())
            return line.recv(16) == b"durable\n"
        return False

    def rows(self, sql: str) -> list[dict[str, Any]]:
        path = self.data / "storekeeper.db"
        return read(path, sql) if path.exists() else []

    def last_words(self) -> str:
        return "\n".join(
            f"--- {part.name}\n" + "\n".join(part.log.read_text(errors="replace").splitlines()[-12:])
            for part in self.parts.values()
            if part.log.exists()
        )


class Run:
    """Orders, kills, and a person who looks at the paper when asked."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.chance = random.Random(SEED)
        self.ordered: list[tuple[str, int]] = []
        self.kills: Counter[str] = Counter()
        self.faults: list[str] = []
        self._enough = threading.Event()
        self.over = threading.Event()
        """Nothing is asked any more."""

    def order_everything(self) -> None:
        """A slip at a time, asked for again until somebody said that it is durable."""
        try:
            self._order_everything()
        except AssertionError as error:
            self.faults.append(str(error))
        finally:
            self._enough.set()

    def _order_everything(self) -> None:
        for number in range(SLIPS):
            kind = self.chance.choice(["receipt"] * 6 + ["closing", "coupon"])
            job, revision = f"j-{number // 2}", number % 2 + 1
            if number % 2 and (f"j-{number // 2}", 1) in self.ordered:
                kind = self.chance.choice(["receipt", "coupon"])
            where = self.chance.choice([{"printer": self.chance.choice(PRINTERS)}, {"zone": "tills"}])
            asked = {"do": "order", "job": job, "revision": revision, "slip": kind, "values": KINDS[kind], **where}
            until(lambda asked=asked: self.shop.ask(**asked), what=self.shop.last_words)  # type: ignore[misc]
            self.ordered.append((job, revision))
            time.sleep(self.chance.uniform(0, 0.12))  # tills are not machine guns

    def look_at_the_paper(self) -> None:
        """A person who is asked whether a coupon came out, looks, and answers by what lies there."""
        while not self.over.is_set():
            for row in self.asked():
                there = any((x["job"], x["revision"]) == (row["job"], row["revision"]) for x in lines(self.shop.paper))
                verdict = "printed" if there else "copy"
                self.shop.ask(do="settle_doubt", job=row["job"], revision=row["revision"], verdict=verdict, by="li")
            time.sleep(0.2)

    def asked(self) -> list[dict[str, Any]]:
        with contextlib.suppress(Exception):
            return self.shop.rows("SELECT job, revision FROM print_jobs WHERE state='asked'")
        return []

    def kill_on(self) -> None:
        while not self._enough.wait(self.chance.uniform(0.2, 1.2)) or len(self.kills) < len(VICTIMS):
            if self.chance.random() < 0.8:  # mostly once it serves again, sometimes while it is still coming up
                served = len(self.ordered)
                until(lambda served=served: self._enough.is_set() or len(self.ordered) > served, what=self.standing)  # type: ignore[misc]
            spared = [each for each in VICTIMS if not self.kills[each]]
            victim = (spared or [self.chance.choice(["printers", *VICTIMS])])[0]
            self.kills[victim] += 1
            self.shop.parts[victim].kill()
            time.sleep(self.chance.choice([0, 0, 0.5]))
            self.shop.parts[victim].start()
            for part in self.shop.parts.values():
                if (code := part.ended_by_itself) is not None:
                    self.faults.append(f"{part.name} ended by itself with {code}\n{self.shop.last_words()}")
                    part.start()

    def settled(self) -> bool:
        left = self.shop.rows("SELECT count(*) AS n FROM print_jobs WHERE state<>'printed'")
        return bool(left) and left[0]["n"] == 0

    def standing(self) -> str:
        rows = self.shop.rows("SELECT * FROM print_jobs WHERE state<>'printed' LIMIT 5")
        return f"{rows}\n{self.shop.last_words()}"

    def record(self) -> Record:
        entries = self.shop.rows("SELECT id, type, body FROM entries ORDER BY sequence")
        jobs = self.shop.rows("SELECT job, revision, state FROM print_jobs")
        return Record(
            ordered=self.ordered,
            paper=lines(self.shop.paper),
            facts=[(_uuid(row["id"]), row["type"], json.loads(row["body"])) for row in entries],
            states={(row["job"], row["revision"]): row["state"] for row in jobs},
            faults=[*self.faults, *verify_journal(load(self.shop.config)).faults],
        )


def test_slips_under_every_trouble_at_once(tmp_path: Path) -> None:
    print(f"\nSTOREKEEPER_SEED={SEED}: {SLIPS} slips")
    with Shop(tmp_path) as shop:
        run = Run(shop)
        tills, person = (threading.Thread(target=act) for act in (run.order_everything, run.look_at_the_paper))
        tills.start()
        person.start()
        try:
            run.kill_on()  # in this thread: a process dies with the thread that started it
            (shop.paper / CALM).touch()
            tills.join()
            until(run.settled, END_S, run.standing)  # a doubt may come up late: the person stays until the end
        finally:
            run.over.set()
            person.join()
        record = run.record()
        copies = sum(line["copy"] for line in record.paper)
        kinds = Counter(type_.split(".")[1] for _, type_, _ in record.facts if type_.startswith("printing."))
        print(f"{len(record.paper)} on paper, {copies} copies, kills {dict(run.kills)}, facts {dict(kinds)}")
        assert complaints(record) == []
        assert set(run.kills) == set(VICTIMS)
        if SLIPS >= 200:
            assert kinds["failed"] + kinds["held"]
            assert kinds["doubtful"]


def _uuid(raw: bytes) -> str:
    import uuid

    return str(uuid.UUID(bytes=raw))


def good() -> Record:
    """A small history in which all is well: one slip, in doubt, with its copy."""
    slip = {"job": "a", "revision": 1}
    begun = {**slip, "printer": "p"}
    return Record(
        ordered=[("a", 1)],
        paper=[{**begun, "copy": False}, {**begun, "copy": True}],
        facts=[
            ("1", "printing.job_ordered.v1", {**slip, "slip": "receipt"}),
            ("2", "printing.attempt_begun.v1", {**begun, "copy": False}),
            ("3", "printing.doubtful.v1", {**begun, "attempt": "2"}),
            ("4", "printing.attempt_begun.v1", {**begun, "copy": True}),
            ("5", "printing.printed.v1", {**begun, "attempt": "4", "copy": True}),
        ],
        states={("a", 1): "printed"},
    )


def _lose_the_paper(record: Record) -> None:
    record.paper.clear()


def _forget_the_order(record: Record) -> None:
    del record.facts[0]


def _print_twice(record: Record) -> None:
    record.paper.append({**record.paper[0]})


def _copy_without_doubt(record: Record) -> None:
    del record.facts[2]


def _print_unasked(record: Record) -> None:
    record.paper.append({"job": "b", "revision": 1, "printer": "p", "copy": False})


def _leave_it_open(record: Record) -> None:
    record.states["a", 1] = "held"


def _say_too_much(record: Record) -> None:
    record.paper.pop()


def _double_money(record: Record) -> None:
    record.facts[0][2]["slip"] = "coupon"


def _end_by_itself(record: Record) -> None:
    record.faults.append("gateway ended by itself")


def test_the_rules_find_nothing_where_all_is_well() -> None:
    assert complaints(good()) == []


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (_lose_the_paper, every_slip_is_on_paper),
        (_leave_it_open, every_slip_is_on_paper),
        (_forget_the_order, what_was_promised_is_in_the_journal),
        (_print_twice, nothing_comes_out_twice_unmarked),
        (_copy_without_doubt, every_copy_has_its_doubt),
        (_print_unasked, nothing_is_printed_that_nobody_ordered),
        (_say_too_much, what_is_said_to_be_printed_is),
        (_double_money, money_is_doubled_by_people_alone),
        (_end_by_itself, nothing_else_was_found),
    ],
)
def test_each_rule_can_fail(harm: Callable[[Record], None], rule: Callable[[Record], Iterator[str]]) -> None:
    record = good()
    harm(record)
    if harm is _double_money:
        assert list(rule(record)) != []
        return
    assert any(sentence.startswith(rule.__name__) for sentence in complaints(record))
