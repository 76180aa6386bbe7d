"""What `storekeeper setup` must know of a store, each checked where it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from device_drivers.contract import ID_PATTERN
from edge.errors import StorekeeperError
from edge.settings import addresses, store_time
from edge.settings.own_address import own_address
from words import countries, languages

PORT, INSIDE, BROKER_PORT = 8080, 8081, 8883
MANAGER: Final = "manager"
OPERATOR: Final = "it"


class BadAnswer(StorekeeperError):
    """Something that setup was told cannot be: which, what was expected, what was found."""


class DeviceAnswers(msgspec.Struct, frozen=True):
    """One `[[devices]]` to write."""

    id: str
    kind: str
    zone: str
    label: dict[str, str]
    at: tuple[float, float]
    driver: str = ""
    """Empty for one with firmware of its own."""
    settings: Mapping[str, object] = {}
    bank: Mapping[str, list[str]] = {}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked. Everything but the name has a default that opens a store."""

    name: dict[str, str]
    """By language."""
    store: str = "s001"
    languages: tuple[str, ...] = ("zh-CN", "en", "de")
    region: str = "CN"
    currency: str = "CNY"
    timezone: str | None = None
    address: str
    """What phones reach, `http://192.168.1.10:8080`."""
    port: int = PORT
    inside: int = INSIDE
    broker_port: int = BROKER_PORT
    manager: str = "Manager"
    """What the manager is called."""
    cloud: str | None = None
    """The chain's receiver; none where the store is on its own."""
    token: str | None = None
    """What that receiver knows this store by."""
    devices: tuple[DeviceAnswers, ...] = ()

    @property
    def manager_id(self) -> str:
        """The short id of the manager: out of the name where it has letters for one."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.manager.lower()).strip("-")[:38]
        return plain if re.fullmatch(ID_PATTERN, plain) else MANAGER


def store_id(text: str) -> str:
    """Raises `BadAnswer`."""
    if not re.fullmatch(ID_PATTERN, text):
        raise BadAnswer(f'store: expected small letters, digits and hyphens, such as "s001"; found "{text}"')
    return text


def spoken(text: str) -> tuple[str, ...]:
    """Languages by comma. Raises `BadAnswer`."""
    tags = tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    known = languages.known()
    by_case = {tag.lower(): tag for tag in known}
    unknown = [tag for tag in tags if tag.lower() not in by_case]
    if unknown or not tags:
        raise BadAnswer(f'languages: expected some of {", ".join(known)}; found "{", ".join(unknown) or text}"')
    return tuple(by_case[tag.lower()] for tag in tags)


def named(texts: list[str], tags: tuple[str, ...]) -> dict[str, str]:
    """A name by language out of `Fresh Life`, or `en=Fresh Life` and `zh-CN=鲜汇`. Raises `BadAnswer`."""
    found: dict[str, str] = {}
    for text in texts:
        tag, sign, rest = text.partition("=")
        match = next((each for each in languages.known() if each.lower() == tag.strip().lower()), None)
        plain = " ".join((rest if sign and match else text).split())
        if not plain:
            raise BadAnswer(f'name: expected what stands over the door; found "{text}"')
        found |= {match: plain} if sign and match else {each: plain for each in tags if each not in found}
    if not found:
        raise BadAnswer("name: expected what stands over the door; found nothing")
    first = next(iter(found.values()))
    return {tag: found.get(tag, first) for tag in tags}


def checked_region(text: str) -> str:
    """A country of two letters. Raises `BadAnswer`."""
    return _checked("region", countries.country, text.strip().upper())


def checked_currency(text: str) -> str:
    """ISO 4217. Raises `BadAnswer`."""
    return _checked("currency", countries.currency, text.strip().upper())


def checked_timezone(text: str | None, region: str) -> str | None:
    """The zone to write: none where the region has one time. Raises `BadAnswer`."""
    if text:
        return _checked("timezone", store_time.checked_zone, text)
    _checked("timezone", store_time.of_region, region)
    return None


def checked_address(text: str | None, port: int) -> str:
    """What phones reach; this box's own address where nothing was said. Raises `BadAnswer`."""
    return _checked("address", addresses.public, text or f"http://{own_address()}:{port}")


def checked_cloud(text: str | None) -> str | None:
    """The receiver's address: over https, or on this box. Raises `BadAnswer`."""
    if not text:
        return None
    found = _checked("cloud", addresses.base, text)
    if found.startswith("http://") and not addresses.is_loopback(found):
        raise BadAnswer(f'cloud: expected an address with https; found "{found}": its token would travel in clear')
    return found


def _checked(what: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise BadAnswer(f"{what}: {error}") from None
