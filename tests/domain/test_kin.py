"""What staff confirmed can be taken back for a day: until then nothing of one is the other's, whatever is asked."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import edge

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS = {
    "members.family_tables": "makes kin",
    "members.queries:is_new": "new is who is new on each of their phones",
    "members.queries:related": "no second link",
    "members.queries:joined_firmly": "firm by proof alone",
    "members.queries:family": "counts phones",
    "members.queries:waiting_for": "whom nobody acts for",
    "members.queries:confirmed_links": "shown to staff",
    "members.queries:unreminded": "who wants no reminders gets none",
    "orders.queries:trust": "a bound: looked at more closely, whoever it was",
    "orders.queries:first_orders": "counts of the whole store",
    "ledger.promoting": "a bound: what brings a promoter nothing",
    "ledger.queries:owing": "asked with the same condition, for staff",
    "lockers.decisions:_begin": "whether there is such a person",
    "lockers.decisions:_refuse_too_many": "a bound on doors",
    "coupons.decisions:_claim": "whether there is such a person",
    "coupons.making:was_given": "a bound: once for a person",
    "coupons.making:_next": "a number that nobody of them has had",
}


def questions() -> Iterator[tuple[str, str]]:
    """Where kin is asked without the condition, and the text."""
    root = Path(edge.__file__).parent
    for path in sorted((root / "domain").rglob("*.py")):
        module = ".".join(path.relative_to(root / "domain").with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        for top in tree.body:
            name = getattr(top, "name", "")
            inner = {id(value) for node in ast.walk(top) if isinstance(node, ast.JoinedStr) for value in node.values}
            for node in ast.walk(top):
                if id(node) in inner or not isinstance(node, (ast.JoinedStr, ast.Constant)):
                    continue
                text = ast.unparse(node)
                if re.search(r"\b(FROM|JOIN) kin\b", text) and "FIRM" not in text and ".since" not in text:
                    yield f"{module}:{name}", text


def test_whoever_asks_for_a_persons_things_asks_whether_the_link_is_firm() -> None:
    found = {where: text for where, text in questions() if not {where, where.partition(":")[0]} & set(COUNTS)}
    assert found == {}


def test_what_needs_no_condition_is_still_there() -> None:
    found = {each for where, _ in questions() for each in (where, where.partition(":")[0])}
    assert set(COUNTS) <= found
