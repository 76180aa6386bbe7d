"""The tables of `docs/standards.md`: their counts are right, and every test, file and command that they name exists."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import pytest

from tests.edge_cli.test_operate_docs import parsed
from tests.shape.source import ROOT

TEXT = (ROOT / "docs" / "standards.md").read_text("utf-8")
STATES = ("met", "partly", "not")
LEVEL_2 = "e59a5850847c4015bd89bbb5ff172866ff428081f475d54245058f8b6162a018"
"""SHA-256 of the 253 numbers of levels 1 and 2 in ASVS 5.0.0, in order, a space between."""
ETSI = [f"5.{number}" for number in range(1, 14)]
CRA = ["(1)", *(f"(2)({letter})" for letter in "abcdefghijklm"), *(f"II ({number})" for number in range(1, 9))]
SUM = {
    "ETSI EN 303 645 (V2.1.1": "ETSI",
    "Cyber Resilience Act, R": "CRA Annex I",
    "OWASP ASVS 5.0.0, level": "ASVS L2",
}


class Row(NamedTuple):
    """One line of a table."""

    number: str
    state: str
    shown: str
    missing: str


def chapter(title: str) -> str:
    return TEXT.partition(f"\n## {title}")[2].partition("\n## ")[0]


def rows(text: str) -> list[Row]:
    cells = [[each.strip() for each in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    found = [Row(each[0], each[2], each[3], each[4] if len(each) > 4 else "") for each in cells if len(each) > 3]
    return [row for row in found if re.search(r"\d", row.number)]


ETSI_ROWS, CRA_ROWS, ASVS_ROWS = map(rows, map(chapter, ("ETSI", "Cyber Resilience Act", "OWASP")))
AWAY = re.findall(r"\d+\.\d+\.\d+", chapter("OWASP").partition("These do not apply")[2].replace("(6.3.3", ""))


def met(some: list[Row]) -> int:
    return sum(row.state == "met" for row in some)


def test_every_provision_has_its_row() -> None:
    assert [row.number for row in ETSI_ROWS] == [*ETSI, "6"]
    assert [row.number for row in CRA_ROWS] == CRA
    asvs = [row.number for row in ASVS_ROWS] + AWAY
    assert len(asvs) == len(set(asvs)) == 253
    order = " ".join(sorted(asvs, key=lambda number: [int(part) for part in number.split(".")]))
    assert hashlib.sha256(order.encode()).hexdigest() == LEVEL_2


def test_the_counts_are_those_of_the_tables() -> None:
    said = {
        "ETSI": f"{met(ETSI_ROWS[:-1])} of 13",
        "CRA Annex I": f"{met(CRA_ROWS)} of {len(CRA)}",
        "ASVS L2": f"{met(ASVS_ROWS)} of {len(ASVS_ROWS)} that apply",
    }
    top = {
        SUM[name[:23]]: count for name, count in re.findall(r"^\| (\w[^|]+) \| (\d+ of [^|]+) \|$", TEXT, re.MULTILINE)
    }
    assert top == said
    plain = " ".join((ROOT / "docs" / "security.md").read_text("utf-8").split())
    for name, count in said.items():
        assert f"{name} {count}" in plain, f"docs/security.md: {name} {count}"


@pytest.mark.parametrize("row", [*ETSI_ROWS, *CRA_ROWS, *ASVS_ROWS], ids=lambda row: row.number)
def test_what_is_met_is_shown_and_what_is_not_says_what_is_missing(row: Row) -> None:
    assert row.state in STATES
    if row.state == "met":
        assert row.missing == ""
        assert re.search(r"`|\]\(|the same", row.shown), "a test, a file or a page"
    else:
        assert row.missing or row.shown


def test_what_is_named_exists() -> None:
    tests = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", TEXT)) - tests == set()
    files = re.findall(r"`([\w.-]+/[\w./-]+|[A-Z]+\.md|pyproject\.toml)`", TEXT)
    links = [f"docs/{link}" for link in re.findall(r"\]\(((?!http)[^)#]+)\)", TEXT)]
    assert [name for name in (*files, *links) if not (ROOT / name).exists()] == []
    for command in re.findall(r"`storekeeper ([\w ]+)`", TEXT):
        parsed(command.split())
