"""A member's things."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from device_drivers.contract.answers.member import MemberCoupon, MemberParcel, ScreenMember
from kiosk_ui import places
from kiosk_ui.screens.mine.handlers import Memory
from tests.kiosk_ui.samples.sample import Sample

HELD: Final = (
    MemberCoupon("a", "婴儿纸尿裤 L 立减30", "结账时自动抵扣", "明天 22:00", "diaper", "#DDEAF2"),
    MemberCoupon("b", "Vollmilch 10 % günstiger", "noch 3,20 € bis 25 €", "Sonntag, 29. Nov.", "milk", "#D8E8F8"),
    MemberCoupon("c", "Zehn Euro ab hundert Euro für alles aus der Frischeabteilung", "gilt jetzt " * 12),
)
ANSWER: Final = ScreenMember(
    left_s=45,
    coupons=HELD,
    points=320,
    worth=320,
    parcels=(MemberParcel("入口储物柜", "A07", "今天 16:00"),),
    cart="cart-07",
    since="25 min",
)


def _known(answer: ScreenMember = ANSWER, **more: Any) -> Any:
    return lambda at: Memory(answer=answer, until=at + 44, answered=True, language="zh-CN", asked_at=at, **more)


def _closed(**more: Any) -> Any:
    return lambda at: Memory(answered=True, language="zh-CN", asked_at=at, **more)


SAMPLES: Final = (
    Sample(name="mine", message=places.Mine(), memory=_known(), covers=("normal",)),
    Sample(name="mine-closed", message=places.Mine(), memory=_closed(), covers=("empty",)),
    Sample(name="mine-away", message=places.Mine(), memory=_closed(away=True), offline=True, covers=("offline",)),
    Sample(
        name="mine-sixty",
        message=places.Mine(),
        memory=_known(msgspec.structs.replace(ANSWER, coupons=HELD * 20)),
        covers=("sixty", "long"),
    ),
)
