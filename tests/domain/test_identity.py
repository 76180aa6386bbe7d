"""Three browsers, two numbers, and everything that makes persons one or parts them: whatever the order, nobody sees or
moves what is not theirs, nothing is lost or doubled, and the journal gives the same tables again.

Who may reach what is said here once more, slowly and from the outside: by paths over links.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.domain.callers import Caller, Proof
from edge.domain.carts import decisions as carts
from edge.domain.carts import queries as cart_queries
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons import wallet as wallets
from edge.domain.coupons.rules import ClaimSource
from edge.domain.ledger import queries as ledgers
from edge.domain.ledger.facts import PointsBooked
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers.facts import ParcelMoved
from edge.domain.members import decisions as members
from edge.domain.members import erasure, joining, numbers, queries
from edge.domain.members import sessions as sessions_noun
from edge.domain.members.facts import Consents, MemberImported, MemberTagged
from edge.domain.members.rules import MAX_PERSONS, UNDO_MS, Browser, SealedPhone
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal import Projections, Tx
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from tests.domain.conftest import SetClock, come_online, furnish
from tests.domain.locking import BANK, CODES, build
from tests.domain.test_histories import dump
from tests.rounds import rounds

DAY_MS = 24 * 3600_000
PROOF_MS = 90 * DAY_MS
BROWSERS = st.sampled_from(["b1", "b2", "b3"])
NUMBERS = st.sampled_from(["n1", "n2"])
CARTS = st.sampled_from(["cart-01", "cart-02", "cart-03"])


class Edge(NamedTuple):
    """A link as this test remembers it."""

    one: str
    other: str
    staff: bool
    at_ms: int
    place: int
    link: str


class Identity(RuleBasedStateMachine):
    """The store and, beside it, what should be so."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.clock = SetClock()
        self.count = 0
        self.acting: dict[str, Caller] = {}
        """By browser: whom it acts for."""
        self.number: dict[str, str] = {}
        """Of each person alive: the number that it named."""
        self.proven: dict[str, tuple[str, int]] = {}
        """By number: who proved it last, and when."""
        self.waiting: dict[str, str] = {}
        """By number: the person of an old list whom nobody has claimed."""
        self.edges: list[Edge] = []
        self.things: dict[str, tuple[str, int]] = {}
        """By parcel: whose it is, and the entry that began it."""
        self.claims: set[tuple[str, str]] = set()
        self.points: dict[str, int] = {}
        self.tagged: set[str] = set()
        self.journal: Journal = self.loop.run_until_complete(self._open())

    async def _open(self) -> Journal:
        journal = Journal(self.folder / "i.db", NOUNS, clock=self.clock)
        for decision in (furnish, come_online, build, self._old_list):
            await journal.write(decision)
        return journal

    def _old_list(self, tx: Tx) -> None:
        for number in ("n1", "n2"):
            tx.emit(MemberImported(member=f"old-{number}", phone_sealed="", points=7))
            self.points[f"old-{number}"] = 7
            tx.keep_number(f"old-{number}", number)
            self.waiting[number] = self.number[f"old-{number}"] = f"old-{number}"
            self.number[f"old-{number}"] = number

    def teardown(self) -> None:
        self.journal.close()
        self.loop.close()
        path = self.folder / "i.db"
        assert verify(path, Projections(NOUNS)).faults == ()
        before = dump(path)
        connection = open_writer(str(path))
        rebuild(connection, Projections(NOUNS))
        connection.close()
        assert dump(path) == before
        shutil.rmtree(self.folder)

    def ask(self, decision: Any, *args: Any, **kwargs: Any) -> Any:
        """What the decision gives, or the code of its refusal."""
        self.clock.now += 1000
        try:
            return self.loop.run_until_complete(self._write(decision, *args, **kwargs))
        except Refusal as refusal:
            return refusal.code

    async def _write(self, decision: Any, *args: Any, **kwargs: Any) -> Any:
        return await self.journal.write(decision, *args, **kwargs)

    def fresh(self) -> str:
        self.count += 1
        return f"{self.count:04}"

    def who(self, browser: str) -> Caller | None:
        return self.acting.get(browser)

    # What should be so.

    def reach(self, person: str) -> dict[str, int]:
        """Whom this person is one with, and after which entry it reaches their parcels: over all paths."""
        best = {person: 0}

        def walk(at: str, since: int, seen: frozenset[str]) -> None:
            for edge in self.edges:
                for here, there in ((edge.one, edge.other), (edge.other, edge.one)):
                    if here == at and there not in seen:
                        later = max(since, edge.place if edge.staff else 0)
                        best[there] = min(best.get(there, later), later)
                        walk(there, later, seen | {there})

        walk(person, 0, frozenset({person}))
        return best

    def is_one(self, one: str, other: str) -> bool:
        """Whether both are one person without the word of staff."""
        return self.reach(one).get(other) == 0

    def firm(self, person: str, later: int = 1000) -> set[str]:
        """Whom this person may decide about; `later` is as the next decision will see it."""
        old = self.clock.now + later - UNDO_MS
        kept = self.edges
        self.edges = [edge for edge in kept if not edge.staff or edge.at_ms < old]
        found = set(self.reach(person))
        self.edges = kept
        return found

    def mine(self, person: str) -> set[str]:
        reach = self.reach(person)
        return {name for name, (owner, place) in self.things.items() if owner in reach and place > reach[owner]}

    def linked(self, one: str, other: str, *, staff: bool) -> None:
        row = self.journal.reads.one("SELECT * FROM links ORDER BY place DESC LIMIT 1")
        assert row is not None
        assert {row["member"], row["kin"]} == {one, other}
        self.edges.append(Edge(row["member"], row["kin"], staff, row["at_ms"], row["place"], row["link"]))

    # What people do.

    @initialize(numbers=st.lists(NUMBERS, min_size=3, max_size=3), bags=st.lists(BROWSERS, max_size=4))
    def come_in(self, numbers: list[str], bags: list[str]) -> None:
        for browser, number in zip(("b1", "b2", "b3"), numbers, strict=True):
            self.register(browser, number)
        for browser in bags:
            self.deposit(browser)

    @rule(browser=BROWSERS, number=NUMBERS)
    def register(self, browser: str, number: str) -> None:
        name, before = self.fresh(), self.who(browser)
        sealed = SealedPhone(f"person-{name}", number, "sealed", b"wrapped")
        got = self.ask(
            members.make_member, sealed=sealed, consents=Consents(service=True, marketing=False), language="en",
            touchpoint="cart-01", request=name, browser=Browser(browser, f"session-{name}", caller=before),
        )  # fmt: skip
        if before is not None and self.number[before.member] == number:
            assert got.member == before.member
            return
        assert got.member == sealed.member, "never anybody who is there already"
        self.number[got.member] = number
        self.acting[browser] = Caller(got.member, browser, Proof.DEVICE, got.session)

    @rule(browser=BROWSERS)
    def leave(self, browser: str) -> None:
        caller = self.acting.pop(browser, None)
        if caller is not None:
            assert self.ask(sessions_noun.leave, caller=caller) is True
            assert self.ask(joining.let_in, caller=caller, asking=Browser("bx", "sx")) == "not_registered"

    @rule(browser=BROWSERS)
    def leave_everywhere(self, browser: str) -> None:
        caller = self.who(browser)
        if caller is not None:
            gone = self.firm(caller.member)
            self.ask(sessions_noun.leave_everywhere, caller=caller)
            self.acting = {name: each for name, each in self.acting.items() if each.member not in gone}

    @rule(old=BROWSERS, new=BROWSERS)
    def let_in(self, old: str, new: str) -> None:
        caller, asking = self.who(old), self.who(new)
        if caller is None or old == new:
            return
        name = f"session-{self.fresh()}"
        size = len(set(self.reach(caller.member)) | (set(self.reach(asking.member)) if asking else set()))
        got = self.ask(joining.let_in, caller=caller, asking=Browser(new, name, caller=asking))
        if got == "too_many_phones":
            assert asking is None or size > MAX_PERSONS
        elif asking is None:
            assert got == name
            self.acting[new] = Caller(caller.member, new, Proof.DEVICE, name)
        else:
            assert got == asking.session
            if not self.is_one(asking.member, caller.member):
                self.linked(asking.member, caller.member, staff=False)

    @rule(old=BROWSERS, new=BROWSERS)
    def confirm(self, old: str, new: str) -> None:
        owner, joining_phone = self.who(old), self.who(new)
        if owner is None or joining_phone is None:
            return
        apart = joining_phone.member not in self.reach(owner.member)
        got = self.ask(
            joining.confirm, staff="li", session=joining_phone.session, owner=owner.member, evidence="member_card",
            most=6,
        )  # fmt: skip
        if got is True:
            assert apart
            self.linked(joining_phone.member, owner.member, staff=True)
        else:
            assert got in (False, "confirms_used_up", "too_many_phones")
            assert got is not False or not apart

    @precondition(lambda self: any(edge.staff for edge in self.edges))
    @rule(browser=BROWSERS, which=st.integers(0, 9))
    def take_back(self, browser: str, which: int) -> None:
        caller = self.who(browser)
        made = [edge for edge in self.edges if edge.staff]
        edge = made[which % len(made)]
        if caller is None:
            return
        row = self.journal.reads.one("SELECT kin FROM links WHERE link=?", edge.link)
        assert row is not None
        proven = self.is_one(edge.one, edge.other)
        may = row["kin"] in self.firm(caller.member) and not proven
        young = self.clock.now + 1000 - edge.at_ms <= UNDO_MS
        got = self.ask(joining.take_back, caller=caller, link=edge.link)
        assert got == (None if may and young else "page_outdated" if proven else "not_found" if young else "undo_over")
        if got is None:
            self.edges.remove(edge)

    @rule(browser=BROWSERS)
    def prove(self, browser: str) -> None:
        caller = self.who(browser)
        if caller is None:
            return
        number = self.number[caller.member]
        owner = self.proven.get(number)
        fresh = owner[0] if owner and self.clock.now + 1000 - owner[1] <= PROOF_MS else None
        wanted = [each for each in (fresh, self.waiting.get(number)) if each is not None]
        apart = [each for each in wanted if not self.is_one(each, caller.member)]
        before = self.journal.reads.one("SELECT count(*) AS n FROM links")
        got = self.ask(numbers.prove, caller=caller, index=number, proof_ms=PROOF_MS)
        if got == "too_many_phones":
            return
        assert got is bool(apart)
        self.proven[number] = (caller.member, self.clock.now)
        rows = self.journal.reads.all("SELECT * FROM links ORDER BY place")[before["n"] if before else 0 :]
        assert [row["kin"] for row in rows] == apart
        for row in rows:
            self.edges.append(Edge(row["member"], row["kin"], False, row["at_ms"], row["place"], row["link"]))
        self.waiting.pop(number, None)

    @rule(browser=BROWSERS)
    def erase(self, browser: str) -> None:
        caller = self.who(browser)
        if caller is None:
            return
        gone = self.firm(caller.member)
        got = self.ask(erasure.request_erasure, caller=caller, patient=False, request=self.fresh())
        if got == "erase_waits":
            return
        assert set(got.erased) == gone
        self.edges = [edge for edge in self.edges if edge.one not in gone and edge.other not in gone]
        self.acting = {name: each for name, each in self.acting.items() if each.member not in gone}
        self.proven = {name: each for name, each in self.proven.items() if each[0] not in gone}
        self.claims = {claim for claim in self.claims if claim[0] not in gone}

    @rule(browser=BROWSERS)
    def deposit(self, browser: str) -> None:
        caller = self.who(browser)
        if caller is None:
            return
        got = self.ask(lockers.deposit, codes=CODES, bank=BANK, size="S", caller=caller, request=f"d-{self.fresh()}")
        if isinstance(got, str):
            return
        self.ask(locker_doors.settle, got.id, "done", None, "lock")
        self.ask(self._keep, got.parcel)
        row = self.journal.reads.one("SELECT member, place FROM parcels WHERE parcel=?", got.parcel)
        assert row is not None
        assert row["member"] == caller.member, "a fact names the person whose browser acted"
        self.things[got.parcel] = (row["member"], row["place"])

    def _keep(self, tx: Tx, parcel: str) -> None:
        self._move(tx, parcel, "closed", "kept")

    def _move(self, tx: Tx, parcel: str, event: str, state: str) -> None:
        row = tx.one("SELECT * FROM parcels WHERE parcel=?", parcel)
        assert row is not None
        who = {name: row[name] for name in ("parcel", "bank", "door", "member")}
        tx.emit(ParcelMoved(**who, event=event, state=state, due_ms=tx.now + DAY_MS))

    @precondition(lambda self: self.things)
    @rule(browser=BROWSERS, which=st.integers(0, 9))
    def take(self, browser: str, which: int) -> None:
        caller = self.who(browser)
        parcel = sorted(self.things)[which % len(self.things)]
        if caller is None:
            return
        got = self.ask(lockers.take, parcel=parcel, caller=caller, request=f"t-{self.fresh()}")
        assert isinstance(got, str) == (parcel not in self.mine(caller.member)), (got, caller)
        assert not isinstance(got, str) or got == "parcel_unknown"
        if not isinstance(got, str):
            self.ask(locker_doors.settle, got.id, "failed", "jammed", "lock")
            self.ask(self._move, parcel, "closed", "cleared")
            del self.things[parcel]

    @rule(browser=BROWSERS, coupon=st.sampled_from(["milk", "wipes"]))
    def claim(self, browser: str, coupon: str) -> None:
        caller = self.who(browser)
        if caller is None:
            return
        hand = ClaimSource(touchpoint="screen-baby", live=self.fresh())
        got = self.ask(coupons.claim, coupon=coupon, caller=caller, hand=hand, request=self.fresh())
        if isinstance(got, str):
            return
        had = any((person, coupon) in self.claims for person in self.reach(caller.member))
        assert got.already == had
        if not had:
            self.claims.add((caller.member, coupon))

    @rule(browser=BROWSERS, points=st.sampled_from([1, 10, 100]))
    def earn(self, browser: str, points: int) -> None:
        caller = self.who(browser)
        if caller is not None:
            self.ask(self._earn, caller.member, points)
            self.tagged.add(caller.member)
            self.points[caller.member] = self.points.get(caller.member, 0) + points

    def _earn(self, tx: Tx, member: str, points: int) -> None:
        name = self.fresh()
        tx.emit(PointsBooked(member=member, points=points, reason="goodwill", key=name))
        tx.emit(MemberTagged(member=member, tag=f"tag-{member}", touchpoint="cart-01"))

    @rule(browser=BROWSERS, cart=CARTS)
    def ride(self, browser: str, cart: str) -> None:
        caller = self.who(browser)
        if caller is None:
            return
        row = self.journal.reads.one("SELECT member FROM carts WHERE cart=?", cart)
        rides = self.journal.reads.all("SELECT cart, member FROM carts WHERE member IS NOT NULL")
        family = self.reach(caller.member)
        ours = {each["cart"] for each in rides if each["member"] in family}
        got = self.ask(carts.unlock, cart=cart, caller=caller, touchpoint=cart, request=f"u-{self.fresh()}")
        assert row is not None
        if row["member"] is not None and row["member"] not in family:
            assert got in ("cart_out", "cart_busy", "already_has_cart")
        elif ours and cart not in ours:
            assert got == "already_has_cart"
        else:
            assert not isinstance(got, str), got
            self.ask(carts.settle, got.id, "done", None, "device")

    @rule(cart=CARTS)
    def bring_back(self, cart: str) -> None:
        self.ask(carts.release, cart=cart, staff="li", reason="it stands here")

    @rule(hours=st.sampled_from([1, 25, 24 * 91]))
    def later(self, hours: int) -> None:
        self.clock.now += hours * 3600_000

    # What must hold at every moment.

    @invariant()
    def everybody_sees_what_is_theirs_and_nothing_else(self) -> None:
        reads = self.journal.reads
        for caller in self.acting.values():
            seen = {each.parcel for each in locker_queries.parcels_of(reads, caller.member)}
            assert seen == self.mine(caller.member), caller
            assert {
                row["other"]: row["since"] for row in reads.all("SELECT * FROM kin WHERE member=?", caller.member)
            } == (self.reach(caller.member))
            wallet = wallets.wallet(reads, caller.member, self.clock.now)
            family, firm = self.reach(caller.member), self.firm(caller.member, later=0)
            assert {found.of.coupon for found in wallet} == {coupon for who, coupon in self.claims if who in family}
            has = ledgers.balance(reads, caller.member, self.clock.now).points
            assert has == sum(self.points.get(person, 0) for person in family)
            assert {each.tag for each in queries.tags_of(reads, caller.member)} == {
                f"tag-{person}" for person in firm if person in self.tagged
            }
            ride = cart_queries.held_by(reads, caller.member)
            taken = {row["member"] for row in reads.all("SELECT member FROM carts WHERE member IS NOT NULL")}
            assert (ride is not None) == bool(taken & set(family))
            # Two persons may each have had one before they became one: what ended stays listed, what is good is one.
            good = [found.of.coupon for found in wallet if found.state in ("now", "later", "reserved")]
            assert len(good) == len(set(good))

    @invariant()
    def sessions_are_those_that_act(self) -> None:
        rows = self.journal.reads.all("SELECT session, member FROM sessions")
        live = {(row["session"], row["member"]) for row in rows}
        assert {(each.session, each.member) for each in self.acting.values()} <= live

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        reads = self.journal.reads
        live = reads.all("SELECT parcel FROM parcels WHERE state NOT IN ('cancelled', 'collected', 'cleared')")
        assert {row["parcel"] for row in live} == set(self.things)
        taken = [row["member"] for row in reads.all("SELECT member FROM carts WHERE member IS NOT NULL")]
        assert len(taken) == len(set(taken))


# Each example opens a store: shrinking one takes minutes and tells little more than the steps themselves.
Identity.TestCase.settings = settings(
    max_examples=rounds(20, most=200),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
TestIdentity = Identity.TestCase
