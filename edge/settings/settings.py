"""Typed settings of one store: `store.toml` (what it is), `devices.toml` (what stands in it), `gateway.toml` (the box).

`load` checks the three files whole and reports every mistake at once. Each field's docstring says when to change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, WrapValidator, model_validator

from device_drivers.broker import BrokerAddress
from device_drivers.contract import ID_PATTERN
from edge.domain.carts.rules import CartRules
from edge.domain.lockers.rules import Rules as LockerRules
from edge.settings import addresses, store_time
from edge.settings.agreements import BankSettings, InStoreCodeSettings, MemberSettings
from edge.settings.bounds import BoundsSettings
from edge.settings.extensions import BROUGHT, Brought, ExtensionSettings, brought, named, or_brought, with_tables
from edge.settings.listening import HttpSettings
from edge.settings.mistakes import File, SettingsError, check_references
from edge.settings.model import SettingsModel
from edge.settings.quotas import QuotaSettings
from edge.settings.sections import DECLARED
from edge.settings.sms import SmsSettings
from edge.settings.texts import Languages, Text, spoken
from edge.settings.toml_files import Mistake
from words import countries
from words.languages import USUAL

__all__ = ["Settings", "SettingsError", "load"]


def home(path: Path) -> Path:
    """The path with `~` as the user's own folder. Raises `ValueError` for nobody's, and for no path at all."""
    if not path.parts or "\0" in str(path):
        raise ValueError(f'expected a folder such as "/var/lib/storekeeper"; found "{path}"')
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f'expected a folder; found "{path}", and nobody here is called so') from None


Folder = Annotated[Path, AfterValidator(home)]
Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Metres = Annotated[float, Field(ge=0, le=1000)]
Length = Annotated[float, Field(gt=0, le=1000)]
Url = Annotated[str, AfterValidator(addresses.base)]
PublicUrl = Annotated[str, AfterValidator(addresses.public)]
BrokerUrl = Annotated[str, AfterValidator(addresses.broker)]
Purpose = Annotated[Literal["enter", "cart", "locker", "screen", "shelf", "coupon", "badge"], WrapValidator(or_brought)]
Kind = Annotated[Literal["cart", "locker", "printer", "screen", "scanner", "beacon"], WrapValidator(or_brought)]
Art = Literal[
    "milk", "croissant", "cheese", "strawberry", "diaper", "formula", "wipes",
    "egg", "apple", "fish", "bread", "coffee", "gift",
]  # fmt: skip

OWN_CODE: dict[str, str] = {"cart": "cart", "locker": "locker", "screen": "screen"}
"""Kinds of device that carry a QR code of their own, and its purpose: their touchpoint has the device's id."""


class StoreSettings(SettingsModel):
    """Which store this is."""

    id: Identifier
    """Short id in topics, codes and the cloud. Choose it once: changing it starts a new store."""
    name: Text
    """What shoppers read at the top of every page. Change it whenever the sign over the door changes."""
    languages: Languages = USUAL
    """Languages of pages, screens and slips, out of zh-CN, en and de; the first is for whoever asks for none of them.
    A text of the store is needed in the first, and in English where it is among them: it stands in for every other."""
    currency: Annotated[str, AfterValidator(countries.currency)] = "CNY"
    """ISO 4217 code; prices are integers in its smallest unit (fen). Change it before the first sale."""
    contact: Annotated[str, StringConstraints(max_length=200)] = ""
    """How to reach whoever answers for personal data: a name, an address, a number. It stands in the privacy policy."""
    texts: Annotated[Path, Field(strict=False)] | None = None
    """Folder of the store's own terms, privacy policy and text about offers, such as `terms-2027-01-01.toml`. Leave it
    out for those that come with Storekeeper; have them read by somebody who knows the law where the store stands."""
    region: Annotated[str, AfterValidator(countries.country)] = "CN"
    """Two-letter country that a phone number without a prefix belongs to. Change it outside mainland China."""
    timezone: Annotated[str, AfterValidator(store_time.zone)] | None = None
    """IANA name of the time on the store's wall: its days and times are of this zone, whatever the box is set to.
    Leave it out where the region has one time; needed where it has several."""

    @model_validator(mode="after")
    def _has_a_time(self) -> StoreSettings:
        if self.timezone is None:
            store_time.of_region(self.region)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return store_time.info(self.timezone or store_time.of_region(self.region))


class ZoneSettings(SettingsModel):
    """One area of the store, a rectangle on the floor plan."""

    id: Identifier
    """Name in settings and facts. Keep it when the zone moves."""
    name: Text
    """What screens and pages call the zone."""
    plan: tuple[Metres, Metres, Length, Length]
    """x, y, width, height in metres from the top left corner of the floor plan. Change it when shelves move."""


class TouchpointSettings(SettingsModel):
    """One QR code for shoppers: a poster, a shelf card, a badge, or the code on a device."""

    id: Identifier
    """Name in settings, codes and facts. A printed code is good as long as this stays."""
    purpose: Purpose
    """What a scan means. Change it only together with the printed card."""
    zone: Identifier
    """Where it hangs, so that visits count for the right zone. Change it when the card moves."""
    label: Text
    """What is printed over the code."""
    at: tuple[Metres, Metres]
    """x, y in metres on the floor plan."""
    device: Identifier | None = None
    """The device that the code belongs to. Carts, lockers and screens get theirs by themselves: leave it out."""


class DeviceSettings(SettingsModel):
    """One device on the bus."""

    id: Identifier
    """Also its MQTT user name and client id. Changing it enrols a new device."""
    kind: Kind
    """What it is to the store, whatever hardware is behind it."""
    driver: Annotated[str, StringConstraints(pattern=r"^(elsewhere|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)$")] = "elsewhere"
    """File below `device_drivers/` that speaks to the hardware, `family.name`, or a driver that `[extensions]` of
    store.toml names. Change it when the hardware changes.
    Leave it out for a device that runs elsewhere: one with firmware of its own, or a kiosk."""
    zone: Identifier
    """Where it stands; a screen shows this zone's coupons."""
    label: Text
    """What shoppers and staff call it; the same as on its sticker."""
    at: tuple[Metres, Metres]
    """x, y in metres on the floor plan."""
    settings: dict[str, Any] = Field(default={})
    """The driver's own settings; each driver documents its own. Leave it out for the driver's defaults."""
    beside: Identifier | None = None
    """The locker bank that a screen or a scanner stands at: the screen takes its collect codes, the scanner reads them.
    Leave it out for every other screen and scanner."""
    screen: Identifier | None = None
    """The screen that shows what this scanner or camera reads. Leave it out where its zone has one screen only."""
    bank: BankSettings = BankSettings()
    """The doors of a locker bank by size. Leave it out for the usual bank of twelve, and for everything else."""


class CouponSettings(SettingsModel):
    """One offer of a zone."""

    id: Identifier
    """Name in settings and facts. A new offer gets a new id."""
    zone: Identifier
    """Whose screens show it."""
    title: Text
    """The product, short enough for a screen."""
    subtitle: Text
    """One line below the title: size, kind, taste."""
    price: Annotated[int, Field(ge=0)]
    """What the shopper pays with the coupon, in the currency's smallest unit (1290 is 12.90)."""
    was: Annotated[int, Field(gt=0)]
    """The usual price, in the currency's smallest unit."""
    stock: Annotated[int, Field(ge=0)]
    """How many may be claimed in all. 0 withdraws the offer."""
    ends_at: AwareDatetime | None = None
    """Last day to claim it (2026-12-31), or last moment (2026-12-31T22:00:00), in the store's time where it names no
    zone. Leave it out for an offer without end."""
    art: Art = "gift"
    """Picture on screens and phones."""
    tint: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#EFE7DA"
    """Background of the card, #RRGGBB; a light colour, the text on it is dark."""


class BrokerSettings(SettingsModel):
    """The MQTT broker that gateway and devices meet on."""

    kind: Literal["embedded", "mosquitto", "external"] = "embedded"
    """Which broker `storekeeper demo` starts: "embedded" (in a wheel, loopback only, no access control per topic),
    "mosquitto" (must be installed), or none because an "external" one runs already. A real store uses Mosquitto."""
    url: BrokerUrl = "mqtt://127.0.0.1:1883"
    """Where it listens; mqtts:// for TLS. Change it when the broker runs on another box."""
    username: str = "gateway"
    """The gateway's login. Change it when the broker's password file calls it otherwise."""
    password: str | None = None
    """The gateway's password. Leave it out where the broker asks for none."""
    password_in_clear: bool = False
    """Whether passwords of the gateway, of devices and kiosks may reach a broker on another box by mqtt://, where
    anybody in that network can read them. Set it only where the wire between the boxes is yours alone."""

    @model_validator(mode="after")
    def _no_password_for_everybody(self) -> BrokerSettings:
        BrokerAddress.parse(self.url).check(self.password, in_clear=self.password_in_clear)
        return self


class CloudSettings(SettingsModel):
    """The receiver of this store's journal."""

    url: Url = "http://127.0.0.1:8090"
    """Base address of the receiver. The store works without it; facts wait in the journal."""
    token: str | None = None
    """Bearer token that the cloud issued for this store. Leave it out to read `<data>/secrets/cloud.token`."""


class GatewaySettings(SettingsModel):
    """The box in the back room."""

    data: Folder = Path("data")
    """Folder of the journal and the secrets, relative to where `storekeeper` is started; `~` is the user's own folder.
    Put it on a disk that honours fsync."""
    http: HttpSettings = HttpSettings()
    """Where pages and API are served."""
    public_url: PublicUrl | None = None
    """Address that phones reach, without a path: it is written into every QR code. Set it as soon as codes are printed;
    changing it later means printing them again."""
    broker: BrokerSettings = BrokerSettings()
    """The MQTT broker."""
    cloud: CloudSettings = CloudSettings()
    """The receiver of the journal."""
    sms: SmsSettings = SmsSettings()
    """How codes reach phone numbers."""
    unlock_ttl_ms: Annotated[int, Field(ge=500, le=60_000)] = 10_000
    """How long, in milliseconds, a lock may take to answer before the shopper is told that it did not.
    Raise it for slow radio links."""
    print_ttl_ms: Annotated[int, Field(ge=500, le=300_000)] = 40_000
    """How long, in milliseconds, a printer may take for one slip before it is asked again how it ended.
    Raise it for long slips on slow printers."""
    demo: bool = False
    """Whether the store page may cut the internet and play with simulated devices. Never true in a real store."""


class Settings(SettingsModel):
    """All of one store, checked: every id is unique and every reference leads somewhere."""

    store: StoreSettings
    """Which store this is."""
    zones: tuple[ZoneSettings, ...]
    """The areas of the store."""
    touchpoints: tuple[TouchpointSettings, ...]
    """Every QR code: those of store.toml, then one for each cart, locker and screen."""
    devices: tuple[DeviceSettings, ...]
    """What stands in the store."""
    coupons: tuple[CouponSettings, ...]
    """What is on offer."""
    gateway: GatewaySettings
    """The box in the back room."""
    lockers: Annotated[LockerRules, DECLARED] = LockerRules()
    """What the store agrees on about parcels."""
    carts: Annotated[CartRules, DECLARED] = CartRules()
    """What the store agrees on about carts."""
    members: MemberSettings = MemberSettings()
    """What the store agrees on about who its members are."""
    bounds: BoundsSettings = BoundsSettings()
    """How much one may ask for."""
    quotas: QuotaSettings = QuotaSettings()
    """How much a device may say."""
    in_store_codes: tuple[InStoreCodeSettings, ...] = ()
    """How the store's own labels are read."""
    extensions: ExtensionSettings = ExtensionSettings()
    """What other packages add to the store."""
    tables: Mapping[str, Any] = MappingProxyType({})
    """What the nouns of other packages are set to, by their name."""


class StoreFile(SettingsModel):
    """What stands in `store.toml`."""

    store: StoreSettings
    """Which store this is."""
    zones: tuple[ZoneSettings, ...] = Field(min_length=1)
    """At least one."""
    touchpoints: tuple[TouchpointSettings, ...] = ()
    """Codes that belong to no device."""
    coupons: tuple[CouponSettings, ...] = ()
    """Offers."""
    lockers: Annotated[LockerRules, DECLARED] = LockerRules()
    """What the store agrees on about parcels."""
    carts: Annotated[CartRules, DECLARED] = CartRules()
    """What the store agrees on about carts."""
    members: MemberSettings = MemberSettings()
    """What the store agrees on about who its members are."""
    bounds: BoundsSettings = BoundsSettings()
    """How much one may ask for."""
    quotas: QuotaSettings = QuotaSettings()
    """How much a device may say."""
    in_store_codes: tuple[InStoreCodeSettings, ...] = ()
    """How the store's own labels are read."""
    extensions: ExtensionSettings = ExtensionSettings()
    """What other packages add to the store."""


class DevicesFile(SettingsModel):
    """What stands in `devices.toml`."""

    devices: tuple[DeviceSettings, ...] = ()
    """What stands in the store."""


def load(folder: Path) -> Settings:
    """The settings in `folder`. Raises `SettingsError` with every mistake in all three files."""
    mistakes: list[Mistake] = []
    found = brought(named(folder / "store.toml"))
    more = {BROUGHT: found}
    store = File(folder / "store.toml", with_tables(StoreFile, found), mistakes, _in_store_time, more)
    devices = File(folder / "devices.toml", DevicesFile, mistakes, context=spoken(store.raw) | more)
    gateway = File(folder / "gateway.toml", GatewaySettings, mistakes)
    check_references(store, devices, mistakes)
    if mistakes or store.model is None or devices.model is None or gateway.model is None:
        raise SettingsError(folder, mistakes)
    return Settings(
        store=store.model.store,
        zones=store.model.zones,
        touchpoints=(*store.model.touchpoints, *own_touchpoints(devices.model.devices, found)),
        devices=devices.model.devices,
        coupons=store.model.coupons,
        gateway=gateway.model,
        lockers=store.model.lockers,
        carts=store.model.carts,
        members=store.model.members,
        bounds=store.model.bounds,
        quotas=store.model.quotas,
        in_store_codes=store.model.in_store_codes,
        extensions=store.model.extensions,
        tables={noun.name: getattr(store.model, noun.name) for noun in found.nouns if noun.settings is not None},
    )


def _in_store_time(raw: dict[str, Any]) -> None:
    """Give the ends of offers that name no zone the store's, as far as it can be told."""
    store, coupons = raw.get("store"), raw.get("coupons")
    if not isinstance(store, dict) or not isinstance(coupons, list):
        return
    try:
        zone = store_time.info(store_time.zone(store["timezone"]) if "timezone" in store else _zone(store))
    except (ValueError, TypeError, AttributeError):
        return  # the mistake is told elsewhere
    for coupon in coupons:
        if isinstance(coupon, dict) and "ends_at" in coupon:
            coupon["ends_at"] = store_time.with_zone(coupon["ends_at"], zone)


def _zone(store: dict[str, Any]) -> str:
    return store_time.of_region(store.get("region", StoreSettings.model_fields["region"].default))


def own_touchpoints(devices: tuple[DeviceSettings, ...], found: Brought) -> list[TouchpointSettings]:
    """The code that each cart, locker and screen carries, and each device of a kind from outside that has one."""
    carry = OWN_CODE | {kind: purpose for kind, purpose in found.kinds.items() if purpose}
    return [_own_code(device, carry[device.kind]) for device in devices if device.kind in carry]


def _own_code(device: DeviceSettings, purpose: str) -> TouchpointSettings:
    """Made of what was checked already."""
    made: dict[str, Any] = {"id": device.id, "purpose": purpose, "zone": device.zone, "label": device.label}
    return TouchpointSettings.model_construct(**made, at=device.at, device=device.id)
