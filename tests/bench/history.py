"""A store's past: visits made by real decisions through the real journal, as many facts as wished."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

from edge.domain.carts import decisions as carts
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import ClaimSource
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceReported
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import decisions as touchpoints
from edge.errors import Refusal
from edge.gateway.configure import take_over
from edge.journal.journal import Journal
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from tests.callers import browser_of, by

VISITS_A_MEMBER = 8


class Past:
    """Fills a journal: each cart is used by one shopper after the other, all carts at the same time."""

    def __init__(self, journal: Journal, settings: Settings, vault: Vault) -> None:
        self._journal = journal
        self._settings = settings
        self._vault = vault
        self._carts = [device.id for device in settings.devices if device.kind == "cart"]
        self.facts = 0
        """How many are on the disk since this began."""
        self.members: dict[str, str] = {}
        """Of each cart, the last member who had it."""
        journal.watch(self._count)

    def _count(self, placed: Sequence[Any]) -> None:
        self.facts += len(placed)

    async def open(self) -> None:
        """Take over the settings; every cart comes online."""
        await self._journal.write(take_over, self._settings, NOUNS)
        await asyncio.gather(
            *[self._journal.write(devices.on_presence, device=cart, online=True, boot="b1") for cart in self._carts]
        )

    async def fill(self, facts: int) -> None:
        """At least so many facts in all."""
        await asyncio.gather(*[self._use(cart, number, facts) for number, cart in enumerate(self._carts)])

    async def _use(self, cart: str, number: int, facts: int) -> None:
        visit = 0
        while self.facts < facts:
            if visit % VISITS_A_MEMBER == 0:
                await self._join(cart, f"+861{visit // VISITS_A_MEMBER:05}{number:04}")
            visit += 1
            await self._visit(cart, visit)

    async def _join(self, cart: str, phone: str) -> None:
        write = self._journal.write
        sealed = self._vault.seal(phone)
        registration = await write(
            members.make_member,
            sealed=sealed,
            browser=browser_of(sealed.member),
            consents=Consents(service=True, marketing=False),
            language="zh-CN",
            touchpoint=cart,
            request=str(uuid.uuid4()),
        )
        self.members[cart] = registration.member

    async def _visit(self, cart: str, visit: int) -> None:
        write, member = self._journal.write, self.members[cart]
        await write(touchpoints.scanned, touchpoint=cart, visitor=f"{cart}-{visit}", member=member, shown_ms=visit)
        grant = await write(carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=str(uuid.uuid4()))
        await write(carts.settle, grant.id, "done", None, "device")
        await write(carts.on_state, cart=cart, lock="unlocked", docked=True)
        await write(carts.on_state, cart=cart, lock="unlocked", docked=False)
        try:
            hand = ClaimSource("shelf", proven=True)
            await write(coupons.claim, coupon="milk", caller=by(member), hand=hand, request=str(uuid.uuid4()))
        except Refusal as refusal:  # the store has no more of it
            if refusal.code != "coupon_gone":
                raise
        fact = DeviceReported(
            device=cart, boot="b1", seq=visit, at="2026-11-22T18:00:00.000Z", event="moved", data={"metres": 12.5}
        )
        await write(devices.on_report, fact, patient=False)
        await write(carts.on_state, cart=cart, lock="locked", docked=True)
