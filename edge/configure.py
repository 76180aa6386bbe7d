"""What the settings say stands in the store becomes facts, as far as it is new."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain import carts, coupons, devices, touchpoints, zones
from edge.domain.texts import Words
from edge.journal import Tx
from edge.settings import Language, Settings


def take_over(tx: Tx, settings: Settings) -> None:
    """Take over what the settings say stands in the store; only what differs becomes a fact."""
    zones.define(
        tx, [zones.ZoneDefined(zone=zone.id, name=words(zone.name), plan=zone.plan) for zone in settings.zones]
    )
    devices.enrol(
        tx,
        [
            devices.DeviceEnrolled(
                device=device.id, kind=device.kind, zone=device.zone, label=words(device.label), at=device.at
            )
            for device in settings.devices
        ],
    )
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
    carts.stock(tx, [device.id for device in settings.devices if device.kind == "cart"])


def words(text: Mapping[Language, str]) -> Words:
    """A text of the settings, as facts hold it."""
    return {str(language): words for language, words in text.items()}
