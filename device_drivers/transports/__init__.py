"""Bytes to and from a port, and nothing about what they mean."""

from device_drivers.transports.transport import Transport
from device_drivers.transports.urls import from_url, port_of

__all__ = ["Transport", "from_url", "port_of"]
