"""Addresses that people write into settings and on command lines: what they mean, or a sentence that says why not.

What stands in printed codes is public and lasts for years, so it is a scheme, a host and a port, and nothing else.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final, NamedTuple

_PARTS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^/?#]*@)?(?P<host>\[[^\]/?#]*\]|[^/?#:]*)(?::(?P<port>[^/?#]*))?"
    r"(?P<path>/[^?#]*)?(?P<rest>[?#].*)?",
    re.DOTALL,
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_USUAL: Final = {"http": 80, "https": 443}
_QUOTES: Final = "\"'<>“”‘’«»「」《》"


class BadAddress(ValueError):
    """The text is no such address: what was expected, what was found, and what was perhaps meant."""


class Address(NamedTuple):
    """An address that was understood."""

    scheme: str
    host: str
    """In lower case, a name of other letters in its ASCII form, an IPv6 address in brackets."""
    port: int | None
    path: str
    """Without a slash at its end; empty for none."""

    @property
    def text(self) -> str:
        """As it is written, without the scheme's usual port."""
        port = "" if self.port in (None, _USUAL.get(self.scheme)) else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


def public(text: str) -> str:
    """The address that phones reach, as it stands in every code. Raises `BadAddress`."""
    expected = "an address such as http://192.168.1.10:8080"
    found = read(text, ("http", "https"), expected)
    if found.path:
        nested = found.path.startswith("//")
        raise BadAddress(_mistake(f"{expected}, without a path", text, "" if nested else found._replace(path="").text))
    if _ip(found.host) and (_ip(found.host).is_unspecified or _ip(found.host).is_multicast):  # type: ignore[union-attr]
        raise BadAddress(_mistake("an address that phones can reach, such as http://192.168.1.10:8080", text))
    return found.text


def base(text: str) -> str:
    """The address of a service, with a path where it has one. Raises `BadAddress`."""
    return read(text, ("http", "https"), "an address such as http://192.168.1.10:8080").text


def broker(text: str) -> str:
    """The address of a broker. Raises `BadAddress`."""
    expected = "an address such as mqtt://127.0.0.1:1883"
    found = read(text, ("mqtt", "mqtts"), expected)
    if found.path:
        raise BadAddress(_mistake(f"{expected}, without a path", text, found._replace(path="").text))
    return found.text


def is_loopback(address: str) -> bool:
    """Whether it is this machine, so that nothing said there crosses a network."""
    host = read(address, ("http", "https"), "an address").host
    ip = _ip(host)
    return host == "localhost" or host.endswith(".localhost") or (ip is not None and ip.is_loopback)


def remark(address: str) -> str:
    """Why phones may not reach a public address, in a sentence; empty where nothing speaks against it."""
    host = read(address, ("http", "https"), "").host
    ip = _ip(host)
    if host == "localhost" or host.endswith(".localhost") or (ip and ip.is_loopback):
        return f"{host} is this machine alone: no phone reaches it. Say the address that the store's network knows."
    if ip and ip.is_link_local:
        return f"{host} is an address that a box gives itself where the network gave it none: it may change any day."
    if ip is None and "." not in host:
        return f"{host} is a name without a dot: few phones find it. An IP address or a full name is safer."
    if host.endswith(".local"):
        return f"{host} is found by multicast DNS, which some phones do not have. An IP address is safer."
    return ""


def read(text: str, schemes: tuple[str, ...], expected: str) -> Address:
    """The parts of an address with one of these schemes. Raises `BadAddress`."""
    plain = unicodedata.normalize("NFKC", text.strip().strip(_QUOTES).strip())
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf").replace("。", ".")
    found = _PARTS.fullmatch(plain)
    if found is None or found["scheme"].lower() not in schemes:
        raise BadAddress(_mistake(expected, text, _guess(plain, schemes)))
    if re.search(r"[\s\x00-\x1f\x7f\\]", plain):
        raise BadAddress(_mistake(f"{expected}, without spaces and backslashes", text, _guess(plain, schemes)))
    if found["user"]:
        meant = plain.replace(found["user"], "", 1)
        raise BadAddress(_mistake(f"{expected}, without a name and password, which everybody could read", "", meant))
    if found["rest"]:
        raise BadAddress(_mistake(f"{expected}, without ? and #", text, plain[: found.start("rest")]))
    host = _host(found["host"])
    if not host:
        raise BadAddress(_mistake(expected, text))
    path = (found["path"] or "").rstrip("/")
    return Address(found["scheme"].lower(), host, _port(found["port"], text), path)


def _host(text: str) -> str:
    """The host as browsers send it; empty where it is none."""
    try:
        if text.startswith("["):
            return "" if "%" in text else f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        name = text.removesuffix(".").lower()
        name = name if name.isascii() else name.encode("idna").decode()
        labels = name.split(".")
        # Whatever ends in a number is an IPv4 address, or nothing: that is how browsers see it.
        if labels[-1].isdigit():
            return str(ipaddress.IPv4Address(name))
    except ValueError:
        return ""
    return name if len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels) else ""


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _port(text: str | None, whole: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise BadAddress(_mistake("a port from 1 to 65535", whole))
    return int(text)


def _guess(plain: str, schemes: tuple[str, ...]) -> str:
    """The address that was perhaps meant; empty where nothing is near."""
    rest = re.sub(r"^[A-Za-z]{0,6}\s*:?\s*[/\\]+", "", re.sub(r"[\s\\]+", "", plain))
    scheme = schemes[1] if plain.lower().startswith(schemes[1]) or ":443" in plain else schemes[0]
    try:
        found = (
            read(f"{scheme}://{rest}", schemes, "")
            if re.fullmatch(r"[\w.\-:\[\]/]+", rest) and "://" not in rest
            else None
        )
    except BadAddress:
        return ""
    return found.text if found else ""


def _mistake(expected: str, found: str, meant: str = "") -> str:
    plain = re.sub(r"[^ -~]", _visible, re.sub(r"[^/\s]*@", "…@", found)[:80])
    shown = f'; found "{plain}"' if found else ""
    return f"expected {expected}{shown}" + (f'; did you mean "{meant}"?' if meant else "")


def _visible(match: re.Match[str]) -> str:
    return match[0] if match[0].isprintable() else ascii(match[0])[1:-1]
