"""Typed settings of one store: `store.toml` (what it is), `devices.toml` (what stands in it), `gateway.toml` (the box).

`load` checks the three files whole and reports every mistake at once. Each field's docstring says when to change it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    InstanceOf,
    StringConstraints,
    field_validator,
    model_validator,
)

from device_drivers.broker import BrokerAddress
from edge.domain.baskets.rules import BasketRules
from edge.domain.carts.rules import CartRules
from edge.domain.coupons.facts import CouponOffered
from edge.domain.displays.rules import DisplayRules
from edge.domain.fixtures.facts import FixtureDefined
from edge.domain.ledger.facts import MallOffered
from edge.domain.ledger.rules import LedgerRules
from edge.domain.lockers.rules import Rules as LockerRules
from edge.domain.members.rules import MemberRules
from edge.domain.orders.rules import OrderRules
from edge.domain.payments.rules import PaymentRules
from edge.domain.store.facts import StoreDescribed, ZoneDefined
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.settings import addresses, campaigns, file_sets, games, playlists, store_time
from edge.settings.aliases import AliasSettings
from edge.settings.backup import BackupSettings
from edge.settings.banks_and_codes import BankSettings, InStoreCodeSettings
from edge.settings.bounds import BoundsSettings
from edge.settings.extensions import BROUGHT, ExtensionNouns, ExtensionSettings, extension_nouns, nouns_named_in
from edge.settings.folders import Folder, is_file
from edge.settings.forms import Identifier, Kind, Metres
from edge.settings.games import GameSettings
from edge.settings.http import HttpSettings, at_once
from edge.settings.https import HttpsSettings
from edge.settings.integrations import HomeAssistantSettings, TracingSettings
from edge.settings.mistakes import File, SettingsError
from edge.settings.model import SettingsModel
from edge.settings.payments import PayingSettings
from edge.settings.playlists import ConfiguredPlaylists
from edge.settings.quotas import QuotaSettings
from edge.settings.raw_store_time import REGION, ends_in_store_time, raw_region, raw_zone
from edge.settings.references import check_references
from edge.settings.rehearsal import RehearsalSettings
from edge.settings.sections import DECLARED, with_tables
from edge.settings.sms import SmsSettings
from edge.settings.texts import Languages, Text, spoken
from edge.settings.toml_files import Mistake
from edge.settings.update import UpdateSettings
from pricing.campaigns import Campaign
from words import countries
from words.languages import USUAL, in_words

__all__ = ["Settings", "SettingsError", "load"]


Url = Annotated[str, AfterValidator(addresses.base)]
PublicUrl = Annotated[str, AfterValidator(addresses.public)]
BrokerUrl = Annotated[str, AfterValidator(addresses.broker)]

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
    texts: Folder | None = None
    """Folder of the store's own terms, privacy policy and text about offers, such as `terms-2027-01-01.toml`. Leave it
    out for those that come with Storekeeper; have them read by somebody who knows the law where the store stands."""
    region: Annotated[str, AfterValidator(countries.country)] = REGION
    """Two-letter country that a phone number without a prefix belongs to. Change it outside mainland China."""
    timezone: Annotated[str, AfterValidator(store_time.checked_zone)] | None = None
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
        return store_time.zone_info(self.timezone or store_time.of_region(self.region))

    @property
    def described(self) -> StoreDescribed:
        """What is said here, as the store's fact."""
        return StoreDescribed(
            name=in_words(self.name),
            currency=self.currency,
            region=self.region,
            timezone=self.zone.key,
            languages=tuple(self.languages),
            contact=self.contact,
        )


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
    attached_to: Identifier | None = Field(default=None, validation_alias=AliasChoices("attached_to", "beside"))
    """The locker bank that a screen or a scanner stands at: the screen takes its collect codes, the scanner reads them.
    Leave it out for every other screen and scanner."""
    screen: Identifier | None = None
    """The screen that shows what this scanner or camera reads. Leave it out where its zone has one screen only."""
    bank: BankSettings = BankSettings()
    """The doors of a locker bank by size. Leave it out for the usual bank of twelve, and for everything else."""


class BrokerSettings(SettingsModel):
    """The MQTT broker that gateway and devices meet on."""

    kind: Literal["embedded", "mosquitto", "external"] = "embedded"
    """Which broker `storekeeper demo` starts: "embedded" (in a wheel, loopback only, no access control per topic),
    "mosquitto" (must be installed), or none because an "external" one runs already. A real store uses Mosquitto."""
    url: BrokerUrl = "mqtt://127.0.0.1:1883"
    """Where it listens; mqtts:// for TLS. Change it when the broker runs on another box."""
    authority: Folder | None = None
    """File of the one authority that the broker's certificate must come of, in PEM: the store's own `ca.crt`, which
    `storekeeper setup` makes. Leave it out for any authority that this machine trusts."""
    username: str = "gateway"
    """The gateway's login. Change it when the broker's password file calls it otherwise."""
    password: str | None = None
    """The gateway's password. Leave it out where the broker asks for none."""
    password_in_clear: bool = False
    """Whether passwords of the gateway, of devices and kiosks may reach a broker on another box by mqtt://, where
    anybody in that network can read them. Set it only where the wire between the boxes is yours alone."""

    @field_validator("authority")
    @classmethod
    def _is_there(cls, found: Path | None) -> Path | None:
        if found is not None and not is_file(found):
            raise ValueError(f"expected the file of an authority's certificate; there is none at {found}")
        return found

    @model_validator(mode="after")
    def _no_password_for_everybody(self) -> BrokerSettings:
        BrokerAddress.parse(self.url).check(self.password, in_clear=self.password_in_clear)
        return self


class CloudSettings(SettingsModel):
    """The receiver of this store's journal."""

    url: Url = "http://127.0.0.1:8090"
    """Base address of the receiver. The store works without it; facts wait in the journal."""
    token: Annotated[str, StringConstraints(pattern=r"^[!-~]*$")] | None = None
    """Bearer token that the cloud issued for this store. Leave it out to read `<data>/secrets/cloud.token`."""


class GatewaySettings(SettingsModel):
    """The box in the back room."""

    data: Folder = Path("data")
    """Folder of the journal and the secrets, relative to where `storekeeper` is started; `~` is the user's own folder.
    Put it on a disk that honours fsync."""
    http: HttpSettings = HttpSettings()
    """Where pages and API are served."""
    https: HttpsSettings = HttpsSettings()
    """The same by https, which phones lend their camera to."""
    public_url: PublicUrl | None = None
    """Address that phones reach, without a path: it is written into every QR code. Set it as soon as codes are printed;
    changing it later means printing them again."""
    broker: BrokerSettings = BrokerSettings()
    """The MQTT broker."""
    cloud: CloudSettings = CloudSettings()
    """The receiver of the journal."""
    backup: BackupSettings = BackupSettings()
    """Where copies of the store go."""
    tracing: TracingSettings = TracingSettings()
    """Where traces of unlocks go; nowhere unless it says so."""
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    """Whether Home Assistant finds the store's devices."""
    rehearsal: RehearsalSettings = RehearsalSettings()
    """What a rehearsed outage is judged by."""
    payments: PayingSettings = PayingSettings()
    """How shoppers pay."""
    aliases: AliasSettings = AliasSettings()
    """By what else members are known."""
    sms: SmsSettings = SmsSettings()
    """How codes reach phone numbers."""
    update: UpdateSettings = UpdateSettings()
    """How this box comes to another version."""
    unlock_ttl_ms: Annotated[int, Field(ge=500, le=60_000)] = 10_000
    """How long, in milliseconds, a lock may take to answer before the shopper is told that it did not.
    Raise it for slow radio links."""
    print_ttl_ms: Annotated[int, Field(ge=500, le=300_000)] = 40_000
    """How long, in milliseconds, a printer may take for one slip before it is asked again how it ended.
    Raise it for long slips on slow printers."""
    demo: bool = False
    """Whether the store page may cut the internet and play with simulated devices. Never true in a real store."""

    @model_validator(mode="after")
    def _inside_of_both(self) -> GatewaySettings:
        if self.https.inside and not self.http.inside:
            raise ValueError("expected `inside` in [http] as well, where [https] has one")
        if self.https.on:
            at_once(
                ("http.port", (self.http.host, self.http.port)),
                ("http.inside", self.http.inside_address()),
                ("https.port", (self.https.host or self.http.host, self.https.port)),
                ("https.inside", self.https.inside_address()),
            )
        return self

    @property
    def sync_status(self) -> Path:
        """Where sync says how far the cloud is."""
        return sync_status(self.data)


def sync_status(data: Path) -> Path:
    """Where sync says how far the cloud is: in the folder of its own user, which an installed box has beside `data`,
    else in `data`.
    """
    own = data.with_name(f"{data.name}-sync")
    return (own if own.is_dir() else data) / "sync.json"


class StoreFile(SettingsModel):
    """What stands in `store.toml`."""

    store: StoreSettings
    """Which store this is."""
    zones: Annotated[tuple[Annotated[ZoneDefined, DECLARED], ...], Field(min_length=1)]
    """The areas of the store, rectangles on the floor plan. At least one."""
    touchpoints: tuple[Annotated[TouchpointDefined, DECLARED], ...] = ()
    """QR codes for shoppers that belong to no device: a poster, a shelf card, a badge."""
    fixtures: tuple[Annotated[FixtureDefined, DECLARED], ...] = ()
    """What stands on the floor: shelves, docks, tills, walls. The map draws it, and every way leads around it."""
    coupons: tuple[Annotated[CouponOffered, DECLARED], ...] = ()
    """Offers, each of one zone."""
    lockers: Annotated[LockerRules, DECLARED] = LockerRules()
    """What the store agrees on about parcels."""
    carts: Annotated[CartRules, DECLARED] = CartRules()
    """What the store agrees on about carts."""
    baskets: Annotated[BasketRules, DECLARED] = BasketRules()
    """What the store agrees on about baskets."""
    members: Annotated[MemberRules, DECLARED] = MemberRules()
    """What the store agrees on about who its members are."""
    ledger: Annotated[LedgerRules, DECLARED] = LedgerRules()
    """What the store agrees on about points, levels and commission."""
    mall: tuple[Annotated[MallOffered, DECLARED], ...] = ()
    """What can be had for points."""
    games: tuple[GameSettings, ...] = ()
    """Games of chance at screens and phones."""
    payments: Annotated[PaymentRules, DECLARED] = PaymentRules()
    """What the store agrees on about payments."""
    orders: Annotated[OrderRules, DECLARED] = OrderRules()
    """What the store agrees on about orders, their receipts and the way out."""
    displays: Annotated[DisplayRules, DECLARED] = DisplayRules()
    """What the store agrees on about its screens: panels by the clock, looks at what they show."""
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


class Settings(StoreFile, DevicesFile):
    """All of one store, checked: every id is unique and every reference leads somewhere. To the codes of store.toml
    come those of each cart, locker and screen.
    """

    gateway: GatewaySettings
    """The box in the back room."""
    campaigns: tuple[InstanceOf[Campaign], ...] = ()
    """What is cheaper, from the files of `campaigns/`."""
    playing: InstanceOf[ConfiguredPlaylists] = ConfiguredPlaylists()
    """What screens play, from `playlists.toml` and `media.toml`."""
    tables: Mapping[str, Any] = MappingProxyType({})
    """What the nouns of other packages are set to, by their name."""
    sha256: str = ""
    """Of the files that it was read from, hexadecimal."""


def load(folder: Path, mended: list[str] | None = None) -> Settings:
    """The settings in `folder`. Raises `SettingsError` with every mistake in all of its files.

    With `mended`, what cannot be is replaced or left out, as far as the store can open without it, and noted there.
    """
    mistakes: list[Mistake] = []
    left_out: list[Mistake] = mistakes if mended is None else []
    sha256 = _digest(folder, mistakes)
    found = extension_nouns(nouns_named_in(folder / "store.toml"))
    more = {BROUGHT: found}
    store = File(folder / "store.toml", with_tables(StoreFile, found), mistakes, ends_in_store_time, more, mended)
    devices = File(folder / "devices.toml", DevicesFile, mistakes, context=spoken(store.raw) | more, mended=mended)
    gateway = File(folder / "gateway.toml", GatewaySettings, mistakes, mended=mended)
    check_references(store, devices, mistakes)
    named_by = campaigns.KnownNames.of(store, devices)
    where, said = raw_zone(store.raw) or UTC, spoken(store.raw)
    offers = campaigns.read(folder, where, named_by, left_out, said, good_only=mended is not None)
    ids = frozenset(each.id for each in offers) | frozenset(named_by.coupons)
    playing = playlists.read(folder, where, named_by, ids, left_out, said)
    prizes = {*named_by.coupons, *(each.id for each in offers if each.claim)}
    unfit = list(games.mistakes_in(store, prizes, raw_region(store.raw)))
    left_out += unfit
    if mistakes or store.model is None or devices.model is None or gateway.model is None:
        raise SettingsError(folder, mistakes)
    ours = {name: getattr(store.model, name) for name in StoreFile.model_fields}
    if unfit:
        ours["games"] = ()
    if mended is not None:
        mended += [f"{each}; what it stands in is left out" for each in left_out]
    ours["touchpoints"] += tuple(own_touchpoints(devices.model.devices, found))
    return Settings.model_construct(
        **ours,
        devices=devices.model.devices,
        gateway=gateway.model,
        campaigns=offers,
        playing=playing,
        sha256=sha256,
        tables={noun.name: getattr(store.model, noun.name) for noun in found.nouns if noun.settings is not None},
    )


def _digest(folder: Path, mistakes: list[Mistake]) -> str:
    """Of all the files. One that cannot be read is a mistake like any other: then the last good settings go on."""
    try:
        return file_sets.digest(file_sets.read(folder))
    except OSError as error:
        name = os.path.relpath(error.filename, folder) if isinstance(error.filename, str) else folder.name
        mistakes.append(Mistake(name, 0, f"cannot be read: {error.strerror}" if error.strerror else str(error)))
        return ""


def own_touchpoints(devices: tuple[DeviceSettings, ...], found: ExtensionNouns) -> list[TouchpointDefined]:
    """The code that each cart, locker and screen carries, and each device of a kind from outside that has one."""
    carry = OWN_CODE | {kind: purpose for kind, purpose in found.kinds.items() if purpose}
    return [
        TouchpointDefined(
            touchpoint=device.id,
            purpose=carry[device.kind],
            zone=device.zone,
            label=device.label,
            at=device.at,
            device=device.id,
        )
        for device in devices
        if device.kind in carry
    ]
