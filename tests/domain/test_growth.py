"""What is asked all day, and what leaves at night, costs no more for all that went before: in SQLite's own steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from edge.domain.baskets.holding import tidy
from edge.domain.carts import tables as carts
from edge.domain.coupons.queries import claim_obstacle
from edge.domain.coupons.rules import ClaimRules, ClaimSource
from edge.domain.coupons.sources import of_campaign, offered
from edge.domain.devices.queries import devices
from edge.domain.displays.facts import DisplayShown, Interval
from edge.domain.displays.tables import APPLIES as DISPLAYS
from edge.domain.lockers.decisions import _refuse_too_many
from edge.domain.lockers.needs import needs as locker_needs
from edge.domain.lockers.serving import spots
from edge.domain.members.queries import holds
from edge.domain.nouns import NOUNS
from edge.domain.printing import tables as printing
from edge.domain.printing.queries import needs as print_needs
from edge.domain.printing.queries import printers
from edge.journal import Entry, Projections, Rows, tables
from edge.journal.packing import known_to
from pricing.campaigns import Campaign, Off

ENTRY = Entry(1, b"", b"", "", 0, 0, b"", b"", b"")


class Shop:
    """Every noun's tables, and what is asked of them."""

    now = 0

    def __init__(self) -> None:
        self.tables = sqlite3.connect(":memory:", isolation_level=None)
        self.tables.row_factory = sqlite3.Row
        known_to(self.tables)
        tables.create(self.tables, Projections(NOUNS))

    def all(self, sql: str, *params: Any) -> list[sqlite3.Row]:
        return self.tables.execute(sql, params).fetchall()

    def one(self, sql: str, *params: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.tables.execute(sql, params).fetchone()
        return row

    def fill(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            marks = ",".join(f":{name}" for name in row)
            self.tables.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({marks})", row)

    def steps(self, asked: Callable[[], object]) -> int:
        """The steps that an answer takes, by tens."""
        count = 0

        def one_more() -> None:
            nonlocal count
            count += 1

        self.tables.set_progress_handler(one_more, 10)
        asked()
        self.tables.set_progress_handler(None, 0)
        return count


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_bank_s_screen_costs_the_same_after_many_openings(shop: Shop) -> None:
    """When a bank opened last was looked for among all openings, once for each door."""
    shop.fill("doors", ({"bank": "b", "door": f"{number}", "size": "M"} for number in range(20)))

    def opened(numbers: range) -> None:
        shop.fill(
            "openings",
            ({"grant_id": f"{n}", "bank": "b", "request": f"{n}", "state": "opened", "ended_ms": n} for n in numbers),
        )

    opened(range(10))
    before = shop.steps(lambda: spots(shop, 0))
    opened(range(10, 3000))
    assert shop.steps(lambda: spots(shop, 0)) < 2 * before


def test_a_printer_s_queue_costs_the_same_after_many_slips(shop: Shop) -> None:
    """What waits for a printer was counted among all slips that there ever were, at each step of each printer."""
    shop.fill("devices", ({"device": f"p{number}", "kind": "printer"} for number in range(3)))

    def printed(numbers: range, state: str) -> None:
        shop.fill("print_jobs", ({"job": f"{n}", "revision": 1, "printer": "p1", "state": state} for n in numbers))

    for number, state in enumerate(("queued", "held", "printing", "asked", "failed")):
        printed(range(number, number + 1), state)
    before = shop.steps(lambda: printers(shop))
    printed(range(10, 3000), "printed")
    assert [printer.waiting for printer in printers(shop)] == [0, 3, 0]
    assert shop.steps(lambda: printers(shop)) < 2 * before


@pytest.mark.parametrize(
    ("asked", "table", "over"),
    [
        (lambda shop: print_needs(shop, 10**9), "print_jobs", {"revision": 1, "printer": "p", "state": "printed"}),
        (lambda shop: locker_needs(shop, 0), "parcels", {"state": "collected"}),
        (lambda shop: holds(shop, ["m"]), "parcels", {"state": "collected"}),
        (lambda shop: _refuse_too_many(shop, "m"), "parcels", {"state": "collected"}),
        (tidy, "baskets", {"state": "paid"}),
    ],
    ids=["prints", "parcels", "holds", "deposit", "baskets"],
)
def test_what_is_over_costs_nobody_anything(
    shop: Shop, asked: Callable[[Shop], object], table: str, over: dict[str, Any]
) -> None:
    """Slips, parcels and baskets that had ended were gone through one by one."""
    name = {"print_jobs": "job", "parcels": "parcel", "baskets": "basket"}[table]
    more = {"parcels": {"place": 0}, "print_jobs": {"since_ms": 0}, "baskets": {"changed_ms": 0}}[table]
    shop.fill("kin", [{"member": "m", "other": "m", "since": 0}])
    shop.fill("baskets", [{"basket": "open", "state": "open", "changed_ms": 1}])
    shop.fill(table, ({name: f"{n}", **more, **over} for n in range(10)))
    before = shop.steps(lambda: asked(shop))
    shop.fill(table, ({name: f"{n}", **more, **over} for n in range(10, 3000)))
    assert shop.steps(lambda: asked(shop)) < 2 * max(before, 10)


def test_a_coupon_costs_the_same_among_many_campaigns(shop: Shop) -> None:
    """Each claim went through every campaign of the store, twice."""

    def campaigns(numbers: range) -> None:
        of = (Campaign(id=f"c{n}", benefit=Off(amount=100), claim=True) for n in numbers)
        rows = ({"campaign": each.id, "definition": msgspec.json.encode(each).decode()} for each in of)
        shop.fill("campaigns", ({**row, "version": 1, "withdrawn": 0, "paused": 0} for row in rows))
        shop.fill("coupon_counts", ({"campaign": f"c{n}", "claimed": n, "printed": 0} for n in numbers))

    campaigns(range(5))
    before = shop.steps(lambda: offered(shop, "c4"))
    campaigns(range(5, 500))
    assert shop.steps(lambda: offered(shop, "c4")) < 2 * max(before, 10)
    found = offered(shop, "c4")
    assert found is not None
    assert (found.coupon, found.claimed) == ("c4", 4)


def test_what_is_asked_of_screens_costs_the_same_among_many_carts(shop: Shop) -> None:
    """Each claim, and each look for a printer or a screen, went through every cart of the store."""

    def stand(kind: str, numbers: range) -> None:
        rows = ({"device": f"{kind}{n}", "kind": kind, "zone": "z", "label": "{}", "at": "[0,0]"} for n in numbers)
        shop.fill("devices", ({**row, "online": 1, "state": ""} for row in rows))

    def ask() -> None:
        here = of_campaign(Campaign(id="c", benefit=Off(amount=1), claim=True), (0, 0), withdrawn=False, paused=False)
        assert claim_obstacle(shop, here, hand=ClaimSource(touchpoint="door"), rules=ClaimRules(), now_ms=0) is None
        assert len(devices(shop, "screen")) == 3

    shop.fill("touchpoints", [{"touchpoint": "door", "purpose": "shelf", "zone": "z", "label": "{}", "at": "[0,0]"}])
    stand("screen", range(3))
    stand("cart", range(3))
    before = shop.steps(ask)
    stand("cart", range(3, 3000))
    assert shop.steps(ask) < 2 * max(before, 10)


def test_rides_leave_at_a_cost_that_does_not_grow_with_the_carts() -> None:
    """Each ride was held against every cart. Who has a cart now, and how each was unlocked last, stays."""

    def leave(count: int) -> int:
        shop = Shop()
        shop.fill("carts", ({"cart": f"c{n}", "grant_id": f"{n}", "last_grant": f"{n + 1}"} for n in range(count)))
        shop.fill(
            "grants", ({"grant_id": f"{n}", "request": f"{n}", "state": "unlocked", "ended_ms": n} for n in range(1000))
        )
        steps = shop.steps(lambda: [shop.one(statement, 1000) for statement in carts.ENDS])
        assert shop.all("SELECT count(*) AS n FROM grants")[0]["n"] == count + 1
        return steps

    assert leave(200) < 2 * leave(2)


def test_figures_of_screens_cost_the_same_after_many_hours(shop: Shop) -> None:
    """What each had shown was summed up over all hours and items, whenever the monitoring asked."""
    (metrics,) = next(noun.metrics for noun in NOUNS if noun.name == "displays")

    def shown(numbers: range) -> None:
        facts = (
            DisplayShown(device="s", zone="z", boot="b", intervals=(
                Interval(n=n + 1, playlist="p", item="i", content="c", from_ms=n * 3_600_000, ms=1000, kind="picture",
                         owner="", lit="yes"),))
            for n in numbers
        )  # fmt: skip
        for fact in facts:
            DISPLAYS[DisplayShown](Rows(shop.tables), ENTRY, fact)

    shown(range(10))
    before = shop.steps(lambda: list(metrics(shop)))
    shown(range(10, 3000))
    assert next(iter(metrics(shop))).samples == {("s",): 3000.0}
    assert shop.steps(lambda: list(metrics(shop))) < 2 * max(before, 10)


def test_slips_leave_at_a_cost_that_does_not_grow_with_what_stays(shop: Shop) -> None:
    """Orders whose receipt was printed go on to be known; looking for what is over passes them by."""

    def printed(job: str, numbers: range) -> None:
        of = [{"job": f"{job}-{n}", "revision": 1, "printer": "p1", "state": "printed"} for n in numbers]
        shop.fill("print_jobs", ({**row, "since_ms": row_at} for row_at, row in enumerate(of)))
        shop.fill(
            "print_attempts",
            ({**row, "attempt": f"{row['job']}", "fence": at, "ended_ms": at} for at, row in enumerate(of)),
        )

    def leave() -> int:
        return shop.steps(lambda: [shop.one(statement, 10**6) for statement in printing.ENDS])

    printed("way", range(100))
    before = leave()
    printed("sale", range(3000))
    leave()
    printed("way", range(100, 200))
    assert leave() < 2 * before
    assert shop.all("SELECT count(*) AS n FROM print_jobs")[0]["n"] == 0
    assert shop.all("SELECT count(*) AS n FROM print_attempts WHERE job LIKE 'sale-%'")[0]["n"] == 3000
