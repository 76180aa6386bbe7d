"""Settings of where the gateway listens and whom it believes: `[http]` of `gateway.toml`. All of it has defaults."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LISTENER = r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}$"
HostName = Annotated[str, StringConstraints(pattern=r"^[^\s/@:\[\]?#]+$|^\[?[0-9A-Fa-f:.]+\]?$")]


class HttpSettings(BaseModel):
    """Where the gateway answers phones, screens and staff."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "0.0.0.0"  # noqa: S104 - phones in the store's WiFi must reach it
    """Address to listen on. "127.0.0.1" when a reverse proxy on the same box faces the store's network."""
    port: Annotated[int, Field(strict=True, ge=0, le=65535)] = 8080
    """TCP port. Change it when something else owns it."""
    inside: Annotated[str, StringConstraints(pattern=LISTENER)] | None = None
    """Address and port of a listener of its own for the inside: the store page, devices, journal, metrics, the
    operators' login. "127.0.0.1:8081" keeps it to this box and to tunnels. Leave it out and all of it stands behind a
    login on the one listener."""
    hosts: tuple[HostName, ...] = ()
    """Further names by which this box is called, without port, such as "shop.local". Its own addresses, the host of
    `public_url` and loopback are always good; a request that names any other host is refused."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed. Name the proxy
    here, and only it: whoever is listed may say that a request came from anywhere."""

    def inside_address(self) -> tuple[str, int] | None:
        """Host and port of the inside listener."""
        return listener(self.inside)


def listener(text: str | None) -> tuple[str, int] | None:
    """Host and port of a listener as the settings write it."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
