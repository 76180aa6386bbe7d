"""Whatever value a decision is given, at whichever edge: it costs its caller alone, and the tables stay true."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceCameOnline, DeviceReported
from edge.domain.lockers import doors as locker_doors
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import decisions as touchpoints
from edge.journal import Projections, Tx
from edge.journal.journal import Journal
from edge.journal.verify import verify
from tests.domain.conftest import come_online, furnish
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Callable

DEEP: Any = "bottom"
for _ in range(980):
    DEEP = [DEEP]

EDGES: Final = [
    *(sign * (2**power + step) for power in (31, 53, 63, 64, 200) for step in (-1, 0, 1) for sign in (1, -1)),
    0, -1, 10**4400, 1e308, -1e308, 5e-324, -0.0, float("nan"), float("inf"), float("-inf"),
    True, False, None, "", "\x00", "a\x00b", "\ud800", "\udfff", "\u202e", "😀", "x" * 70_000, "é" * 600_000,
    b"\xff", [], {}, DEEP, {"deep": DEEP}, {"\ud800": 1}, {1: 2}, [None] * 1000, object(), 1j, ..., (1, 2), {1, 2},
]  # fmt: skip

VALUES: Final = st.one_of(
    st.sampled_from(EDGES), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)
)


def report(tx: Tx, **given: Any) -> Any:
    event = {"device": "cart-01", "boot": "b", "seq": 1, "at": "", "event": "moved", "data": {}} | given
    return devices.on_report(tx, DeviceReported(**event), patient=False)


DECISIONS: Final[list[tuple[Callable[..., Any], dict[str, Any]]]] = [
    (report, {"device": "cart-01", "boot": "b", "seq": 1, "at": "", "event": "moved", "data": {}}),
    (devices.on_presence, {"device": "cart-01", "online": True, "boot": "b", "firmware": ""}),
    (devices.on_state, {"device": "screen-baby", "state": {}}),
    (carts.on_state, {"cart": "cart-01", "lock": "locked", "docked": True}),
    (carts.on_event, {"cart": "cart-01", "event": "docked"}),
    (cart_care.on_charge, {"cart": "cart-01", "charge": 0.1}),
    (cart_care.on_event, {"device": "cart-01", "event": "docked", "data": {}}),
    (locker_doors.on_state, {"bank": "bank-1", "doors": {}}),
    (locker_doors.on_event, {"bank": "bank-1", "event": "door_opened", "door": "01"}),
    (devices.take_out, {"device": "cart-02", "reason": "broken", "by": "ben"}),
    (devices.put_back, {"device": "cart-02", "by": "ben"}),
    (touchpoints.scanned, {"touchpoint": "cart-01", "visitor": "v", "member": None, "shown_ms": 1}),
    (carts.settle, {"grant": "g", "outcome": "done", "reason": None, "hop": "device"}),
]


@st.composite
def asked(draw: Callable[..., Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A decision with some of its values at the edge."""
    decision, plain = draw(st.sampled_from(DECISIONS))
    odd = draw(st.lists(st.sampled_from(sorted(plain)), min_size=1, max_size=3, unique=True))
    return decision, {**plain, **{name: draw(VALUES) for name in odd}}


def good(tx: Tx, number: int) -> int:
    tx.emit(DeviceCameOnline(device="cart-03", boot=str(number)))
    return number


async def live(path: Path, calls: list[tuple[Callable[..., Any], dict[str, Any]]]) -> None:
    journal = Journal(path, NOUNS)
    await journal.write(furnish)
    await journal.write(come_online)
    writes = []
    for number, (decision, values) in enumerate(calls):
        writes += [journal.write(decision, **values), journal.write(good, number)]
    async with asyncio.timeout(60):
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert results[1::2] == list(range(len(calls)))
        assert all(isinstance(result, Exception) or not isinstance(result, BaseException) for result in results)
        assert await journal.write(good, 1) == 1
    assert journal.pulse.writes
    journal.close()


@trials(max_examples=rounds(40, most=400), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(asked(), min_size=1, max_size=30))
def test_every_value_costs_its_caller_alone(calls: list[tuple[Callable[..., Any], dict[str, Any]]]) -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(live(Path(folder) / "s.db", calls))
            assert verify(Path(folder) / "s.db", Projections(NOUNS)).faults == ()
    finally:
        structlog.reset_defaults()
