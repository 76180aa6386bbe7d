# ruff: noqa: E501 - settings stand as they are written
"""`storekeeper campaigns check`: each campaign in words, and what a change would have cost on the baskets that were paid."""

from __future__ import annotations

import asyncio
import json
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.domain.campaigns import decisions as campaigns
from edge.domain.nouns import NOUNS
from edge.domain.orders.facts import OrderLine, OrderPaid
from edge.gateway.campaign_trial import CampaignTrial, PaidBasket
from edge.journal.journal import Journal
from edge.products.product import Product
from edge.settings.settings import load
from pricing.quote import QuoteLine, Used
from tests.edge_cli.test_campaign_files import without_campaigns

if TYPE_CHECKING:
    from edge.journal import Tx

EXAMPLE = Path(__file__).parents[2] / "config"
NOON = int(datetime(2026, 11, 20, 4, tzinfo=UTC).timestamp() * 1000)
"""Noon in Shanghai, on no member day."""
YOGHURT, MILK, NAPPIES = "09521101500271", "09521101500219", "09521101500813"
HEAD = '[[campaigns]]\nid = "{id}"\nname = {{ zh-CN = "一", en = "One", de = "Eins" }}\n'


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose store sells what the example sells."""
    data = tmp_path_factory.mktemp("sells")
    command = ["catalogue", "import", str(EXAMPLE / "products.jsonl"), "--activate", "--data", str(data)]
    done = CliRunner().invoke(app, [*command, "--config", str(EXAMPLE)])
    assert done.exit_code == 0, done.output
    return data


@pytest.fixture
def data(catalogue: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(catalogue, tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return without_campaigns(tmp_path)


def write(folder: Path, *texts: str) -> None:
    (folder / "campaigns" / "a.toml").write_text("\n".join(texts), "utf-8")


def line(gtin: str, unit: int, quantity: int) -> OrderLine:
    return OrderLine(id=gtin, gtin=gtin, quantity=quantity, shelf=unit * quantity, pay=unit * quantity, unit=unit)


def paid(number: int, *lines: OrderLine, member: str = "", used: tuple[Used, ...] = ()) -> OrderPaid:
    total = sum(each.shelf for each in lines)
    return OrderPaid(
        basket=f"basket-{number}", currency="CNY", total=total, shelf=total, discount=0, lines=lines, quote="",
        as_of_ms=NOON + number * 60_000, member=member, used=used,
    )  # fmt: skip


def fill(data: Path, in_force: Path, *orders: OrderPaid) -> None:
    """A store that works by these campaigns, and has sold this."""

    def happen(tx: Tx) -> None:
        campaigns.activate(tx, load(in_force).campaigns, "settings")
        for order in orders:
            tx.emit(order)

    async def write_all() -> None:
        journal = Journal(data / "storekeeper.db", NOUNS)
        try:
            await journal.write(happen)
        finally:
            journal.close()

    asyncio.run(write_all())


def check(folder: Path, data: Path, *options: str) -> dict[str, Any]:
    command = ["campaigns", "check", str(folder), "--config", str(folder), "--data", str(data), "--json", *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


HALF = (
    HEAD.format(id="half")
    + f'goods = {{ products = ["{YOGHURT}"] }}\nbenefit = {{ kind = "nth", n = 2, percent = 50 }}\n'
)


def test_the_example_is_good_and_each_campaign_gives_something(data: Path) -> None:
    found = check(EXAMPLE, data)
    assert found["remarks"] == []
    assert len(found["campaigns"]) == len(load(EXAMPLE).campaigns)
    by_name = {each["id"]: each for each in found["campaigns"]}
    assert by_name["yoghurt-half"]["example"] == "e.g. 2 × Plain yoghurt: ¥25.80 → ¥19.35"
    assert by_name["butter-add-on"]["rule"].endswith("on Unsalted butter · from ¥20.00 of Bread, Pastry")
    assert all("→" in each["example"] for each in found["campaigns"])
    assert found["none_why"].startswith("No basket was paid here yet")


def test_a_gift_may_be_another_one_of_what_is_bought(folder: Path, data: Path) -> None:
    one = f'goods = {{ products = ["{MILK}"] }}\nbenefit = {{ kind = "gift", products = ["{MILK}"] }}\n'
    write(folder, HEAD.format(id="one-more") + one)
    (said,) = check(folder, data)["campaigns"]
    assert said["example"].startswith("e.g. 2 × ")
    assert not said["remark"]


def test_what_a_new_campaign_would_have_cost(folder: Path, data: Path) -> None:
    fill(data, folder, *(paid(number, line(YOGHURT, 1290, 1 + number % 2)) for number in range(10)))
    write(folder, HALF)
    cost = check(folder, data)["cost"]
    assert (cost["baskets"], cost["cheaper"], cost["dearer"]) == (10, 5, 0)
    assert (cost["now"]["discount"], cost["new"]["discount"]) == (0, 5 * 645)
    assert cost["new"]["by_campaign"] == {"half": {"baskets": 5, "amount": 5 * 645}}
    assert cost["now"]["shelf"] == 15 * 1290


def test_each_bag_costs_what_its_label_said() -> None:
    bags = [
        QuoteLine(id=str(cost), gtin="02000101000006", quantity=1, shelf=cost, pay=cost, unit=cost)
        for cost in (690, 1280)
    ]
    trial = CampaignTrial([PaidBasket("o", tuple(bags), NOON)], dict[str, Product]().get, "Asia/Shanghai", "CNY")
    assert trial.run(()).shelf == 690 + 1280


def test_what_it_would_cost_to_take_one_away(folder: Path, data: Path) -> None:
    write(folder, HALF)
    fill(data, folder, *(paid(number, line(YOGHURT, 1290, 2)) for number in range(3)))
    (folder / "campaigns" / "a.toml").unlink()
    done = CliRunner().invoke(app, ["campaigns", "check", str(folder), "--config", str(folder), "--data", str(data)])
    assert "On the last 3 paid baskets (2026-11-20 to 2026-11-20, ¥77.40 on the shelf):" in done.stdout
    assert "0 baskets would have been cheaper, 3 dearer." in done.stdout
    assert f"{'−¥19.35':>14}" in done.stdout
    assert "half" in done.stdout


def test_limits_run_along_and_coupons_count_as_they_were_used(folder: Path, data: Path) -> None:
    coupon = (
        HEAD.format(id="milk-1")
        + f'claim = true\ngoods = {{ products = ["{MILK}"] }}\nbenefit = {{ kind = "off", amount = 100 }}\n'
    )
    flash = (
        HEAD.format(id="flash")
        + f'goods = {{ products = ["{YOGHURT}"] }}\nbenefit = {{ kind = "price", price = 990 }}\nlimits = {{ store_day = 3 }}\n'
    )
    write(folder, coupon)
    used = (Used(campaign="milk-1", amount=100, coupon="milk-1.x"),)
    fill(
        data,
        folder,
        paid(1, line(MILK, 1290, 1), used=used, member="anna"),
        paid(2, line(MILK, 1290, 1), member="ben"),
        *(paid(3 + number, line(YOGHURT, 1290, 1)) for number in range(5)),
        paid(8, line(MILK, 1290, 1), member="anna"),  # who has used hers
    )
    write(folder, coupon, flash)
    cost = check(folder, data)["cost"]
    assert cost["now"]["by_campaign"] == {"milk-1": {"baskets": 1, "amount": 100}}
    assert cost["new"]["by_campaign"]["flash"] == {"baskets": 3, "amount": 900}
    everybody = check(folder, data, "--everybody")["cost"]
    assert everybody["new"]["by_campaign"]["milk-1"] == {"baskets": 2, "amount": 200}


def test_what_deserves_a_second_look(folder: Path, data: Path) -> None:
    write(
        folder,
        HEAD.format(id="dear") + f'goods = {{ products = ["{MILK}"] }}\nbenefit = {{ kind = "price", price = 1290 }}\n',
        HEAD.format(id="kind") + 'goods = { categories = ["mlk"] }\nbenefit = { kind = "off", amount = 1 }\n',
        HEAD.format(id="code") + 'goods = { products = ["4006381333931"] }\nbenefit = { kind = "off", amount = 1 }\n',
        HEAD.format(id="brand") + 'goods = { brands = ["Chenmo"] }\nbenefit = { kind = "off", amount = 1 }\n',
        HEAD.format(id="over") + 'benefit = { kind = "off", amount = 1 }\nwhen = { until = 2020-01-01 }\n',
        HEAD.format(id="ways") + 'benefit = { kind = "off", amount = 1 }\nwhen = { paid_by = ["wechat", "card"] }\n',
        HEAD.format(id="c1") + 'claim = true\nbenefit = { kind = "off", amount = 1 }\nbudget = { uses = 5 }\n',
        HEAD.format(id="c2").replace(', de = "Eins"', "") + 'claim = true\nbenefit = { kind = "off", amount = 1 }\n',
    )
    assert check(folder, data)["remarks"] == [
        "c2: its name is missing in de: another language stands there",
        "c2: everybody can claim it without end: [campaigns.budget] uses says how many there are",
        "over: it has ended: take it out of its file",
        'ways: "card" is none of counter, wechat, terminal, simulated: it holds only at a till that says so',
        'brand: no good of the catalogue in force has the brand "Chenmo"; did you mean "Chenmu"?',
        "code: the catalogue in force has no product 04006381333931",
        'kind: no good of the catalogue in force has the category "mlk"; did you mean "milk"?',
        "c1 and c2 can be used together on the same goods: give both one group, or exclude one",
        "brand: this store sells nothing that it could be used for",
        "code: this store sells nothing that it could be used for",
        "dear: it gives nothing beyond the shelf price",
        "kind: this store sells nothing that it could be used for",
    ]


def test_mistakes_end_it_with_their_lines(folder: Path, data: Path) -> None:
    write(folder, HEAD.format(id="one") + 'benefit = { kind = "of" }\n')
    command = ["campaigns", "check", "--config", str(folder), "--data", str(data)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "campaigns/a.toml:4: benefit: expected one of off, percent" in done.stderr
    found = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert (found["good"], found["mistakes"][0]["line"]) == (False, 4)


def test_a_box_that_has_sold_nothing_and_a_folder_that_is_none(folder: Path, tmp_path: Path) -> None:
    found = check(folder, tmp_path / "nothing")
    assert found["campaigns"] == []
    assert not (tmp_path / "nothing").exists()
    done = CliRunner().invoke(app, ["campaigns", "check", str(tmp_path / "gone")])
    assert (done.exit_code, "there is no folder" in done.stderr) == (2, True)


def test_the_schema_for_editors_is_current_and_the_example_fits_it() -> None:
    made = CliRunner().invoke(app, ["campaigns", "schema"]).stdout
    kept = EXAMPLE.parent / "docs" / "schemas" / "campaigns.json"
    assert kept.read_text("utf-8") == made, "run: storekeeper campaigns schema > docs/schemas/campaigns.json"
    found = json.loads(made)
    assert found["$defs"]["WhenSettings"]["properties"]["from"]["anyOf"][0]
    assert found["$defs"]["CampaignSettings"]["properties"]["id"]["description"]
    import jsonschema  # its formats take longer to import than all tests of this file take to run

    validator = jsonschema.Draft202012Validator(found)
    for file in sorted((EXAMPLE / "campaigns").glob("*.toml")):
        assert list(validator.iter_errors(tomllib.loads(file.read_text("utf-8")))) == []
    wrong = {"campaigns": [{"id": "a1", "name": {"en": "x"}, "benefit": {"kind": "off", "amuont": 5}}]}
    assert list(validator.iter_errors(wrong))
