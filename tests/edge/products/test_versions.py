"""Versions come into force whole: by a running gateway, by the command line, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import Result
from typer.testing import CliRunner

from edge.cli.app import app
from edge.domain.catalogue import decisions as catalogue
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from edge.products import Product, Products
from edge.products.build import Built, build
from edge.products.versions import KEEP, VersionSwitch, been_in_force, lying
from tests.edge.products.conftest import LOAF, MILK, line
from tests.web.running import CONFIG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from edge.journal import Tx

ROOT = Path(__file__).parents[3]


def make(folder: Path, price: int) -> Built:
    milk, loaf = (Product(code.zfill(14), {"en": name}, price) for code, name in ((MILK, "Milk"), (LOAF, "Loaf")))
    return build(folder, [(1, milk), (2, loaf)])


class Shop:
    """A journal, a switch and the products that follow it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "catalogue"
        self.journal = Journal(folder / "storekeeper.db", NOUNS)
        self.products = Products(self.folder)
        self.products.open(self.journal.reads)
        self.switch = VersionSwitch(self.journal, self.folder)
        self.journal.watch(lambda placed: [self.products.notice(fact) for _, fact in placed] and None)

    def price(self, code: str = MILK) -> int | None:
        found = self.products.find(code)
        return found.price if found else None


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.journal.close()


async def test_a_version_comes_into_force_and_goes_back(shop: Shop) -> None:
    first, second = make(shop.folder, 100), make(shop.folder, 200)
    assert shop.price() is None
    assert await shop.switch.activate(first.version, "li")
    assert not await shop.switch.activate(first.version, "li"), "once"
    assert shop.price() == 100
    await shop.switch.activate(second.version, "li")
    assert (shop.price(), shop.products.version) == (200, second.version)
    assert await shop.switch.roll_back(second.version, "li") == first.version
    assert await shop.switch.roll_back(second.version, "li") == first.version, "asked twice goes back once"
    assert shop.price() == 100
    with pytest.raises(Refusal, match="catalogue_no_older"):
        await shop.switch.roll_back(first.version, "li")
    types = [entry.type for entry in shop.journal.after(0, 10)]
    assert types == ["catalogue.activated.v1", "catalogue.activated.v1", "catalogue.rolled_back.v1"]


async def test_back_and_forth_is_the_same_after_a_rebuild(shop: Shop, tmp_path: Path) -> None:
    built = [make(shop.folder, price) for price in (100, 200, 300)]
    for version in (0, 1, 0, 2):
        await shop.switch.activate(built[version].version, "li")
    await shop.switch.roll_back(built[2].version, "li")
    before = been_in_force(shop.journal.reads)
    assert before == [built[place].version for place in (0, 1, 0)]
    shop.journal.close()
    path = tmp_path / "storekeeper.db"
    assert verify(path, Projections(NOUNS)).faults == ()
    connection = open_writer(str(path))
    rebuild(connection, Projections(NOUNS))
    rows = connection.execute("SELECT version FROM catalogue_versions ORDER BY place DESC").fetchall()
    connection.close()
    assert [row[0] for row in rows] == before


async def test_whoever_holds_a_version_reads_on_in_it(shop: Shop) -> None:
    first, second = make(shop.folder, 100), make(shop.folder, 200)
    await shop.switch.activate(first.version, "li")
    held = shop.products.current
    await shop.switch.activate(second.version, "li")
    assert held
    old, new = held.find(MILK), held.find(LOAF)
    assert old
    assert new
    assert (old.price, new.price, shop.price()) == (100, 100, 200)


async def test_a_damaged_or_missing_file_never_comes_into_force(shop: Shop) -> None:
    good, bad = make(shop.folder, 100), make(shop.folder, 200)
    await shop.switch.activate(good.version, "li")
    whole = bad.path.read_bytes()
    bad.path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Refusal, match="catalogue_damaged"):
        await shop.switch.activate(bad.version, "li")
    bad.path.unlink()
    for name in (bad.version, "../../etc/x", "000000000000"):
        with pytest.raises(Refusal, match="catalogue_unknown"):
            await shop.switch.activate(name, "li")
    assert shop.price() == 100


async def test_a_start_takes_up_what_was_in_force_and_says_nothing_from_a_damaged_file(
    shop: Shop, tmp_path: Path
) -> None:
    built = make(shop.folder, 100)
    await shop.switch.activate(built.version, "li")
    shop.journal.close()
    again = Shop(tmp_path)
    await again.products.prove(again.journal.reads)
    assert again.price() == 100
    again.journal.close()
    whole = bytearray(built.path.read_bytes())
    whole[-1] ^= 1
    built.path.write_bytes(whole)
    damaged = Shop(tmp_path)
    await damaged.products.prove(damaged.journal.reads)
    assert damaged.price() is None
    damaged.journal.close()
    built.path.unlink()
    gone = Shop(tmp_path)
    assert (gone.price(), gone.products.version, gone.products.seek("milk").products) == (None, None, [])
    gone.journal.close()


async def test_old_versions_go_by_the_rule(shop: Shop) -> None:
    never = make(shop.folder, 999)
    built = []
    for price in range(1, 2 * KEEP + 4):
        built.append(make(shop.folder, price))
        await shop.switch.activate(built[-1].version, "li")
    left = {each.version for each in lying(shop.folder)}
    assert {each.version for each in built[-KEEP:]} <= left
    assert never.version not in left, "what came after it and went out of force is younger"
    assert len(left) == 2 * KEEP


async def test_a_decision_that_is_not_committed_changes_nothing(shop: Shop) -> None:
    first, second = make(shop.folder, 100), make(shop.folder, 200)
    await shop.switch.activate(first.version, "li")
    with pytest.raises(ZeroDivisionError):
        await shop.journal.write(lambda tx: _then_fail(tx, second))
    assert shop.price() == 100


def _then_fail(tx: Tx, built: Built) -> None:
    catalogue.activate(tx, version=built.version, sha256=built.sha256, count=2, by="li")
    raise ZeroDivisionError


def storekeeper(*arguments: str, data: Path) -> Result:
    asked = ["catalogue", *arguments, "-c", str(CONFIG), "-d", str(data)]
    return CliRunner().invoke(app, asked, env={"COLUMNS": "200"})


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str, str], Path]:
    def of(name: str, price: str) -> Path:
        path = tmp_path / name
        bad = line(price="x")
        path.write_text("\n".join(json.dumps(each) for each in (line(LOAF, price=price), bad)), "utf-8")
        return path

    return of


def test_the_commands_without_a_gateway(files: Callable[[str, str], Path], tmp_path: Path) -> None:
    data = tmp_path / "data"
    checked = storekeeper("check", str(files("a.jsonl", "1.00")), data=data)
    assert (checked.exit_code, "line 2, price: 'x'" in checked.stdout) == (1, True)
    for name, price in (("a.jsonl", "1.00"), ("b.jsonl", "2.00")):
        done = storekeeper("import", str(files(name, price)), "--activate", data=data)
        assert (done.exit_code, "It is in force." in done.stdout) == (0, True), done.output
    assert (data / "catalogue" / "mistakes-b.csv").read_text("utf-8-sig").splitlines()[1].startswith("2,price,x")
    assert "¥2.00" in storekeeper("find", "milk", data=data).stdout
    assert storekeeper("rollback", data=data).exit_code == 0
    assert "¥1.00" in storekeeper("find", LOAF, data=data).stdout
    listed = storekeeper("list", data=data).stdout
    assert [row.split()[1:3] for row in listed.splitlines()[1:]] == [["in", "force"], ["built", "only"]]
    refused = storekeeper("rollback", data=data)
    assert (refused.exit_code, "no older version" in refused.stderr) == (1, True)
