"""What the journal says in words: no code where there is a word for it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from edge.web.language import Texts
from edge.web.views.journal_lines import JournalLines

WEB: Final = SimpleNamespace(
    texts=Texts.load(),
    reads=None,
    layout=SimpleNamespace(
        device_labels={}, offers={"milk": {"en": "Milk: 1 off"}}, store=SimpleNamespace(currency="CNY"),
        zone_names={}, touchpoint_labels={},
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "fact", "said"),
    [
        ("member.checked_in.v1", {"member": "a1b2c3", "streak": 1}, "a1b2c3 checked in"),
        ("member.checked_in.v1", {"member": "a1b2c3", "streak": 2}, "a1b2c3 checked in, 2 days in a row"),
        ("points.booked.v1", {"member": "a1b2c3", "points": 5, "reason": "check_in"}, "5 points for a1b2c3: Check-in"),
        ("level.changed.v1", {"member": "a1b2c3", "level": "silver"}, "a1b2c3: now Silver member"),
        ("basket.released.v1", {"why": "timed_out"}, "A basket's price stands no longer (time is up)"),
        ("payment.failed.v1", {"payment": "a1b2c3", "reason": "declined"}, "Payment a1b2c3 failed: declined"),
        ("coupon.reserved.v1", {"coupon": "milk.0f"}, "Coupon held for a basket: Milk: 1 off"),
        ("coupon.reserved.v1", {"coupon": "gone.0f"}, "Coupon held for a basket: gone.0f"),
    ],
)
def test_a_fact_is_said_without_codes(kind: str, fact: dict[str, Any], said: str) -> None:
    assert JournalLines(cast("Any", WEB)).sentence("en", kind, json.dumps(fact).encode()) == said
