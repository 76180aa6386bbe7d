"""The whole domain on a real journal file."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.domain.carts import decisions as carts
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.facts import CouponOffered
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceEnrolled
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from edge.domain.members.rules import SealedPhone
from edge.domain.nouns import NOUNS
from edge.domain.store.decisions import define_zones
from edge.domain.store.facts import ZoneDefined
from edge.domain.touchpoints import decisions as touchpoints
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.journal import Clock, Tx
from edge.journal.journal import Journal
from tests.callers import browser_of, member_of
from tests.domain.locking import Bank, build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class SetClock(Clock):
    """A clock that a test sets. The domain reads time only through the transaction, so this is all it takes."""

    now = 1_790_000_000_000

    def wall_ms(self) -> int:
        return self.now


def person(number: int) -> SealedPhone:
    """A number as the vault would seal it. The vault has tests of its own; here only equality matters."""
    return SealedPhone(member_of(number), f"index-{number}", "sealed", b"wrapped")


AGREED = Consents(service=True, marketing=False)


def furnish(tx: Tx, cart_count: int = 3) -> None:
    """A small store: two zones, some carts, a screen, two coupons."""
    names = {"zh-CN": "区", "en": "zone"}
    define_zones(tx, [ZoneDefined(zone=zone, name=names, plan=(0.0, 0.0, 5.0, 5.0)) for zone in ("entrance", "baby")])
    things = [(f"cart-{i:02}", "cart", "entrance") for i in range(1, cart_count + 1)]
    things.append(("screen-baby", "screen", "baby"))
    devices.enrol(
        tx,
        [DeviceEnrolled(device=d, kind=kind, zone=zone, label=names, at=(1.0, 1.0)) for d, kind, zone in things],
    )
    touchpoints.define(
        tx,
        [
            TouchpointDefined(
                touchpoint=d,
                purpose="cart" if kind == "cart" else "screen",
                zone=zone,
                label=names,
                at=(1.0, 1.0),
                device=d,
            )
            for d, kind, zone in things
        ],
    )
    coupons.offer(tx, [offer("milk", stock=2), offer("wipes", stock=100, ends_ms=SetClock.now + 60_000)])
    carts.stock(tx, [d for d, kind, _ in things if kind == "cart"])


def come_online(tx: Tx, cart_count: int = 3) -> None:
    for number in range(1, cart_count + 1):
        devices.on_presence(tx, device=f"cart-{number:02}", online=True, boot="b1")


def offer(coupon: str, *, stock: int, ends_ms: int | None = None) -> CouponOffered:
    words = {"zh-CN": coupon, "en": coupon}
    return CouponOffered(
        coupon=coupon,
        zone="baby",
        title=words,
        subtitle=words,
        price=1290,
        was=1980,
        stock=stock,
        art="milk",
        tint="#D9E8F8",
        ends_ms=ends_ms,
    )


def join(tx: Tx, number: int) -> str:
    """A registered member."""
    return members.make_member(
        tx,
        sealed=person(number),
        consents=AGREED,
        language="zh-CN",
        touchpoint="cart-01",
        request=f"reg-{number}",
        browser=browser_of(person(number).member),
    ).member


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing happened: to make its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "store.db"

    async def make() -> None:
        Journal(path, NOUNS).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def store(blank: Path, tmp_path: Path, clock: SetClock) -> AsyncIterator[Journal]:
    journal = Journal(Path(shutil.copy(blank, tmp_path)), NOUNS, clock=clock)
    await journal.write(furnish)
    await journal.write(come_online)
    yield journal
    journal.close()


@pytest.fixture
async def bank(store: Journal) -> Bank:
    await store.write(build)
    made = Bank(store)
    await made.look()
    return made


@pytest.fixture
async def anna(store: Journal) -> str:
    return await store.write(join, 1)


@pytest.fixture
async def ben(store: Journal) -> str:
    return await store.write(join, 2)
