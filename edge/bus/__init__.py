"""The gateway's side of the device contract over MQTT: connection, presence, request and reply, acknowledgements."""

from edge.bus.bus import Answer, Bus, NoReply, Received
from edge.bus.connection import BrokerLogin, Connection

__all__ = ["Answer", "BrokerLogin", "Bus", "Connection", "NoReply", "Received"]
