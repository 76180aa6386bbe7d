"""Where screens are told to find this box without its name."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import msgspec
import pytest

from device_drivers.contract import Service
from edge.gateway import direct_addresses as where
from edge.gateway.direct_addresses import direct_addresses
from edge.settings.own_address import own_address
from edge.settings.settings import load
from tests.web.running import CONFIG

OWN = "10.1.2.3"


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, "own_address", lambda: OWN)  # a box of any network, not this machine's


def told(public: str, http: dict[str, Any], https: dict[str, Any] | None = None) -> tuple[str, ...]:
    box = load(CONFIG).gateway
    changed = {"http": box.http.model_copy(update=http), "https": box.https.model_copy(update=https or {})}
    return direct_addresses(box.model_copy(update=changed), public)


@pytest.mark.parametrize(
    ("public", "http", "https", "found"),
    [
        ("http://store.example:8080", {"port": 8080}, None, (f"{OWN}:8080",)),
        ("http://store.example", {"port": 8080}, None, (f"{OWN}:8080", f"{OWN}:80")),
        ("http://store.example:8080", {"host": "127.0.0.1", "port": 81}, None, ("127.0.0.1:81", f"{OWN}:8080")),
        ("http://store.example:8080", {"host": "fd00::5", "port": 8080}, None, ("[fd00::5]:8080", f"{OWN}:8080")),
        ("http://192.168.1.10:8080", {}, None, ()),
        (
            "https://store.example:8443",
            {"port": 8080},
            {"port": 8443, "certificate": Path("own.pem")},
            (f"{OWN}:8443",),
        ),
        ("https://store.example", {"port": 8080}, None, (f"{OWN}:443",)),
    ],
)
def test_a_name_has_addresses_that_speak_as_it_does(
    public: str, http: dict[str, Any], https: dict[str, Any] | None, found: tuple[str, ...]
) -> None:
    assert told(public, http, https) == found
    assert msgspec.convert({"gateway": public, "code": "own", "direct": found}, Service).direct == found


def test_a_box_that_has_not_a_file_more_to_open_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody held every connection open, screens got no new code any more, and never again."""

    def full(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("edge.settings.own_address.socket.socket", full)
    assert own_address() == "127.0.0.1"
