"""A gateway on a restored journal: each device hears of the new generation, and obeys the previous box no more."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from edge.gateway import replaced
from edge.journal.entry import Clock
from edge.journal.offline import open_stream
from edge.journal.schema import open_writer
from edge.journal.streams import fence_floor
from tests.edge.conftest import Puppet, ask, join, online, running, until

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker


async def test_every_device_is_asked_under_a_fence_above_all_before(
    broker: Broker, puppet: Puppet, tmp_path: Path
) -> None:
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        before = gateway.devices.bus.fence()
    with closing(open_writer(str(tmp_path / "storekeeper.db"))) as connection, connection:
        connection.execute("DELETE FROM cache")
        open_stream(connection, "restored", 3, Clock())
    puppet.asked.clear()
    puppet.state("locked", docked=True)
    async with running(broker, tmp_path) as gateway:
        await until(lambda: online(gateway))
        await until(lambda: puppet.asked)
        asked = puppet.asked[0]
        assert (asked["fence"], asked["ttl_ms"]) == (fence_floor(3), 0), "nothing moves, and its fence counts"
        assert asked["fence"] > before
        after = await ask(gateway, await join(gateway, "+8613800138001"))
        assert after.fence > fence_floor(3)


def test_staff_of_a_box_that_was_replaced_are_told(tmp_path: Path) -> None:
    status = tmp_path / "sync.json"
    assert replaced.needs(status) == []
    status.write_text('{"state":"ok","since":"2026-11-26T08:00:00.000Z"}')
    assert replaced.needs(status) == []
    status.write_text('{"state":"fenced","since":"2026-11-26T08:00:00.000Z"}')
    assert [(need.kind, need.since_ms) for need in replaced.needs(status)] == [("box_replaced", 1_795_680_000_000)]
    status.write_text('{"state":"fenced","since":"soon"}')
    assert [need.since_ms for need in replaced.needs(status)] == [0]
