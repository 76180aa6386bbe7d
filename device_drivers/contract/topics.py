"""Where messages go: the channels, their topics, and how each is sent."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final, NewType

import msgspec

from device_drivers.contract.values import ContractError
from device_drivers.redaction import redacted

ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{1,38}$"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")

StoreId = NewType("StoreId", str)
DeviceId = NewType("DeviceId", str)
Identifier = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]


class Channel(StrEnum):
    """The last level of a topic."""

    STATUS = "status"
    STATE = "state"
    EVENT = "event"
    ACK = "ack"
    COMMAND = "command"
    REPLY = "reply"
    DESIRED = "desired"
    APPLIED = "applied"


RETAINED: Final = frozenset({Channel.STATUS, Channel.STATE, Channel.DESIRED, Channel.APPLIED})
AT_MOST_ONCE: Final = frozenset({Channel.COMMAND, Channel.REPLY})
FROM_DEVICE: Final = frozenset({Channel.STATUS, Channel.STATE, Channel.EVENT, Channel.REPLY, Channel.APPLIED})


def qos(channel: Channel) -> int:
    """Commands and replies go at QoS 0 (the reply is the acknowledgement), everything else at QoS 1."""
    return 0 if channel in AT_MOST_ONCE else 1


class Topic(msgspec.Struct, frozen=True):
    """`sk/{store}/{device}/{channel}`, parsed."""

    store: StoreId
    device: DeviceId
    channel: Channel

    def __str__(self) -> str:
        return f"sk/{self.store}/{self.device}/{self.channel}"

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Raises `ContractError` where the text is no topic of the contract."""
        parts = text.split("/")
        if len(parts) != 4 or parts[0] != "sk":
            raise ContractError(f"topic of {redacted(text)}: expected sk/<store>/<device>/<channel>")
        store, device = parts[1], parts[2]
        for name, value in (("store", store), ("device", device)):
            if not _ID.fullmatch(value):
                raise ContractError(f"topic of {redacted(text)}: the {name} does not match {ID_PATTERN}")
        try:
            return cls(StoreId(store), DeviceId(device), Channel(parts[3]))
        except ValueError:
            raise ContractError(f"topic of {redacted(text)}: unknown channel at {device}") from None
