"""A slip from order to paper, decision by decision, on a real journal."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.devices import decisions as devices
from edge.domain.devices import queries as device_queries
from edge.domain.devices.facts import DeviceEnrolled, DeviceRetired
from edge.domain.nouns import NOUNS
from edge.domain.printing import decisions as printing
from edge.domain.printing import queries as print_queries
from edge.domain.printing import queue as print_queue
from edge.domain.printing.queue import PrintStep, advance
from edge.domain.printing.rules import FAILOVER_MS, LOST_MS, RULES, STUCK_MS, TRY_ANYWAY_MS, Job
from edge.errors import Refusal
from edge.journal import Projections, Tx
from edge.journal.journal import Journal
from edge.journal.pruning import prune
from edge.journal.verify import verify

if TYPE_CHECKING:
    from tests.domain.conftest import SetClock

NAMES = {"zh-CN": "机", "en": "printer"}
TILL = ("printer-1", "printer-2")
ALL = (*TILL, "printer-9")


def printers(tx: Tx) -> None:
    """Two at the tills, one far away; all online with paper in."""
    known = [
        DeviceEnrolled(
            device=name,
            kind="printer",
            zone="entrance" if name in TILL else "baby",
            label=NAMES,
            at=(1.0, 1.0),
        )
        for name in ALL
    ]
    for printer in known:
        tx.emit(printer)


def online(tx: Tx, *names: str) -> None:
    for name in names or ALL:
        devices.on_presence(tx, device=name, online=True, boot="b1")


@pytest.fixture
async def shop(store: Journal) -> Journal:
    await store.write(printers)
    await store.write(online)
    for name in ALL:
        await says(store, name)
    return store


async def says(store: Journal, printer: str, paper: str = "ok", cover: str = "closed", answers: bool = True) -> None:
    await store.write(devices.on_state, device=printer, state={"paper": paper, "cover": cover, "online": answers})


async def order(store: Journal, job: str = "o-1", slip: str = "order", revision: int = 1, **more: Any) -> Job:
    where = more.pop("printer", "printer-1")
    return await store.write(
        printing.order, job=job, slip=slip, revision=revision, values={"n": job}, printer=where, **more
    )


async def step(store: Journal, printer: str = "printer-1") -> PrintStep:
    """The next step that is not just another look."""
    for _ in range(20):
        found = await store.write(advance, printer=printer)
        if found.what != "again":
            return found
    raise AssertionError("the queue turns round and round")


async def told(store: Journal, printer: str = "printer-1") -> print_queue.Attempt:
    found = await step(store, printer)
    assert found.attempt is not None, found
    return found.attempt


async def ends(store: Journal, attempt: print_queue.Attempt, outcome: str, reason: str | None = None) -> None:
    await store.write(printing.settle, str(attempt.id), outcome, reason, "device")


def state(store: Journal, job: str = "o-1", revision: int = 1) -> tuple[str, str | None, str]:
    row = store.reads.one("SELECT state, reason, printer FROM print_jobs WHERE job=? AND revision=?", job, revision)
    assert row is not None
    return row["state"], row["reason"], row["printer"]


def types(store: Journal) -> list[str]:
    return [entry.type for entry in store.after(0, 10_000) if entry.type.startswith("printing.")]


async def test_a_slip_is_ordered_told_and_printed(shop: Journal) -> None:
    await order(shop)
    attempt = await told(shop)
    assert (attempt.job, attempt.revision, attempt.printer, attempt.number, attempt.copy) == (
        "o-1", 1, "printer-1", 1, False,
    )  # fmt: skip
    assert state(shop)[0] == "printing"
    await ends(shop, attempt, "done")
    assert state(shop) == ("printed", None, "printer-1")
    assert (await step(shop)) == PrintStep("wait")
    assert types(shop) == ["printing.job_ordered.v1", "printing.attempt_begun.v1", "printing.printed.v1"]


async def test_the_same_revision_is_ordered_once_and_never_changes(shop: Journal) -> None:
    await order(shop)
    again = await order(shop, printer="printer-2")
    assert (again.printer, types(shop)) == ("printer-1", ["printing.job_ordered.v1"])
    with pytest.raises(Refusal, match="job_differs"):
        await shop.write(printing.order, job="o-1", slip="order", values={"n": "else"}, printer="printer-1")
    await order(shop, revision=2)
    assert types(shop) == ["printing.job_ordered.v1"] * 2


@pytest.mark.parametrize(
    ("asked", "code"), [({"slip": "poem"}, "slip_unknown"), ({"printer": "cart-01"}, "printer_unknown")]
)
async def test_what_cannot_be_printed_is_refused(shop: Journal, asked: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        await order(shop, **asked)
    assert types(shop) == []


async def test_the_zone_s_ready_printer_with_least_to_do_gets_it(shop: Journal) -> None:
    got = [(await order(shop, f"o-{n}", printer=None, zone="entrance")).printer for n in range(4)]
    assert got == ["printer-1", "printer-2", "printer-1", "printer-2"]
    await says(shop, "printer-1", paper="out")
    assert (await order(shop, "o-5", printer=None, zone="entrance")).printer == "printer-2"
    assert (await order(shop, "o-6", printer=None, zone="dairy")).printer == "printer-9"


async def test_one_is_under_way_per_printer_and_in_order(shop: Journal) -> None:
    for n in range(3):
        await order(shop, f"o-{n}")
    for n in range(3):
        attempt = await told(shop)
        assert attempt.job == f"o-{n}"
        assert (await told(shop)).id == attempt.id  # the same again, under the same id
        await ends(shop, attempt, "done")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"paper": "out"}, "paper_out"),
        ({"cover": "open"}, "cover_open"),
        ({"answers": False}, "no_response"),
        ({"paper": "out", "cover": "open"}, "cover_open"),
    ],
)
async def test_a_hindered_printer_holds_its_queue_and_goes_on_by_itself(
    shop: Journal, clock: SetClock, said: dict[str, Any], reason: str
) -> None:
    await says(shop, "printer-1", **said)
    await order(shop, slip="closing")
    assert (await step(shop)).what == "wait"
    assert state(shop) == ("held", reason, "printer-1")
    assert [need.kind for need in print_queries.needs(shop.reads, clock.now)] == [f"printer_{reason}"]
    assert types(shop).count("printing.held.v1") == 1
    clock.now += 5_000
    await says(shop, "printer-1")
    assert (await told(shop)).job == "o-1"
    assert print_queries.needs(shop.reads, clock.now) == []


async def test_what_a_printer_does_not_know_hinders_nothing(shop: Journal) -> None:
    await says(shop, "printer-1", paper="unknown", cover="unknown")
    await order(shop)
    assert (await told(shop)).job == "o-1"


async def test_a_sensor_that_is_stuck_stops_nothing_for_ever(shop: Journal, clock: SetClock) -> None:
    await says(shop, "printer-1", paper="out")
    await order(shop, slip="closing")
    assert (await step(shop)).what == "wait"
    clock.now += TRY_ANYWAY_MS
    attempt = await told(shop)
    await ends(shop, attempt, "failed", "paper_out")
    clock.now += TRY_ANYWAY_MS
    assert (await step(shop)).what == "wait"  # twice as long after a vain try
    clock.now += TRY_ANYWAY_MS
    assert (await told(shop)).copy is False


async def test_an_offline_printer_is_never_tried(shop: Journal, clock: SetClock) -> None:
    await shop.write(devices.on_presence, device="printer-1", online=False)
    await order(shop, slip="closing")
    clock.now += 10 * TRY_ANYWAY_MS
    assert (await step(shop)).what == "wait"
    assert state(shop) == ("held", "offline", "printer-1")


async def test_the_zone_s_other_printer_takes_over(shop: Journal, clock: SetClock) -> None:
    await says(shop, "printer-1", paper="out")
    for job in ("o-1", "o-2"):
        await order(shop, job)
    await order(shop, "day", slip="closing")
    assert (await step(shop)).what == "wait"
    clock.now += FAILOVER_MS
    assert (await step(shop)).what == "wait"
    assert state(shop, "o-1")[2] == state(shop, "o-2")[2] == "printer-2"
    assert state(shop, "day")[2] == "printer-1"  # a closing report stays where it belongs
    assert (await told(shop, "printer-2")).job == "o-1"


async def test_nobody_takes_over_in_another_zone_or_without_paper(shop: Journal, clock: SetClock) -> None:
    for name in TILL:
        await says(shop, name, paper="out")
    await order(shop)
    await step(shop)
    clock.now += FAILOVER_MS
    assert (await step(shop)).what == "wait"
    assert state(shop) == ("held", "paper_out", "printer-1")


async def test_a_failure_is_tried_again_a_little_later_and_unmarked(shop: Journal, clock: SetClock) -> None:
    await order(shop, slip="closing")
    first = await told(shop)
    await ends(shop, first, "failed", "internal")
    assert state(shop) == ("held", "internal", "printer-1")
    assert (await step(shop)).what == "wait"
    clock.now += 1000
    second = await told(shop)
    assert second.id != first.id
    assert (second.number, second.copy) == (1, False)  # the printer said that it is not on paper
    assert second.fence > first.fence
    await ends(shop, second, "already")
    assert state(shop)[0] == "printed"


async def test_a_slip_that_is_wrong_itself_is_not_tried_for_ever(shop: Journal, clock: SetClock) -> None:
    await order(shop)
    await ends(shop, await told(shop), "refused", "bad_args")
    assert state(shop) == ("failed", "bad_args", "printer-1")
    assert (await step(shop)).what == "wait"
    assert [need.kind for need in print_queries.needs(shop.reads, clock.now)] == ["print_failed"]


async def test_silence_is_asked_about_under_the_same_id(shop: Journal) -> None:
    await order(shop)
    attempt = await told(shop)
    await ends(shop, attempt, "lapsed", "no_reply")
    assert (await told(shop)).id == attempt.id
    await ends(shop, attempt, "done")
    assert state(shop)[0] == "printed"


async def test_where_the_rule_decides_the_next_print_is_a_copy(shop: Journal) -> None:
    await order(shop)
    first = await told(shop)
    await ends(shop, first, "unknown")
    second = await told(shop)
    assert second.id != first.id
    assert (second.number, second.copy) == (2, True)
    await ends(shop, second, "done")
    assert state(shop)[0] == "printed"
    assert types(shop).count("printing.doubtful.v1") == 1


@pytest.mark.parametrize(
    ("verdict", "end", "copy"), [("copy", "queued", True), ("printed", "printed", None), ("drop", "dropped", None)]
)
async def test_where_a_person_decides_nothing_is_printed_before(
    shop: Journal, clock: SetClock, verdict: Any, end: str, copy: bool | None
) -> None:
    await order(shop, slip="coupon")
    await ends(shop, await told(shop), "unknown")
    assert state(shop)[0] == "asked"
    assert (await step(shop)).what == "wait"
    need = print_queries.needs(shop.reads, clock.now)[0]
    assert (need.kind, need.action) == ("print_asked", "settle_doubt")
    assert await shop.write(printing.settle_doubt, job="o-1", revision=1, verdict=verdict, by="li")
    assert not await shop.write(printing.settle_doubt, job="o-1", revision=1, verdict=verdict, by="li")
    assert state(shop)[0] == end
    if copy is None:
        assert (await step(shop)).what == "wait"
    else:
        assert (await told(shop)).copy is copy


async def test_a_printer_that_leaves_in_the_middle_is_in_doubt_after_a_while(shop: Journal, clock: SetClock) -> None:
    await order(shop)
    first = await told(shop)
    await shop.write(devices.on_presence, device="printer-1", online=False)
    await ends(shop, first, "lapsed", "no_reply")
    clock.now += LOST_MS - 1
    assert (await step(shop)).what == "wait"
    clock.now += 1
    assert (await step(shop)).what == "wait"
    assert types(shop).count("printing.doubtful.v1") == 1
    clock.now += FAILOVER_MS
    await step(shop)
    assert (await told(shop, "printer-2")).copy is True


async def test_a_printer_that_comes_back_clears_its_doubt_itself(shop: Journal, clock: SetClock) -> None:
    await order(shop, slip="coupon")
    first = await told(shop)
    await shop.write(devices.on_presence, device="printer-1", online=False)
    await ends(shop, first, "lapsed", "no_reply")
    clock.now += LOST_MS
    await step(shop)
    assert state(shop)[0] == "asked"
    clock.now += 1000
    await shop.write(online, "printer-1")
    assert (await told(shop)).id == first.id
    await ends(shop, first, "lapsed", "no_reply")
    assert (await step(shop)).what == "wait"  # asked once for each time it comes back
    clock.now += 1000
    await says(shop, "printer-1", paper="low")
    assert (await told(shop)).id == first.id
    await ends(shop, first, "done")
    assert state(shop)[0] == "printed"
    assert types(shop).count("printing.attempt_begun.v1") == 1


async def test_a_printer_that_stays_silent_blocks_its_queue_for_two_minutes_at_most(
    shop: Journal, clock: SetClock
) -> None:
    await order(shop)
    first = await told(shop)
    await ends(shop, first, "lapsed", "no_reply")
    clock.now += STUCK_MS
    assert (await told(shop)).copy is True
    assert types(shop).count("printing.doubtful.v1") == 1


async def test_a_late_word_ends_the_job(shop: Journal, clock: SetClock) -> None:
    await says(shop, "printer-2", paper="out")
    await order(shop)
    first = await told(shop)
    await shop.write(devices.on_presence, device="printer-1", online=False)
    await ends(shop, first, "lapsed", "no_reply")
    clock.now += LOST_MS
    await step(shop)
    assert state(shop)[0] == "held"
    await ends(shop, first, "done")
    assert state(shop)[0] == "printed"
    await ends(shop, first, "done")
    assert types(shop).count("printing.printed.v1") == 1


@pytest.mark.parametrize("slip", [slip for slip, rule in RULES.items() if rule.expires_ms])
async def test_the_morning_s_slip_is_not_printed_at_noon_unless_asked(
    shop: Journal, clock: SetClock, slip: str
) -> None:
    for name in ALL:
        await says(shop, name, paper="out")
    await order(shop, slip=slip)
    await step(shop)
    clock.now += RULES[slip].expires_ms or 0
    await says(shop, "printer-1")
    assert (await step(shop)).what == "wait"
    assert state(shop)[0] == "expired"
    assert [n.kind for n in print_queries.needs(shop.reads, clock.now) if n.device == "printer-1"] == ["print_expired"]
    await shop.write(printing.reprint, job="o-1", by="li")
    attempt = await told(shop)
    assert attempt.copy is False  # it never was on paper


async def test_a_reprint_is_a_copy_and_says_who_asked(shop: Journal) -> None:
    await order(shop)
    await ends(shop, await told(shop), "done")
    for number in (2, 3):
        await shop.write(printing.reprint, job="o-1", by="li", printer="printer-2")
        await shop.write(printing.reprint, job="o-1", by="li")  # a second tap
        attempt = await told(shop, "printer-2")
        assert (attempt.number, attempt.copy) == (number, True)
        await ends(shop, attempt, "done")
    asked = [entry.body for entry in shop.after(0, 1000) if entry.type == "printing.reprint_asked.v1"]
    assert len(asked) == 2
    assert all(b'"by":"li"' in body and b'"copy":true' in body for body in asked)


async def test_what_is_out_of_order_prints_nothing(shop: Journal, clock: SetClock) -> None:
    await shop.write(devices.take_out, device="printer-1", reason="smells", by="li")
    await order(shop, slip="closing")
    assert (await step(shop)).what == "wait"
    assert state(shop) == ("held", "out_of_order", "printer-1")
    assert [need.kind for need in device_queries.needs(shop.reads, clock.now)] == ["out_of_order"]
    assert (await order(shop, "o-2", printer=None, zone="entrance")).printer == "printer-2"
    await shop.write(devices.put_back, device="printer-1", by="li")
    clock.now += 1000
    assert (await told(shop)).job == "o-1"


async def test_a_slip_nobody_wants_is_dropped_once(shop: Journal) -> None:
    await order(shop)
    assert await shop.write(printing.drop, job="o-1", revision=1, by="li")
    assert not await shop.write(printing.drop, job="o-1", revision=1, by="li")
    assert (await step(shop)).what == "wait"


async def test_a_printer_that_the_store_gave_away_leaves_its_slips_to_another(shop: Journal) -> None:
    await order(shop, "o-1")
    await order(shop, "o-2")
    attempt = await told(shop)

    def gone(tx: Tx) -> None:
        tx.emit(DeviceRetired(device="printer-1"))

    await shop.write(gone)
    await shop.write(print_queue.reassign)
    await shop.write(print_queue.reassign)
    homes = {job: state(shop, job)[2] for job in ("o-1", "o-2")}
    assert set(homes.values()) <= {"printer-2", "printer-9"}
    assert (await told(shop, homes["o-1"])).copy is True
    await ends(shop, attempt, "done")


async def test_a_copy_of_a_slip_that_began_at_a_printer_which_went_comes_out_of_another(shop: Journal) -> None:
    await order(shop, "o-1", "coupon")
    await told(shop)
    await shop.write(lambda tx: tx.emit(DeviceRetired(device="printer-1")))
    await shop.write(print_queue.reassign)
    assert state(shop, "o-1")[0] == "asked"
    assert await shop.write(printing.settle_doubt, job="o-1", revision=1, verdict="copy", by="li")
    home = state(shop, "o-1")[2]
    assert home in ("printer-2", "printer-9")
    assert (await told(shop, home)).copy is True


async def test_how_long_a_queue_waits_is_no_moment_of_a_clock(shop: Journal) -> None:
    """The box's clock may be hours ahead of the store's time, or behind it."""
    await says(shop, "printer-1", paper="out")
    await order(shop, slip="closing")
    assert (await step(shop)).wait_ms == FAILOVER_MS


async def test_a_clock_that_was_set_back_stops_nothing(shop: Journal, clock: SetClock) -> None:
    await order(shop, slip="closing")
    await ends(shop, await told(shop), "failed", "internal")
    clock.now -= 30 * 86_400_000
    assert (await told(shop)).job == "o-1"


async def test_an_end_for_an_attempt_that_nobody_began_changes_nothing(shop: Journal) -> None:
    await shop.write(printing.settle, str(uuid.uuid4()), "done", None, "device")
    assert types(shop) == []


async def leaves(shop: Journal, clock: SetClock) -> None:
    """Everything that was recorded up to now leaves the journal."""
    clock.now += 1000
    await shop.write(devices.on_state, device="printer-9", state={"paper": "low"})
    await prune(shop, shop.sequence, shop.sequence - 1, "cloud")


async def test_slips_that_are_over_leave_with_their_facts(shop: Journal, clock: SetClock) -> None:
    """Every slip that there ever was stayed in the tables."""
    for job in ("o-1", "o-2", "sale-7", "o-3"):
        await order(shop, job)
        await ends(shop, await told(shop), "done")
    fence = (shop.reads.one("SELECT max(fence) AS fence FROM print_attempts") or {})["fence"]
    await order(shop, "o-4")
    await order(shop, "o-5")
    await shop.write(printing.drop, job="o-5", revision=1, by="li")
    await leaves(shop, clock)
    assert [row["job"] for row in shop.reads.all("SELECT job FROM print_jobs")] == ["o-4"]
    left = shop.reads.all("SELECT job, fence FROM print_attempts ORDER BY fence")
    assert [(row["job"], row["fence"]) for row in left] == [("sale-7", fence - 1), ("o-3", fence)]
    assert (await told(shop)).fence > fence, "a device obeys no lower one than it has heard"
    shop.close()
    assert verify(shop.path, Projections(NOUNS)).faults == ()


async def test_whoever_asks_for_a_receipt_after_a_month_gets_a_copy(shop: Journal, clock: SetClock) -> None:
    await order(shop, "sale-7", "sale")
    await ends(shop, await told(shop), "done")
    await leaves(shop, clock)
    await order(shop, "sale-7", "sale")
    again = await told(shop)
    assert (again.copy, again.number) == (True, 2)


async def test_a_slip_that_somebody_must_decide_about_stays(shop: Journal, clock: SetClock) -> None:
    await order(shop, "coupon-1", "coupon")
    await ends(shop, await told(shop), "unknown")
    assert state(shop, "coupon-1")[0] == "asked"
    await leaves(shop, clock)
    assert await shop.write(printing.settle_doubt, job="coupon-1", revision=1, verdict="copy", by="li")
    assert (await told(shop)).copy
