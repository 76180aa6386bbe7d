"""Where screens reach this box when nobody knows its name: addresses in the store's network."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from edge.settings.own_address import own_address

if TYPE_CHECKING:
    from edge.settings.settings import GatewaySettings

ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
PORTS: Final = {"http": 80, "https": 443}


def direct_addresses(box: GatewaySettings, public_url: str) -> tuple[str, ...]:
    """`192.168.1.10:8080`: our own listener first, then whoever forwards `public_url` on this box. None where that is
    an address already.
    """
    public = urlsplit(public_url)
    if _is_address(public.hostname or ""):
        return ()
    ours = _listener(box, public.scheme)
    own = own_address()
    forwarded = f"{own}:{public.port or PORTS.get(public.scheme, 80)}"
    return tuple(dict.fromkeys((*([ours] if ours else []), forwarded)))


def _listener(box: GatewaySettings, scheme: str) -> str:
    """Ours that speaks this scheme; empty where none does."""
    if scheme == "https" and not box.https.on:
        return ""
    host, port = box.http.host, box.http.port
    if scheme == "https":
        host, port = box.https.host or host, box.https.port
    if not port or (not _is_address(host) and host not in ANYWHERE):
        return ""
    host = own_address() if host in ANYWHERE else host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_address(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
