"""What devices send at the edges of numbers, depth, length and encoding: the store goes on writing, and says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.edge.conftest import Puppet, join, online, running, until

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker

NUMBERS = [
    *(b"%d" % (sign * 2**power + step) for power in (31, 53, 63, 64) for step in (-1, 0, 1) for sign in (1, -1)),
    *(b"0", b"-1", b"1.5", b"1e400", b"-1e400", b"NaN", b"Infinity", b"9" * 5000, b"true", b'"1"', b"null", b"[]"),
]
DATA = [
    *(b"[" * 950 + b"]" * 950, b"[" * 20_000, b'{"a":' * 64 + b"1" + b"}" * 64, b'{"n":' + b"9" * 5000 + b"}"),
    *(b'{"n":NaN}', b'{"t":"\\ud800"}', b'{"t":"\xff\xfe"}', b'{"t":"\\u0000"}', b'{"t":"' + b"x" * 20_000 + b'"}'),
    *(b"null", b"7", b"[]", b'""'),
]


async def test_a_device_stops_nothing(mosquitto: Broker, tmp_path: Path) -> None:
    puppet = Puppet(mosquitto, "cart-09")
    async with running(mosquitto, tmp_path) as gateway:
        await until(lambda: online(gateway, "cart-09"))
        for number in NUMBERS:
            for key in (b"b1", b"b2"):
                body = b'{"boot":"%b","seq":%b,"at":"x","type":"t","data":{}}' % (key, number)
                puppet.send("event", body, retain=False)
            puppet.send("state", b'{"boot":"b","at":"","lock":"locked","docked":true,"battery":%b}' % number)
            puppet.send("status", b'{"online":true,"boot":"b","contract":%b}' % number)
        for data in DATA:
            puppet.send("event", b'{"boot":"b3","seq":1,"at":"x","type":"t","data":%b}' % data, retain=False)
            puppet.send("state", b'{"boot":"b","at":"","lock":%b,"docked":%b}' % (data, data))
        async with asyncio.timeout(60):
            while 1 not in puppet.acks():  # a device sends it again until then, and its quota lets it speak again
                puppet.event(1)
                await asyncio.sleep(0.5)
        assert await join(gateway)
        assert gateway.parts.ready().ready
        assert gateway.devices.views()
    puppet.stop()
