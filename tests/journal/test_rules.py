"""Whoever changes what a fact does to its tables raises the noun's version: old rows would stay otherwise."""

from __future__ import annotations

import json

import pytest

from edge.domain.nouns import NOUNS
from edge.journal.unknown import SUBJECTS
from tests.journal import rules


def test_changed_rules_have_a_new_version() -> None:
    pinned = json.loads(rules.PINNED.read_text(encoding="utf-8"))
    if pinned["python"] != rules.PYTHON:
        pytest.skip(f"the digests are those of Python {pinned['python']}")
    now = rules.state()
    assert list(rules.mistakes(pinned["nouns"], now)) == []
    assert now == pinned["nouns"], "a version was raised, or a noun is new: run python -m tests.journal.rules"


def test_a_change_without_a_version_is_named() -> None:
    now = rules.state()
    before = json.loads(json.dumps(now))
    assert list(rules.mistakes(before, now)) == []
    before["carts"]["of"]["edge.domain.carts._unlocked"] = "0" * 16
    (said,) = rules.mistakes(before, now)
    assert "'carts'" in said
    assert "edge.domain.carts._unlocked" in said
    assert "rules=2" in said
    before["carts"]["rules"] = now["carts"]["rules"] - 1
    assert list(rules.mistakes(before, now)) == []


def test_what_rules_use_counts() -> None:
    """The functions of other modules, the facts themselves, and the SQL in a constant."""
    found = rules.digests(next(noun for noun in NOUNS if noun.name == "lockers"))
    assert "edge.domain.lockers.ParcelMoved" in found
    assert "edge.domain.lockers._moved" in found


NO_IDS = {"member_card", "member_id", "customer", "cart_id", "device_id", "bank_id", "door_id", "order_id", "coupon_id"}


def test_ids_have_their_uniform_names() -> None:
    """So that an earlier build knows what a fact touches that it does not know (`edge.journal.unknown`)."""
    fields = {field for noun in NOUNS for fact in noun.facts for field in fact.__struct_fields__}
    assert not fields & NO_IDS, f"name an id as one of {sorted(SUBJECTS)}"
    assert not {field for field in fields if field.endswith(("_id", "_ids"))}
