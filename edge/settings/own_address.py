"""Which address of this box the store's network sees."""

from __future__ import annotations

import socket

TEST_NET = ("192.0.2.1", 9)
"""An address reserved for documentation: a UDP socket pointed there sends nothing, only the routing table is asked."""


def own_address(otherwise: str = "127.0.0.1") -> str:
    """The address on the way out of this box; `otherwise` where it has no network, or not a file more to open."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(TEST_NET)
            return str(probe.getsockname()[0])
    except OSError:
        return otherwise
