"""What atheris runs: bytes come on a channel of the contract; they are a body, or a `ContractError`, and nothing else.

`python tests/fuzz/fuzz_contract.py -max_total_time=60`
"""

from __future__ import annotations

import sys

import atheris
import msgspec

with atheris.instrument_imports(include=["device_drivers.contract"]):
    from device_drivers.contract import Channel, ContractError, Event, State, decode, desired_body, event_data, salvage
    from device_drivers.contract.wire import sound, too_deep

CHANNELS = tuple(Channel)


def one(data: bytes) -> None:
    """One input of atheris: its first byte says the channel."""
    if not data:
        return
    channel, payload = CHANNELS[data[0] % len(CHANNELS)], data[1:]
    try:
        body = decode(channel, payload)
    except ContractError:
        try:
            found = salvage.of(channel, payload)
        except ContractError:
            found = None
        body = found.body if found else None
    if isinstance(body, Event):
        event_data(body)
    if isinstance(body, Event | State):
        again = msgspec.json.encode(body)
        assert not too_deep(again, 16)
        assert sound(msgspec.json.decode(again))
    for kind in ("screen", "cart"):
        try:
            desired_body(kind, payload)
        except ValueError:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
