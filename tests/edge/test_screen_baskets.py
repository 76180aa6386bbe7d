"""Self-checkout at a screen: scanned goods lie in a basket, which is the member's once they show their code."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from edge.bootstrap.gateway import open_gateway
from edge.domain.baskets import queries
from edge.domain.baskets.rules import BasketRules
from edge.domain.catalogue.decisions import activate
from edge.products.importing import import_file
from edge.products.references import store_of
from gs1.trade import check_digit
from tests.edge.conftest import join, settings_for, until
from tests.edge.test_scans import SCANNER, SCREEN, Device, member_code, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

MILK = "6901234567892"
LINES = (
    {"gtin": MILK, "name_en": "Milk", "name_zh": "鲜牛奶", "price": "12.90"},
    {"gtin": "2000101000006", "name_en": "Apples", "name_zh": "苹果", "price": "12.80", "sold_by": "kg"},
)


@asynccontextmanager
async def checkout(broker: Broker, data: Path, *screens: str) -> AsyncIterator[Gateway]:
    settings = settings_for(broker, data)
    cart = next(device for device in settings.devices if device.id == "cart-01")
    more = [cart.model_copy(update={"id": SCANNER, "kind": "scanner", "zone": "checkout"})]
    more.append(cart.model_copy(update={"id": SCREEN, "kind": "screen", "zone": "checkout"}))
    wanted = {"devices": (*settings.devices, *more), "baskets": BasketRules(screens=screens)}
    async with open_gateway(settings.model_copy(update=wanted)) as gateway:
        await until(lambda: gateway.devices.bus.connected)
        file = data / "products.jsonl"
        file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), "utf-8")
        made = import_file(file, gateway.lookup.products.folder, store_of(settings)).built
        assert made is not None
        await gateway.decide(activate, version=made.version, sha256=made.sha256, count=made.count, by="test")
        yield gateway


async def test_what_is_scanned_is_in_the_basket_of_whoever_shows_a_code(broker: Broker, tmp_path: Path) -> None:
    scanner, screen = Device(broker, SCANNER, "scanner"), Device(broker, SCREEN, "screen")
    try:
        async with checkout(broker, tmp_path, SCREEN) as gateway:
            member = await join(gateway)
            await read(gateway, scanner, MILK, "ean13")
            await until(lambda: any("1 in the basket, ¥12.90" in each["note"]["en"] for each in screen.scenes()))
            await read(gateway, scanner, await member_code(gateway, member))
            name = queries.of_member(gateway.reads, member)
            assert name is not None
            label = "200010101234"
            await read(gateway, scanner, label + str(check_digit(label)), "ean13")
            await until(lambda: any("2 in your basket, ¥28.70" in each["note"]["en"] for each in screen.scenes()))
            found = queries.now(gateway.reads, name)
            assert found is not None
            assert [(line.quantity, line.grams, line.how, line.at) for line in found.lines] == [
                (1, None, "scanner", SCREEN),
                (1, 1234, "scanner", SCREEN),
            ]
            await read(gateway, scanner, "4012345678901", "ean13")
            await until(lambda: screen.scenes()[-1]["title"]["en"] == "Not put into the basket")
    finally:
        scanner.stop()
        screen.stop()


async def test_at_every_other_screen_a_product_is_only_shown(broker: Broker, tmp_path: Path) -> None:
    scanner, screen = Device(broker, SCANNER, "scanner"), Device(broker, SCREEN, "screen")
    try:
        async with checkout(broker, tmp_path) as gateway:
            await read(gateway, scanner, MILK, "ean13")
            await until(lambda: any(each["type"] == "product" for each in screen.scenes()))
            assert gateway.reads.all("SELECT basket FROM baskets") == []
    finally:
        scanner.stop()
        screen.stop()


async def test_what_is_done_of_a_new_catalogue_is_kept_no_longer(broker: Broker, tmp_path: Path) -> None:
    """Each catalogue that came into force left its task behind, for as long as the gateway ran."""
    async with checkout(broker, tmp_path) as gateway:
        await until(lambda: not any(task.get_name() == "prices" for task in gateway._tasks))
        assert gateway._tasks, "what runs is kept"
