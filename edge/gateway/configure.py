"""What the settings say stands in the store becomes facts, as far as it is new."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.callers import asked_by
from edge.domain.carts import care as cart_care
from edge.domain.carts import carts
from edge.domain.coupons import coupons
from edge.domain.devices import devices
from edge.domain.lockers import lockers
from edge.domain.store import zones
from edge.domain.touchpoints import touchpoints
from edge.journal import Tx
from edge.settings.agreements import BankSettings
from edge.settings.settings import Language, Settings
from words.languages import Words


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over what the settings say stands in the store; only what differs becomes a fact."""
    zones.define(
        tx, [zones.ZoneDefined(zone=zone.id, name=words(zone.name), plan=zone.plan) for zone in settings.zones]
    )
    _devices(tx, settings)
    _touchpoints(tx, settings)
    _coupons(tx, settings)
    carts.stock(tx, [device.id for device in settings.devices if device.kind == "cart"])
    cart_care.agree(tx, settings.carts)
    banks = {device.id: _doors(device.bank) for device in settings.devices if device.kind == "locker"}
    lockers.install(tx, banks, settings.lockers)


def _devices(tx: Tx, settings: Settings) -> None:
    devices.enrol(
        tx,
        [
            devices.DeviceEnrolled(
                device=device.id,
                kind=device.kind,
                zone=device.zone,
                label=words(device.label),
                at=device.at,
                beside=device.beside,
            )
            for device in settings.devices
        ],
    )


def _touchpoints(tx: Tx, settings: Settings) -> None:
    touchpoints.define(
        tx,
        [
            touchpoints.TouchpointDefined(
                touchpoint=point.id,
                purpose=point.purpose,
                zone=point.zone,
                label=words(point.label),
                at=point.at,
                device=point.device,
            )
            for point in settings.touchpoints
        ],
    )


def _coupons(tx: Tx, settings: Settings) -> None:
    coupons.offer(
        tx,
        [
            coupons.CouponOffered(
                coupon=coupon.id,
                zone=coupon.zone,
                title=words(coupon.title),
                subtitle=words(coupon.subtitle),
                price=coupon.price,
                was=coupon.was,
                stock=coupon.stock,
                art=coupon.art,
                tint=coupon.tint,
                ends_ms=int(coupon.ends_at.timestamp() * 1000) if coupon.ends_at else None,
            )
            for coupon in settings.coupons
        ],
    )


def _doors(bank: BankSettings) -> list[lockers.Door]:
    sizes: list[tuple[lockers.Size, tuple[str, ...]]] = [("S", bank.S), ("M", bank.M), ("L", bank.L)]
    doors = [lockers.Door(name, size, low=name in bank.low) for size, names in sizes for name in names]
    return sorted(doors, key=lambda door: door.name)


def words(text: Mapping[Language, str]) -> Words:
    """A text of the settings, as facts hold it."""
    return {str(language): words for language, words in text.items()}
