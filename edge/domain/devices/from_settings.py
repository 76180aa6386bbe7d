"""Devices as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.devices.decisions import enrol
from edge.domain.devices.facts import DeviceEnrolled
from edge.journal import Tx
from words.languages import in_words

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the devices; only what differs becomes a fact."""
    enrol(
        tx,
        [
            DeviceEnrolled(
                device=device.id,
                kind=device.kind,
                zone=device.zone,
                label=in_words(device.label),
                at=device.at,
                attached_to=device.attached_to,
            )
            for device in settings.devices
        ],
    )
