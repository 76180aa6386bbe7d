"""Prices: 50 lines, 200 campaigns and 10 coupons; beside the compute functions of Medusa's promotion module.

Baskets come from `tests/bench/offers_generator.py` with its seed. Ours are timed once each, as a shopper meets them,
from campaigns that were made ready once, as the store has them, to the quote with its reasons and hash.
The peer gets the same goods and offers without thresholds, which
its service filters by its database before; its load time and database do not count. Both sides are told in time of
the processor alone, so that what else the machine does counts for neither; only the time box is held against the
clock. Beside the times stands which of
the worked-out cases that it can express come out right. The dense store is one whose offers match about 14 of the 50
lines each, as the peer was measured with when the target was set: there the sets are too many to be proven, and ours
is in the time box, on the processor's clock.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.gateway.campaign_trial import MAX_BASKETS, CampaignTrial, PaidBasket
from edge.gateway.time_box import TimeBox
from edge.products.product import Product
from pricing.basket import Basket, Goods
from pricing.campaigns import Campaign, Nth, Off, Percent, Selector
from pricing.positions import unit_price
from pricing.price import price
from pricing.quote import Quote, QuoteLine
from pricing.rulebook import Rulebook
from tests.bench.offers_generator import SEED, Case, dense, percents, store, unrelated
from tests.bench.place import cache
from tests.bench.report import Goal, arguments, percentile, show
from tests.pricing.golden import GOLDEN, Golden
from tests.pricing.goods import basket

PEER: Final = "2.21.2"
PACKAGES: Final = (f"@medusajs/promotion@{PEER}", f"@medusajs/framework@{PEER}")
NOW_MS: Final = 1_767_225_600_000
SCRIPT: Final = Path(__file__).with_name("medusa") / "price.js"
Clock = Callable[[], float]


def ours(cases: list[Case], box: Clock | None = None) -> tuple[list[float], list[Quote]]:
    """Milliseconds of the processor, and quotes; in a time box, by its clock."""
    took, quotes = [], []
    clock = box or time.thread_time
    for case in cases:
        rulebook = Rulebook(case.campaigns)
        began = clock()
        quotes.append(
            price(
                case.basket, catalogue=case.catalogue, campaigns=rulebook, wallet=case.wallet, now_ms=NOW_MS,
                stop=TimeBox(box) if box else None,
            )
        )  # fmt: skip
        took.append((clock() - began) * 1000)
    return took, quotes


def made_ready(cases: list[Case]) -> Goal:
    """What the store does once for each edition of its campaigns, and not for each basket."""
    began = time.thread_time()
    for case in cases:
        Rulebook(case.campaigns)
    took = (time.thread_time() - began) * 1000 / len(cases)
    return Goal("200 campaigns made ready, once for all baskets", f"{took:.1f} ms", "", None)


def tried() -> Goal:
    """What `storekeeper campaigns check` does with the last 1,000 paid baskets, once for each set of campaigns."""
    case, dice = store(0), random.Random(SEED)
    kinds = sorted(case.catalogue)
    paid = [
        PaidBasket(str(number), tuple(_bought(dice, case.catalogue[dice.choice(kinds)], n) for n in range(8)), NOW_MS)
        for number in range(MAX_BASKETS)
    ]
    began = time.thread_time()
    CampaignTrial(paid, dict[str, Product]().get, "Asia/Shanghai", "CNY").run(case.campaigns)
    took = time.thread_time() - began
    return Goal(f"{MAX_BASKETS:,} paid baskets of 8 lines priced again by 200 campaigns", f"{took:.2f} s", "", None)


def _bought(dice: random.Random, goods: Goods, number: int) -> QuoteLine:
    count = dice.choice((1, 1, 2))
    whole = goods.price * count
    return QuoteLine(id=str(number), gtin=goods.gtin, quantity=count, shelf=whole, pay=whole, unit=goods.price)


def install() -> Path | None:
    """The folder of the peer's packages; none, with a word about it, where there is no npm or it cannot install."""
    home = cache() / "medusa"
    if (home / "node_modules" / "@medusajs" / "promotion").exists():
        return home / "node_modules"
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("peer: skipped, npm and node are not installed")
        return None
    home.mkdir(parents=True, exist_ok=True)
    print("peer: installing Medusa's promotion module, once")
    command = ["npm", "install", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    if subprocess.run([*command, "--prefix", str(home), *PACKAGES], capture_output=True, check=False).returncode:
        print("peer: skipped, npm could not install it")
        return None
    return home / "node_modules"


def theirs(modules: Path, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the peer says of each: milliseconds of each round, total of what it takes off."""
    said = subprocess.run(
        ["node", str(SCRIPT), str(modules)],
        input="\n".join(json.dumps(each) for each in given), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]


def asked(lines: Basket, catalogue: dict[str, Goods], campaigns: list[Campaign], rounds: int) -> dict[str, Any]:
    """A basket and its offers in the peer's words, in the order of its service: buy-get first, then by value."""
    items = []
    for line in lines.lines:
        goods = catalogue[line.gtin]
        whole = unit_price(line, goods) * line.quantity
        items.append({
            "id": line.id, "product": line.gtin, "category": goods.category, "quantity": line.quantity,
            "subtotal": whole, "original_total": whole, "unit_price": unit_price(line, goods),
            "is_discountable": not goods.no_offers,
        })  # fmt: skip
    promotions = [_promotion(each) for each in campaigns]
    promotions.sort(key=lambda each: (each["type"] != "buyget", -each["application_method"]["value"]))
    return {"items": items, "promotions": promotions, "rounds": rounds}


def _promotion(campaign: Campaign) -> dict[str, Any]:
    benefit = campaign.benefit
    rules = _rules(campaign.when.goods)
    method: dict[str, Any] = {"target_type": "items", "target_rules": rules, "allocation": "across"}
    kind = "standard"
    if isinstance(benefit, Nth):
        kind = "buyget"
        method |= {
            "type": "percentage", "value": benefit.bp / 100, "allocation": "each", "max_quantity": benefit.times or 100,
            "buy_rules": rules or [{"attribute": "items.on_sale", "operator": "eq", "values": [{"value": "yes"}]}],
            "buy_rules_min_quantity": benefit.n - 1, "apply_to_quantity": 1,
        }  # fmt: skip
        method["target_rules"] = method["buy_rules"]
    elif isinstance(benefit, Percent):
        method |= {"type": "percentage", "value": benefit.bp / 100}
    elif isinstance(benefit, Off):
        method |= {"type": "fixed", "value": benefit.amount}
    return {"code": campaign.id, "type": kind, "is_tax_inclusive": False, "application_method": method}


def _rules(goods: Selector) -> list[dict[str, Any]]:
    pairs = (("product", goods.products), ("category", goods.categories))
    return [
        {"attribute": f"items.{name}", "operator": "in", "values": [{"value": value} for value in values]}
        for name, values in pairs
        if values
    ]


def expressible(case: Golden) -> bool:
    """Whether the peer has words for it: one offer, money or percent off the basket, or the n-th unit."""
    if len(case.offers) != 1 or case.ends or case.offers[0].claim:
        return False
    each, benefit = case.offers[0], case.offers[0].benefit
    if each.when.min_spend or each.when.spend_of or "A" in case.basket:
        return False
    if isinstance(benefit, Off | Percent):
        return not (getattr(benefit, "per", 0) or getattr(benefit, "most", 0))
    return isinstance(benefit, Nth)


def right(modules: Path) -> str:
    """How many of the worked-out cases that the peer can express it gets right, and which it does not."""
    cases = [case for case in GOLDEN if expressible(case)]
    said = theirs(modules, [_marked(asked(*basket(case.basket), list(case.offers), 1)) for case in cases])
    wrong = [
        case.number for case, each in zip(cases, said, strict=True) if abs(each["total"] - sum(case.discounts)) > 1e-9
    ]
    return f"{len(cases) - len(wrong)} of {len(cases)} it has words for (not: {', '.join(map(str, wrong)) or 'none'})"


def _marked(given: dict[str, Any]) -> dict[str, Any]:
    return given | {"items": [each | {"on_sale": "yes"} for each in given["items"]]}


def timed(
    name: str, make: Callable[[int], Case], count: int, bar_ms: float, modules: Path | None, box: Clock | None = None
) -> list[Goal]:
    """One mix: ours against its bar, and against the peer."""
    cases = [make(number) for number in range(count)]
    took, quotes = ours(cases, box)
    p50, p95 = percentile(took, 50), percentile(took, 95)
    rest = [quote for quote in quotes if not quote.exact]
    exact = f"exact in {len(quotes) - len(rest)} of {len(quotes)}"
    if rest:
        shares = sorted(quote.bound / (quote.discount + quote.bound) for quote in rest)
        exact += f", else at most {shares[len(shares) // 2]:.0%} more could be saved (median)"
    goals = [Goal(f"{name}: p95 ≤ {bar_ms:g} ms", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, {exact}", "", p95 <= bar_ms)]
    if modules is None:
        return goals
    some = cases[: max(3, count // 10)]
    said = theirs(modules, [_marked(asked(each.basket, each.catalogue, each.campaigns, 3)) for each in some])
    peer = [each for one in said for each in one["took"]]
    peer50, peer95 = percentile(peer, 50), percentile(peer, 95)
    actions = percentile([each["actions"] for each in said], 50)
    ratio = (
        f"{peer50 / p50:.1f} times as fast as the peer at p50 ({peer50:.0f} ms), {peer95 / p95:.1f} at p95"
        f" ({peer95:.0f} ms); {actions:,.0f} actions of its"
    )
    return [*goals, Goal(f"{name}: ≥ 20 times the peer", f"p50 {p50:.1f} ms", ratio, peer50 >= 20 * p50)]


def main() -> int:
    quick = arguments(__doc__).parse_args().quick
    count = 20 if quick else 200
    modules = install()
    goals = timed("50 lines, 200 campaigns, 10 coupons", store, count, 5.0, modules)
    goals += timed("a dense store, in the time box", dense, count // 2, 30.0, modules, time.thread_time)
    goals += timed("20 percent coupons in 4 groups", percents, count, 10.0, modules)
    goals += timed("20 unrelated offers, no clock", unrelated, count // 2, 30.0, None)
    goals += timed("20 unrelated offers, in the time box, waited", unrelated, count // 2, 30.0, None, time.perf_counter)
    goals += [made_ready([store(number) for number in range(10)]), tried()]
    goals.append(Goal("worked-out cases", "50 of 50", f"the peer: {right(modules)}" if modules else "no peer", None))
    show(f"Offers, seed {SEED}, beside Medusa {PEER}", goals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
