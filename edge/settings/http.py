"""Settings of where the gateway listens and whom it believes: `[http]` of `gateway.toml`. All of it has defaults."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from edge.settings.model import SettingsModel

LISTENER = r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}$"
LARGEST_PORT: Final = 65535
EVERY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound
HostName = Annotated[str, StringConstraints(pattern=r"^[^\s/@:\[\]?#]+$|^\[?[0-9A-Fa-f:.]+\]?$")]


def _host(text: str) -> str:
    """An address of this box, or a name. Raises `ValueError`."""
    plain = text.strip("[]")
    if re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", plain):
        try:
            return str(ip_address(plain))
        except ValueError:
            raise ValueError(f'expected an address such as 0.0.0.0 or 192.168.1.10; found "{text}"') from None
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text):
        raise ValueError(f'expected an address or a name of this box such as 0.0.0.0; found "{text}"')
    return text


def to_bind(host: str) -> str:
    """What to ask asyncio to listen on. By `::` it would listen for IPv6 alone: every address has no name there."""
    return "" if host == "::" else host


def _listener(text: str) -> str:
    """Address and port, of an address that this box may have. Raises `ValueError`."""
    host, _, port = text.rpartition(":")
    _host(host)
    if int(port) > LARGEST_PORT:
        raise ValueError(f"expected a port up to {LARGEST_PORT}; found {port}")
    return text


Host = Annotated[str, AfterValidator(_host)]
Listener = Annotated[str, StringConstraints(pattern=LISTENER), AfterValidator(_listener)]


def _network(given: Any) -> IPv4Network | IPv6Network:
    """One address, or all that begin alike. Raises `ValueError`."""
    if isinstance(given, IPv4Network | IPv6Network):
        return given
    try:
        return ip_network(given if isinstance(given, str) else "")
    except ValueError:
        meant = ""
        with suppress(ValueError):
            meant = f'; did you mean "{ip_network(given, strict=False)}"?' if isinstance(given, str) else ""
        found = f'"{given}"' if isinstance(given, str) else given
        said = f"expected an address or a network such as 192.168.1.10 or 10.0.0.0/24; found {found}{meant}"
        raise ValueError(said) from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def at_once(*listeners: tuple[str, tuple[str, int] | None]) -> None:
    """Raises `ValueError` where two listeners, each with its key, want the same port of the same address."""
    wanted: list[tuple[str, str, int]] = []
    for key, place in listeners:
        if place is None or place[1] == 0:
            continue
        host, port = place
        for other, its_host, its_port in wanted:
            if port == its_port and (host == its_host or {host, its_host} & EVERY):
                raise ValueError(f"{key}: port {port} is taken by {other}; choose another")
        wanted.append((key, host, port))


class HttpSettings(SettingsModel):
    """Where the gateway answers phones, screens and staff."""

    host: Host = "0.0.0.0"  # noqa: S104 - phones in the store's WiFi must reach it
    """Address to listen on. "127.0.0.1" when a reverse proxy on the same box faces the store's network; "::" for every
    address, IPv6 too."""
    port: Annotated[int, Field(strict=True, ge=0, le=65535)] = 8080
    """TCP port. Change it when something else owns it."""
    inside: Listener | None = None
    """Address and port of a listener of its own for the inside: the store page, devices, journal, metrics, the
    operators' login. "127.0.0.1:8081" keeps it to this box and to tunnels. Leave it out and all of it stands behind a
    login on the one listener."""
    hosts: tuple[HostName, ...] = ()
    """Further names by which this box is called, without port, such as "shop.local". Its own addresses, the host of
    `public_url` and loopback are always good; a request that names any other host is refused."""
    trusted_proxies: tuple[Network, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed. Name the proxy
    here, and only it: whoever is listed may say that a request came from anywhere."""

    @model_validator(mode="after")
    def _ports_differ(self) -> HttpSettings:
        at_once(("port", (self.host, self.port)), ("inside", listener(self.inside)))
        return self

    def inside_address(self) -> tuple[str, int] | None:
        """Host and port of the inside listener."""
        return listener(self.inside)


def listener(text: str | None) -> tuple[str, int] | None:
    """Host and port of a listener as the settings write it."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
