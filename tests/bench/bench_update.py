"""How long a store is closed for an update, with a long past: `python -m tests.bench.bench_update`.

A real store: gateway, Mosquitto, one cart; updated by the command, rehearsal and all. The floor is a restart.
The clock runs from the order to stop until the new version is ready.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path

from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings.settings import Settings, load
from tests.bench.history import Past
from tests.bench.report import Goal, arguments, show
from tests.faults.house import CART, PLENTY
from tests.operations.updates.real_box import NEW_FACT, RealBox

MAX_S = 10.0


async def fill(box: RealBox, facts: int) -> None:
    """The store's past."""
    journal = Journal(box.data / "storekeeper.db", NOUNS)
    try:
        vault = Vault(await store_key.take(journal, box.data))
        past = Past(journal, of_before(box), vault)
        await past.open()
        await past.fill(facts)
    finally:
        journal.close()


def of_before(box: RealBox) -> Settings:
    """The store had more carts then, and milk."""
    folder = box.folder / "before"
    shutil.copytree(box.config, folder)
    store = folder / "store.toml"
    store.write_text(store.read_text("utf-8").replace(f'id = "{PLENTY}"', 'id = "milk"'), "utf-8")
    with (folder / "devices.toml").open("a", encoding="utf-8") as devices:
        devices.writelines(CART.format(f"cart-{number}") for number in range(10, 60))
    return load(folder)


def restart(box: RealBox) -> float:
    began = time.monotonic()
    box.act("stop")
    box.act("start")
    box.wait()
    return time.monotonic() - began


def closed(box: RealBox, *words: str) -> float:
    box.update(*words)
    last = json.loads((box.state / "update.json").read_bytes())["last"]
    assert last["installed"], last
    return int(last["closed_ms"]) / 1000


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    facts = 5_000 if chosen.quick else 300_000
    with tempfile.TemporaryDirectory() as folder:
        box = RealBox(Path(folder))
        for version, site in (("1.0.0", ""), ("1.1.0", ""), ("1.2.0", NEW_FACT)):
            box.lay(version, site=site)
        asyncio.run(fill(box, facts))
        with box:
            box.run("1.0.0")
            floor = min(restart(box) for _ in range(2))
            same = closed(box, "to", "1.1.0", "--now")
            other = closed(box, "to", "1.2.0", "--now")
            back = closed(box, "back", "--now")
            anew = closed(box, "to", "1.2.0", "--now", "--unrehearsed", "--within", "600")
    rows = (
        ("to a version with the same tables", same, True),
        ("to a version whose tables differ, made beforehand", other, True),
        ("and back again", back, True),
        ("to the same without a rehearsal: tables made anew while it is closed (no target)", anew, False),
    )
    show(
        f"Update, {facts:,} facts",
        [
            Goal(
                f"{what}{f': closed ≤ {MAX_S:.0f} s' if judged else ''}",
                f"{took:.1f} s",
                f"{took / floor:.2f} of a restart ({floor:.1f} s)",
                took <= MAX_S if judged else None,
            )
            for what, took, judged in rows
        ],
    )


if __name__ == "__main__":
    main()
