"""Many devices in one process: each for itself."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from device_drivers.host import BadDevice, DeviceEntry, Host, Links, build, entries, run
from tests.contract.conftest import Gateway

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker

DEVICES = """
[[devices]]
id = "host-cart"
kind = "cart"
driver = "locks.simulated_cart"
zone = "entrance"
label = { en = "Cart 1" }
at = [1.2, 15.2]
settings = { pull_out_s = 0.1 }

[[devices]]
id = "host-typo"
kind = "cart"
driver = "locks.simulated_cart"
settings = { pull_out = 3 }

[[devices]]
id = "host-nobody"
kind = "cart"
driver = "locks.nobody"

[[devices]]
id = "host-firmware"
kind = "cart"

[[devices]]
id = "NOT AN ID"
kind = "cart"

[[devices]]
id = "host-locker"
kind = "locker"
driver = "locks.simulated_locker"

[[devices]]
id = "host-locker"
kind = "locker"
driver = "locks.simulated_locker"

[[devices]]
id = "host-skipped"
kind = "screen"
driver = "screens.simulated"
"""


@pytest.fixture
def devices_toml(tmp_path: Path) -> Path:
    path = tmp_path / "devices.toml"
    path.write_text(DEVICES)
    return path


def links(broker: Broker) -> Links:
    address = urlsplit(broker.url)
    return Links(str(address.hostname), int(address.port or 0), "s001")


def test_what_can_run_runs_and_what_cannot_is_named(mosquitto: Broker, devices_toml: Path, tmp_path: Path) -> None:
    host = Host(links(mosquitto), tmp_path)
    with Gateway(mosquitto.url, "host-cart") as cart, Gateway(mosquitto.url, "host-locker") as locker:
        host.start(entries(devices_toml), skip={"host-skipped"})
        try:
            for gateway in (cart, locker):
                gateway.wait("status", lambda body: body["online"] is True)
            assert cart.call("unlock")["outcome"] == "done"
            assert locker.call("unlock", {"door": "12"})["outcome"] == "done"
            assert set(host.agents) == {"host-cart", "host-locker"}
            failures = "\n".join(host.failures.values())
            for part in ("pull_out", "pull_out_s", "locks.nobody", "NOT AN ID", "stands twice"):
                assert part in failures
            assert (tmp_path / "devices" / "host-cart" / "notes.db").exists()
        finally:
            host.stop()
        cart.wait("status", lambda body: body == {"online": False})


@pytest.mark.parametrize(
    ("driver", "kind", "settings", "says"),
    [
        ("locks.simulated_cart", "locker", {}, "makes a 'cart'"),
        ("locks.simulated_cart", "cart", {"jam": "yes"}, "jam"),
        ("locks.simulated_locker", "locker", {"jam": ["99"]}, "99"),
        ("scanners.serial", "scanner", {"url": "serial:///dev/x", "encodings": ["hex"]}, "none of text"),
        ("locks", "cart", {}, "Settings"),
        ("agent", "cart", {}, "Settings"),
        ("..edge.settings.settings", "cart", {}, "no name"),
    ],
)
def test_a_device_that_cannot_be_built_says_why(
    driver: str, kind: str, settings: dict[str, object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(BadDevice, match=says) as caught:
        build(DeviceEntry("cart-01", kind, driver, settings), tmp_path)
    assert "cart-01" in str(caught.value)


@pytest.mark.parametrize("text", ["devices = 5", '[devices]\nid = "cart-01"'])
def test_a_file_without_a_list_of_devices_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "devices.toml").write_text(text)
    (found,) = entries(tmp_path / "devices.toml")
    assert str(found).startswith("devices: expected a table [[devices]] for each; found ")


def test_the_example_store_has_a_driver_for_every_device(tmp_path: Path) -> None:
    from edge.settings.example import example

    built = [
        build(entry, tmp_path / entry.id)
        for entry in entries(example() / "devices.toml")
        if isinstance(entry, DeviceEntry)
    ]
    assert len(built) == len(entries(example() / "devices.toml")) > 10


def test_run_ends_on_a_signal_and_says_goodbye(mosquitto: Broker, devices_toml: Path, tmp_path: Path) -> None:
    with Gateway(mosquitto.url, "host-cart") as cart:

        def stop_when_online() -> None:
            cart.wait("status", lambda body: body["online"] is True)
            os.kill(os.getpid(), signal.SIGTERM)

        watcher = threading.Thread(target=stop_when_online)
        watcher.start()
        before = signal.getsignal(signal.SIGTERM)
        assert run(devices_toml, links(mosquitto), tmp_path, {"host-skipped"}) == 4
        assert signal.getsignal(signal.SIGTERM) is before
        watcher.join()
        cart.wait("status", lambda body: body == {"online": False})
