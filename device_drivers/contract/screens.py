"""What a device should show all day, or how it should be set: the bodies of `desired`, by kind of device."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.glass import PanelPlan
from device_drivers.contract.offers import WallCoupon
from device_drivers.contract.playlists import (
    MAX_MEDIA,
    MAX_PLAYLISTS,
    MAX_WITHDRAWN,
    Good,
    MediaFile,
    Opening,
    Playlist,
    RepertoireFile,
)
from device_drivers.contract.values import MAX_URL, Languages, Moment, Serial, Url, Wording


class Named(msgspec.Struct, frozen=True):
    """The store, by its name in each language."""

    name: Wording


class Zone(msgspec.Struct, frozen=True):
    """The part of the store that this screen stands in."""

    id: str
    name: Wording


Origin = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+$", max_length=MAX_URL)]
"""An address without a path."""


Straight = Annotated[str, msgspec.Meta(pattern=r"^([0-9.]+|\[[0-9a-f:.]+\]):[0-9]{1,5}$", max_length=60)]
"""An address and a port: `192.168.1.10:8080`."""


class Service(msgspec.Struct, frozen=True):
    """Where a screen asks for what somebody before it wants to see, and by what it proves which screen it is."""

    gateway: Origin
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """The screen's own; a bearer token at `/api/v1/screens/`."""
    direct: Annotated[tuple[Straight, ...], msgspec.Meta(max_length=8)] = ()
    """Where the host of `gateway` answers in the store's network, too, for when nobody knows its name. It is asked
    there by that name, so that its certificate fits."""


class CouponWall(msgspec.Struct, frozen=True):
    """A zone's coupon wall, on a screen."""

    schema: Literal[1]
    zone: Zone
    store: Named
    languages: Languages
    coupons: tuple[WallCoupon, ...]
    headline: Wording = {}
    hint: Wording = {}
    service: Service | None = None
    """None where nothing can be asked: then the screen is a poster."""
    playlists: Annotated[tuple[Playlist, ...], msgspec.Meta(max_length=MAX_PLAYLISTS)] = ()
    """What plays while nobody touches the screen: those that are meant for it."""
    media: Annotated[tuple[MediaFile, ...], msgspec.Meta(max_length=MAX_MEDIA)] = ()
    """What the playlists show."""
    goods: Annotated[tuple[Good, ...], msgspec.Meta(max_length=MAX_PLAYLISTS)] = ()
    """The products of this day and the next."""
    repertoire: RepertoireFile | None = None
    """In place of `playlists`, `media` and `goods`, where they are more than a message holds. Until it has come whole,
    the one before plays."""
    hours: Opening = Opening()
    timezone: str = "UTC"
    """IANA name of the time on the store's wall."""
    withdrawn: Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_WITHDRAWN)] = ()
    """Content that is shown no more: hashes of media, `playlist`, `playlist/item`. It stays in the list for 30 days."""
    leased_until: Moment | None = None
    """What may be called back is not shown beyond this without news of the gateway."""
    panel: PanelPlan | None = None
    """When its panel shines; none: it is left alone."""


class BankOfLockers(msgspec.Struct, frozen=True):
    """A locker bank that a screen stands at."""

    id: str
    name: Wording
    code: Url
    """The bank's own code, which says whose digits are entered."""
    url: Url
    """The bank's page for phones, as a QR code."""
    gateway: Origin
    """Where digits are sent."""


class BankKeypad(msgspec.Struct, frozen=True):
    """A locker bank's own screen: six digits open a door. It is told from a wall by its member `bank`."""

    schema: Literal[1]
    store: Named
    languages: Languages
    bank: BankOfLockers
    service: Service | None = None
    """Where things are put in without a phone; None where that is done elsewhere."""
    panel: PanelPlan | None = None
    """As in `CouponWall`."""
    timezone: str = ""
    """As in `CouponWall`; empty: the box's own."""


class Bare(msgspec.Struct, frozen=True):
    """What a device without a screen may be told: nothing yet but the version of the form."""

    schema: Literal[1]


Backdrop: TypeAlias = CouponWall | BankKeypad
"""What a screen stands for, all day. A scene may come in front of it for a while."""
DesiredBody: TypeAlias = CouponWall | BankKeypad | Bare
DESIRED: Final[dict[str, tuple[type[msgspec.Struct], ...]]] = {"screen": (CouponWall, BankKeypad)}
"""By kind of device; every kind that is not here takes `Bare`."""


class Desired(msgspec.Struct, frozen=True):
    """What a device should show or how it should be set, retained."""

    revision: Serial
    sha256: str
    """Hex digest of `body` as it stands in the message."""
    body: msgspec.Raw


class Applied(msgspec.Struct, frozen=True, omit_defaults=True):
    """The desired revision that the device took, or why it could not."""

    revision: Serial
    sha256: str | None = None
    error: str | None = None


class _Kind(msgspec.Struct, frozen=True):
    bank: msgspec.Raw = msgspec.Raw()


_KIND: Final = msgspec.json.Decoder(_Kind)
_WALL: Final = msgspec.json.Decoder(CouponWall)
_BANK: Final = msgspec.json.Decoder(BankKeypad)
_BARE: Final = msgspec.json.Decoder(Bare)


def desired_body(kind: str, body: bytes) -> DesiredBody:
    """What a desired body says to a device of this kind. Raises `ValueError` with the field and what was found."""
    try:
        if kind != "screen":
            return _BARE.decode(body)
        return _BANK.decode(body) if bytes(_KIND.decode(body).bank) else _WALL.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"desired body of a {kind}: {error}") from None
