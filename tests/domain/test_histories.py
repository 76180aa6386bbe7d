"""The tables are a cache of the journal: on any history, made anew they are the same, and the store's rules hold."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.codes import decisions as code_reads
from edge.domain.codes.readings import Reading
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import ClaimSource
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceReported, What
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.code_entry import CodeEntry
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.rules import ENDED, OPEN
from edge.domain.members import sessions
from edge.domain.members.passes import Passes
from edge.domain.noun import starts
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import decisions as touchpoints
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, come_online, furnish, join, offer
from tests.domain.locking import BANK, CODES, DOORS, build
from tests.rounds import rounds

PASSES = Passes(b"k" * 32, "s001")
PEOPLE = st.integers(1, 4)
CARTS = st.sampled_from(["cart-01", "cart-02", "cart-03"])
DOOR = st.sampled_from([door.name for door in DOORS])
SIZES = st.sampled_from(["S", "M", "L"])
SHUT = st.sampled_from(["open", "closed", "unknown"])
ASKS = ["take", "add_more", "confirm", "withdraw", "share", "unshare"]
OUTCOMES = st.sampled_from(["done", "already", "failed", "refused", "expired", "lapsed", "unknown"])
STEPS = st.one_of(
    st.tuples(st.just("join"), PEOPLE),
    st.tuples(st.just("unlock"), PEOPLE, CARTS, st.integers(0, 30)),
    st.tuples(st.just("settle"), st.integers(0, 9), OUTCOMES),
    st.tuples(st.just("seen"), CARTS, st.sampled_from(["locked", "unlocked", "jammed"]), st.none() | st.booleans()),
    st.tuples(st.just("present"), CARTS, st.booleans()),
    st.tuples(st.just("claim"), PEOPLE, st.sampled_from(["milk", "wipes", "cheese"])),
    st.tuples(st.just("offer"), st.sets(st.sampled_from(["milk", "wipes", "cheese"]))),
    st.tuples(st.just("scan"), PEOPLE, CARTS),
    st.tuples(st.just("report"), CARTS, st.integers(1, 5), st.booleans()),
    st.tuples(st.just("crash")),
    st.tuples(st.just("later"), st.integers(1, 700_000)),
    st.tuples(st.just("restock"), st.sets(CARTS, min_size=1)),
    st.tuples(st.just("charged"), CARTS, st.floats(0, 1)),
    st.tuples(st.just("release"), CARTS),
    st.tuples(st.just("tend")),
    st.tuples(st.just("deposit"), PEOPLE, SIZES, st.booleans(), st.integers(0, 30)),
    st.tuples(st.just("opened"), st.integers(0, 9), OUTCOMES),
    st.tuples(st.just("door"), DOOR, SHUT, st.none() | st.booleans()),
    st.tuples(st.just("silence"), st.integers(1, 6)),
    st.tuples(st.just("heard")),
    st.tuples(st.just("flap"), CARTS, st.sampled_from(["presence", "state"]), st.integers(0, 9)),
    st.tuples(st.just("told"), DOOR, st.sampled_from(["door_opened", "door_closed"])),
    st.tuples(st.just("ask"), st.sampled_from(ASKS), st.integers(0, 9), PEOPLE),
    st.tuples(st.just("staff"), DOOR, st.sampled_from(["hand_over", "clear", "inspect"])),
    st.tuples(st.just("digits"), st.integers(0, 9)),
    st.tuples(st.just("issue"), PEOPLE, st.booleans()),
    st.tuples(st.just("show_code"), PEOPLE, st.integers(0, 70)),
)  # fmt: skip


class Play:
    """Plays a history of steps on a real journal and keeps the invariants."""

    def __init__(self, journal: Journal, clock: SetClock) -> None:
        self.journal = journal
        self.clock = clock
        self.grants: list[str] = []
        self.openings: list[Opening] = []
        self.shown: dict[str, dict[str, Any]] = {}

    async def step(self, kind: str, *args: Any) -> None:
        try:
            await getattr(self, kind)(*args)
        except Refusal:
            return

    async def join(self, person: int) -> None:
        await self.journal.write(join, person)

    async def unlock(self, person: int, cart: str, request: int) -> None:
        grant = await self.journal.write(
            carts.unlock, cart=cart, caller=by(member_of(person)), touchpoint=cart, request=f"{person}-{request}"
        )
        self.grants.append(grant.id)

    async def settle(self, back: int, outcome: str) -> None:
        if self.grants:
            grant = self.grants[-1 - back % len(self.grants)]
            await self.journal.write(carts.settle, grant, outcome, None, "device")

    async def seen(self, cart: str, lock: str, docked: bool | None) -> None:
        await self.journal.write(carts.on_state, cart=cart, lock=lock, docked=docked)

    async def present(self, cart: str, online: bool) -> None:
        await self.journal.write(devices.on_presence, device=cart, online=online, boot="b2")

    async def claim(self, person: int, coupon: str) -> None:
        await self.journal.write(
            coupons.claim,
            coupon=coupon,
            caller=by(member_of(person)),
            hand=ClaimSource("screen-baby", f"{self.clock.now // 30_000:x}", f"phone-{person}"),
            request="r",
        )

    async def offer(self, names: set[str]) -> None:
        await self.journal.write(coupons.offer, [offer(name, stock=3) for name in sorted(names)])

    async def scan(self, person: int, cart: str) -> None:
        await self.journal.write(touchpoints.scanned, touchpoint=cart, visitor=f"v{person}", shown_ms=self.clock.now)

    async def report(self, cart: str, seq: int, patient: bool) -> None:
        fact = DeviceReported(device=cart, boot="b1", seq=seq, at="", event="e", data={"n": seq})
        await self.journal.write(devices.on_report, fact, patient=patient)

    async def crash(self) -> None:
        for lapse_all in starts(NOUNS):
            await self.journal.write(lapse_all)

    async def tend(self) -> None:
        for decision in (each for noun in NOUNS for each in noun.on_tick):
            await self.journal.write(decision)

    async def charged(self, cart: str, charge: float) -> None:
        await self.journal.write(cart_care.on_charge, cart=cart, charge=charge)

    async def release(self, cart: str) -> None:
        await self.journal.write(carts.release, cart=cart, staff="li", reason="lost")

    async def deposit(self, person: int, size: Any, low: bool, request: int) -> None:
        member, name = member_of(person), f"d-{person}-{request}"
        self.openings.append(
            await self.journal.write(
                lockers.deposit, codes=CODES, bank=BANK, size=size, caller=by(member), low=low, request=name
            )
        )

    async def opened(self, back: int, outcome: str) -> None:
        if self.openings:
            opening = self.openings[-1 - back % len(self.openings)]
            await self.journal.write(locker_doors.settle, opening.id, outcome, None, "lock")

    async def door(self, name: str, shut: str, occupied: bool | None) -> None:
        self.shown[name] = {"lock": "locked", "door": shut, "occupied": occupied}
        await self.journal.write(locker_doors.on_state, bank=BANK, doors=self.shown)

    async def silence(self, doors: int) -> None:
        blank = {"lock": "unknown", "door": "unknown", "occupied": None}
        await self.journal.write(locker_doors.on_state, bank=BANK, doors={door.name: blank for door in DOORS[:doors]})

    async def heard(self) -> None:
        await self.journal.write(locker_doors.on_state, bank=BANK, doors=self.shown)

    async def flap(self, device: str, what: What, more: int) -> None:
        await self.journal.write(devices.note_flapping, device=device, what=what, more=more)

    async def told(self, door: str, event: str) -> None:
        await self.journal.write(locker_doors.on_event, bank=BANK, event=event, door=door)

    async def ask(self, what: str, back: int, person: int) -> None:
        if not self.openings:
            return
        parcel = self.openings[-1 - back % len(self.openings)].parcel
        more: dict[str, Any] = {"codes": CODES} if what == "share" else {}
        if what in ("take", "add_more", "share"):
            more["request"] = f"{what}-{len(self.openings)}-{self.clock.now}"
        result = await self.journal.write(getattr(lockers, what), parcel=parcel, caller=by(member_of(person)), **more)
        if isinstance(result, Opening):
            self.openings.append(result)

    async def staff(self, door: str, purpose: Any) -> None:
        request = f"staff-{len(self.openings)}-{self.clock.now}"
        self.openings.append(
            await self.journal.write(
                locker_staff.staff_open, bank=BANK, door=door, staff="li", purpose=purpose, reason="r", request=request
            )
        )

    async def digits(self, back: int) -> None:
        seeds = self.journal.reads.all("SELECT seed FROM parcel_codes ORDER BY seed")
        entered = CODES.digits(seeds[back % len(seeds)]["seed"]) if seeds else "000000"
        request = f"digits-{len(self.openings)}-{self.clock.now}"
        opening = await self.journal.write(
            lockers.take_by_digits,
            codes=CODES,
            bank=BANK,
            digits=entered,
            request=request,
            place=CodeEntry("phone a"),
        )
        if opening is not None:
            self.openings.append(opening)

    async def issue(self, person: int, anew: bool) -> None:
        fresh = PASSES.fresh(f"{person}{self.clock.now}{anew}".encode()[-7:])
        await self.journal.write(sessions.issue_pass, caller=by(member_of(person)), fresh=fresh, anew=anew)

    async def show_code(self, person: int, age_s: int) -> None:
        """A member's code before a scanner: taken once, and never when an equal or newer one was."""
        row = self.journal.reads.one("SELECT pass, used FROM passes WHERE member=?", member_of(person))
        made = PASSES.code(row["pass"] if row else "NOBODY2222", self.clock.now - age_s * 1000)
        shown = PASSES.read(made, self.clock.now)
        reading = Reading("member", "signed", "our_signature")
        came = await self.journal.write(
            code_reads.read, device="cart-01", readings=[reading], shown=shown, symbology="qr", length=37, digest=""
        )
        fit = row is not None and shown is not None and shown.stamp > row["used"]
        assert came.member == (member_of(person) if fit else "")

    async def later(self, ms: int) -> None:
        self.clock.now += ms

    async def restock(self, names: set[str]) -> None:
        await self.journal.write(carts.stock, sorted(names))

    def check(self) -> None:
        reads = self.journal.reads
        for cart in reads.all("SELECT * FROM carts"):
            assert (cart["member"] is None) == (cart["state"] == "docked"), dict(cart)
            assert (cart["grant_id"] is None) == (cart["state"] == "docked"), dict(cart)
        holders = [row["member"] for row in reads.all("SELECT member FROM carts WHERE member IS NOT NULL")]
        assert len(holders) == len(set(holders))
        for coupon in reads.all("SELECT * FROM coupons"):
            owned = reads.one("SELECT count(*) AS n FROM wallet WHERE coupon=?", coupon["coupon"])["n"]
            assert owned == coupon["claimed"] <= 100
        self.check_lockers()
        grants = reads.one("SELECT count(*) AS n, count(DISTINCT request) AS requests FROM grants")
        assert grants["n"] == grants["requests"]

    def check_lockers(self) -> None:
        """A live parcel has exactly its door, a door at most one parcel, and nothing opens that nobody granted."""
        reads = self.journal.reads
        marks = ",".join("?" * len(ENDED))
        live = {
            row["parcel"]: (row["bank"], row["door"])
            for row in reads.all(f"SELECT * FROM parcels WHERE state NOT IN ({marks})", *ENDED)
        }
        held = {
            row["parcel"]: (row["bank"], row["door"])
            for row in reads.all("SELECT * FROM doors WHERE parcel IS NOT NULL")
        }
        assert live == held
        marks = ",".join("?" * len(OPEN))
        moving = reads.all(
            f"SELECT p.parcel, o.state FROM parcels p JOIN doors d ON d.parcel=p.parcel"
            f" LEFT JOIN openings o ON o.parcel=p.parcel AND o.state='opened' WHERE p.state IN ({marks})",
            *OPEN,
        )
        assert all(row["state"] == "opened" for row in moving)
        codes = [
            CODES.digits(row["seed"])
            for row in reads.all("SELECT c.seed FROM doors d JOIN parcel_codes c USING (parcel)")
        ]
        assert len(codes) == len(set(codes))


async def play(folder: Path, steps: list[tuple[Any, ...]]) -> None:
    clock = SetClock()
    journal = Journal(folder / "h.db", NOUNS, clock=clock)
    await journal.write(furnish)
    await journal.write(come_online)
    await journal.write(build)
    game = Play(journal, clock)
    for step in steps:
        await game.step(*step)
        game.check()
    journal.close()
    assert verify(folder / "h.db", Projections(NOUNS)).faults == ()
    before = dump(folder / "h.db")
    connection = open_writer(str(folder / "h.db"))
    rebuild(connection, Projections(NOUNS))
    connection.close()
    assert dump(folder / "h.db") == before


def dump(path: Path) -> dict[str, list[str]]:
    connection = open_writer(str(path))
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    rows = {name: sorted(repr(tuple(row)) for row in connection.execute(f'SELECT * FROM "{name}"')) for name in names}
    connection.close()
    return rows


@settings(
    max_examples=rounds(25, most=300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(STEPS, min_size=5, max_size=60))
def test_tables_are_a_cache_of_the_journal(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), steps))


def test_long_random_histories() -> None:
    """Longer than what Hypothesis draws by itself; the seed is printed with a failure."""
    for seed in range(3):
        chance = random.Random(seed)
        steps = [_draw(chance) for _ in range(400)]
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(play(Path(folder), steps))


def _draw(chance: random.Random) -> tuple[Any, ...]:
    cart, person = chance.choice(["cart-01", "cart-02", "cart-03"]), chance.randint(1, 4)
    door = chance.choice([door.name for door in DOORS])
    return chance.choice(
        [
            ("join", person),
            ("unlock", person, cart, chance.randint(0, 10_000)),
            ("settle", chance.randint(0, 2), chance.choice(["done", "done", "failed", "lapsed", "already"])),
            ("seen", cart, chance.choice(["locked", "unlocked"]), chance.random() < 0.5),
            ("claim", person, chance.choice(["milk", "wipes"])),
            ("scan", person, cart),
            ("crash",),
            ("tend",),
            ("deposit", person, chance.choice(["S", "S", "M", "L"]), chance.random() < 0.2, chance.randint(0, 10_000)),
            ("opened", chance.randint(0, 2), chance.choice(["done", "done", "done", "failed", "lapsed"])),
            ("opened", 0, "done"),
            ("door", door, chance.choice(["open", "closed"]), chance.random() < 0.5),
            ("door", door, chance.choice(["open", "closed"]), chance.random() < 0.5),
            ("silence", chance.randint(1, 6)),
            ("heard",),
            ("flap", cart, chance.choice(["presence", "state"]), chance.randint(0, 9)),
            ("told", door, chance.choice(["door_opened", "door_closed"])),
            ("ask", chance.choice(ASKS), chance.randint(0, 3), person),
            ("staff", door, chance.choice(["hand_over", "clear", "inspect"])),
            ("digits", chance.randint(0, 5)),
            ("issue", person, chance.random() < 0.2),
            ("show_code", person, chance.randint(0, 70)),
            ("later", chance.randint(1, 100_000)),
        ]
    )
