"""Whom staff let in today has the wallet and the orders, and sees on no route who the other is; nor does the other."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from edge.domain.campaigns.facts import CampaignPublished, CampaignsActivated
from edge.domain.coupons import coupon_facts
from edge.domain.ledger.facts import PointsBooked
from edge.domain.members import joining
from edge.domain.members.facts import BirthdayNamed, MemberTagged
from edge.web.audience import OPEN
from pricing.campaigns import Campaign, Off
from tests.web.running import Shopper
from tests.web.test_basket import MILK, Shop
from tests.web.test_orders import buy, in_force, shop
from tests.web.test_public_routes import FILLED, walk

if TYPE_CHECKING:
    from edge.journal import Tx

__all__ = ["shop"]


class Person:
    """Somebody with something of each kind, whose every name can be told from all else."""

    def __init__(self, shop: Shop, points: int, tag: str) -> None:
        self.shop, self.phone = shop, Shopper(shop.store)
        assert self.phone.register(shop.store.code("poster-door")).ok
        _, self.order = buy(shop, {MILK: 2}, self.phone)
        self.member = self.order.member
        reads = shop.store.gateway.reads
        paid = reads.one(
            "SELECT long(p.payment) AS name FROM payments p JOIN orders o USING (basket) WHERE o.order_id=short(?)",
            self.order.order,
        )
        before = reads.one("SELECT coalesce(sum(left), 0) AS n FROM lots WHERE member=short(?)", self.member)
        booked = PointsBooked(member=self.member, points=points - before["n"], reason="goodwill", key=str(uuid.uuid4()))
        shop.store.do(shop.store.gateway.decide(self._give, tag, booked))
        (kept,) = reads.all("SELECT coupon FROM wallet WHERE member=?", self.member)
        self.marks = {
            "order": self.order.order, "number": self.order.number, "payment": paid["name"], "points": str(points),
            "tag": tag, "coupon": kept["coupon"], "member": self.member,
        }  # fmt: skip

    def _give(self, tx: Tx, tag: str, booked: PointsBooked) -> None:
        tx.emit(MemberTagged(member=self.member, tag=tag, touchpoint="poster-door"))
        tx.keep_card(f"{self.member}/birthday", "05-17")
        tx.emit(BirthdayNamed(member=self.member, session=""))
        tx.emit(booked)
        given = coupon_facts.granting(tx, "canary", self.member, request=str(uuid.uuid4()), why="test", now_ms=tx.now)
        assert given is not None
        for fact in given.facts:
            tx.emit(fact)

    def sees(self, other: Person) -> dict[str, set[str]]:
        """Which of another's marks stand in what this phone is answered, by route."""
        return {route: found for route, text in self._answers(other) if (found := _found(text, other.marks))}

    def _answers(self, other: Person) -> list[tuple[str, str]]:
        names = {**FILLED, "order": other.order.order, "payment": other.marks["payment"], "name": "canary"}
        found = []
        for method, path, who in walk(self.shop.store):
            if method != "GET" or who not in OPEN or path.endswith(("/events", "/wechat")):
                continue
            asked = re.sub(r"{(\w+)}", lambda each: names.get(each[1], "x"), path)
            if (answer := self.phone.api("GET", asked)).ok:
                found.append((path, answer.text))
        return found


def _found(text: str, marks: dict[str, str]) -> set[str]:
    plain = re.sub(r"(?<=\d)[,. \u00a0\u202f](?=\d{3}\b)", "", text)
    return {name for name, mark in marks.items() if re.search(rf"(?<![\w-]){mark}(?![\w-])", plain)}


def test_wallet_and_orders_are_seen_and_tags_on_no_route(shop: Shop) -> None:
    offer = CampaignPublished(campaign=Campaign(id="canary", benefit=Off(100), claim=True), version="canary")
    in_force(shop, offer, CampaignsActivated(version="canary", sha256="canary", by="test", count=1))
    anna, ben = Person(shop, 7919, "canary-left"), Person(shop, 6841, "canary-right")
    own = set[str]().union(*anna.sees(anna).values())
    assert own == set(anna.marks), "each of them is shown to whose it is"
    reads = shop.store.gateway.reads
    session = reads.one("SELECT session FROM sessions WHERE member=?", ben.member)["session"]
    confirm = {"staff": "li", "session": session, "owner": anna.member, "evidence": "member_card", "most": 9}
    assert shop.store.do(shop.store.gateway.decide(joining.confirm, **confirm))
    seen = set[str]().union(*ben.sees(anna).values(), *anna.sees(ben).values())
    assert {"coupon", "order"} <= seen, "what the link is for"
    assert "tag" not in seen
