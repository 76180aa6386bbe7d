"""Settings of where the gateway listens and whom it believes: `[http]` of `gateway.toml`. All of it has defaults."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

HostName = Annotated[str, StringConstraints(pattern=r"^[^\s/@:\[\]?#]+$|^\[?[0-9A-Fa-f:.]+\]?$")]


class HttpSettings(BaseModel):
    """Where the gateway answers phones, screens and staff."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "0.0.0.0"  # noqa: S104 - phones in the store's WiFi must reach it
    """Address to listen on. "127.0.0.1" when a reverse proxy on the same box faces the store's network."""
    port: Annotated[int, Field(strict=True, ge=0, le=65535)] = 8080
    """TCP port. Change it when something else owns it."""
    hosts: tuple[HostName, ...] = ()
    """Further names by which this box is called, without port, such as "shop.local". Its own addresses, the host of
    `public_url` and loopback are always good; a request that names any other host is refused."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed. Name the proxy
    here, and only it: whoever is listed may say that a request came from anywhere."""
