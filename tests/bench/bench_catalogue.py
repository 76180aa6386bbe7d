"""The catalogue: import of 100,000 products, look-up by code, search by words.

Names are those of `--names FILE` (CSV with the columns gtin and name), or made up of a few hundred words. What real
data lacks is made up by a rule: price, size, category, brand and shelf follow from the GTIN alone. Half of the made-up
names are Chinese. Floors: the same rows into one SQLite table by `executemany`; the same row by one SELECT.
"""

from __future__ import annotations

import csv
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from edge.products.importing import import_file
from edge.products.values import StoreContext
from edge.products.version import Version
from gs1.trade import check_digit
from tests.bench.report import Goal, arguments, percentile, show

COUNT = 100_000
IMPORT_S, FIND_MS, SEARCH_MS = 30.0, 1.0, 20.0
ZH = "鲜纯有机低脂全麦原味香浓手工农家特级精选迷你经典无糖高钙冷萃山泉云南东北海盐黑椒蜂蜜红枣燕麦芝麻"
GOODS = [
    "牛奶",
    "酸奶",
    "面包",
    "饼干",
    "苹果汁",
    "绿茶",
    "豆腐",
    "酱油",
    "大米",
    "面条",
    "火腿肠",
    "巧克力",
    "奶酪",
    "鸡蛋",
]
EN = [
    "Organic",
    "Fresh",
    "Whole",
    "Classic",
    "Crème",
    "Wild",
    "Smoked",
    "Dark",
    "Mini",
    "Original",
    "Gourmet",
    "Bio",
    "Rich",
]
THINGS = ["milk", "yoghurt", "bread", "biscuits", "apple juice", "green tea", "tofu", "soy sauce", "rice", "noodles",
          "ham", "chocolate", "cheese", "eggs", "café", "müsli", "jalapeño dip", "crème fraîche"]  # fmt: skip
SHELVES = ("shelf-dairy", "shelf-fruit", "shelf-bakery", "shelf-baby")
QUESTIONS = {
    "Chinese, 1 letter": ["奶", "茶", "牛", "面", "鲜"],
    "Chinese, 2 letters": ["牛奶", "豆腐", "酱油", "绿茶", "有机"],
    "Chinese, 3 and more": ["苹果汁", "巧克力", "火腿肠", "有机牛奶", "低脂酸奶", "云南红枣牛奶"],
    "Latin, 1 and 2 letters": ["m", "c", "de", "ch", "mi"],
    "Latin, words": ["milk", "chocolate", "creme", "café", "yoghurt", "CHOC"],
    "Latin, several words": ["dark chocolate", "soy sauce organic", "bio milk", "apple juice"],
    "Within words": ["ocolat", "heese", "iscui", "oodle"],
    "Nothing to find": ["zzqx", "鑫鑫鑫", "qqq www"],
}


def made_up(count: int) -> Iterator[tuple[str, str]]:
    """Codes and names, the same each time."""
    chance = random.Random(20261122)
    for number in range(count):
        digits = f"952{number:09d}"
        if chance.random() < 0.5:
            name = "".join(chance.sample(ZH, 2)) + chance.choice(GOODS) + f" {chance.choice((100, 250, 500, 950))}克"
        else:
            name = f"{chance.choice(EN)} {chance.choice(EN)} {chance.choice(THINGS)} {chance.randint(1, 99)}"
        yield f"{digits}{check_digit(digits)}", name


def write(path: Path, products: Iterator[tuple[str, str]]) -> list[tuple[Any, ...]]:
    """The file to import; its rows. Price, size, category, brand and shelf follow from the code."""
    rows = []
    for gtin, name in products:
        key = int(gtin[:-1]) * 2654435761 % 2**32
        price, shelf = f"{(key % 9900 + 100) / 100:.2f}", SHELVES[key % 4] if key % 3 == 0 else ""
        size, category = f"{key % 19 * 50 + 50} g", f"category-{key % 200}"
        rows.append((gtin, name, price, size, category, f"Brand {key % 900}", shelf, "no" if key % 11 == 0 else "yes"))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("gtin", "name", "price", "size", "category", "brand", "shelf", "here"))
        writer.writerows(rows)
    return rows


def timed(act: Callable[[], Any], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each round: by the clock, and of the processor alone.

    The second is what the code costs; the first is that and what else the machine was busy with.
    """
    clock, own = [], []
    for _ in range(rounds):
        began, began_own = time.perf_counter(), time.thread_time()
        act()
        own.append((time.thread_time() - began_own) * 1000)
        clock.append((time.perf_counter() - began) * 1000)
    return clock, own


def bare(path: Path, rows: list[tuple[Any, ...]]) -> tuple[float, sqlite3.Connection]:
    """Seconds to put the rows into one table with a unique code, durably; the connection to read them again."""
    began = time.perf_counter()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bare (gtin TEXT PRIMARY KEY, name, price, size, category, brand, shelf, here)")
    with connection:
        connection.executemany("INSERT OR IGNORE INTO bare VALUES (?,?,?,?,?,?,?,?)", rows)
    return time.perf_counter() - began, connection


def look_up(version: Version, floor: sqlite3.Connection, codes: list[str]) -> Goal:
    """By code, against one SELECT."""
    chance = random.Random(1)
    picked = [chance.choice(codes) for _ in range(20_000)]
    ours, theirs = iter(picked), iter(picked)
    took, _ = timed(lambda: version.find(next(ours)), len(picked))
    select, _ = timed(lambda: floor.execute("SELECT * FROM bare WHERE gtin=?", (next(theirs),)).fetchone(), len(picked))
    p50, p99, least = percentile(took, 50), percentile(took, 99), percentile(select, 50)
    return Goal(
        f"by code under {FIND_MS:g} ms",
        f"p50 {p50 * 1000:.1f} µs, p99 {p99 * 1000:.1f} µs",
        f"{p50 / least:.1f} times a bare SELECT ({least * 1000:.1f} µs)",
        p99 < FIND_MS,
    )


def searches(version: Version, rounds: int, least_ms: float) -> list[Goal]:
    """By words, kind by kind."""
    goals = []
    for kind, questions in QUESTIONS.items():
        runs = [timed(lambda words=words: version.search(words), rounds) for words in questions]  # type: ignore[misc]
        took, own = ([each for run in runs for each in run[side]] for side in (0, 1))
        found = sum(bool(version.search(words)) for words in questions)
        p50, p99 = percentile(own, 50), percentile(own, 99)
        measured = f"processor p50 {p50:.2f} ms, p99 {p99:.2f} ms; by the clock {_pair(took)}"
        answered = f"{found} of {len(questions)} find something"
        ratio = f"{p50 / least_ms:.0f} times a bare SELECT"
        goals.append(Goal(f"{kind}: under {SEARCH_MS:g} ms", f"{measured}; {answered}", ratio, p99 < SEARCH_MS))
    return goals


def _pair(took: list[float]) -> str:
    return f"p50 {percentile(took, 50):.2f} ms, p99 {percentile(took, 99):.2f} ms"


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--names", type=Path, help="CSV of real products: gtin, name")
    chosen = parser.parse_args()
    count = 5_000 if chosen.quick else COUNT
    with tempfile.TemporaryDirectory() as folder:
        names = made_up(count)
        if chosen.names:
            with chosen.names.open(encoding="utf-8", newline="") as file:
                names = iter([(row["gtin"], row["name"]) for row in islice(csv.DictReader(file), count)])
        rows = write(Path(folder) / "products.csv", names)
        floor_s, floor = bare(Path(folder) / "bare.db", rows)
        began, began_own = time.perf_counter(), time.process_time()
        done = import_file(
            Path(folder) / "products.csv", Path(folder) / "catalogue", StoreContext(shelves=frozenset(SHELVES))
        )
        took, own = time.perf_counter() - began, time.process_time() - began_own
        assert done.built
        size = done.built.path.stat().st_size / 1e6
        version = Version(done.built.path)
        imported = Goal(
            f"import of {count:,} under {IMPORT_S:g} s",
            f"{took:.1f} s ({own:.1f} s of processor), {done.good:,} good, {done.bad_lines} bad lines, {size:.0f} MB",
            f"{took / floor_s:.0f} times a bare executemany ({floor_s:.2f} s)",
            took < IMPORT_S,
        )
        by_code = look_up(version, floor, [row[0] for row in rows])
        least, _ = timed(lambda: floor.execute("SELECT * FROM bare WHERE gtin=?", (rows[7][0],)).fetchone(), 2000)
        goals = [imported, by_code, *searches(version, 5 if chosen.quick else 100, percentile(least, 50))]
        show("Products" + (f", names of {chosen.names.name}" if chosen.names else ", made-up names"), goals)
        floor.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
