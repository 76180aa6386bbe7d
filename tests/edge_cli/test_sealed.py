"""Secrets of an installed box, sealed to it by the service manager's own program."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.journal.journal import Journal
from edge.secrets import credentials, read_only, sealed, store_key
from edge.secrets.credentials import read_passwords
from operations.backups.gather import Sources, gather, snapshot
from operations.diagnosis import secret_files
from operations.enrolment.logins import Logins
from operations.setup.answers import Answers, DeviceAnswers
from operations.setup.places import Places
from operations.setup.steps import Setup

CART = DeviceAnswers("cart-01", "cart", "entrance", {"en": "Cart"}, (1.0, 2.0), "locks.simulated_cart")
SCREEN = DeviceAnswers("screen-door", "screen", "entrance", {"en": "Screen"}, (1.0, 1.0))
ANSWERS = Answers(name={"en": "X"}, address="http://192.168.1.10:8080", devices=(CART, SCREEN), token="from the cloud")


@pytest.fixture(autouse=True)
def can_seal(require: Callable[[str], None]) -> None:
    require("systemd-creds")
    if os.geteuid() != 0:
        pytest.skip("only root may seal")


def set_up(places: Places) -> list[str]:
    done = [step for step in Setup(ANSWERS, places, datetime.now(UTC)).steps() if step.change and not step.act()]
    return [step.what for step in done]


@pytest.fixture
def box(tmp_path: Path) -> Places:
    places = Places.of(tmp_path / "box", handed=True, seals=True)
    set_up(places)
    return places


def test_no_secret_lies_in_clear(box: Places) -> None:
    names = {path.relative_to(box.secrets).as_posix() for path in sealed.names(box.secrets)}
    assert names == {
        "devices.toml", "logins.toml", "gateway/store.key", "gateway/devices.toml", "devices/devices.toml",
        "kiosk@screen-door/devices.toml", "sync/cloud.token",
    }  # fmt: skip
    assert sealed.in_clear(box.secrets) == []
    kept = b"".join(path.read_bytes() for path in box.secrets.rglob("*") if path.is_file())
    secrets = [sealed.read(box.store_key), *(word.encode() for word in Logins.read(box).known.values())]
    assert len(secrets) >= 5
    assert not [each for each in (*secrets, b"from the cloud") if each in kept]
    assert {path.stat().st_mode & 0o077 for path in box.secrets.rglob("*")} == {0}


def test_again_changes_nothing(box: Places) -> None:
    before = {path: path.read_bytes() for path in box.secrets.rglob("*") if path.is_file()}
    assert set_up(box) == []
    assert {path: path.read_bytes() for path in box.secrets.rglob("*") if path.is_file()} == before


def test_what_an_earlier_version_left_in_clear_is_sealed(tmp_path: Path) -> None:
    before = Places.of(tmp_path / "box", handed=True)
    set_up(before)
    key, logins = before.store_key.read_bytes(), Logins.read(before)
    now = Places.of(tmp_path / "box", handed=True, seals=True)
    assert set_up(now) == [f"secrets, sealed to this box: {now.secrets}"]
    assert sealed.in_clear(now.secrets) == []
    assert (sealed.read(now.store_key), Logins.read(now)) == (key, logins)


def test_one_that_another_box_sealed_does_not_open(box: Places) -> None:
    path = sealed.sealed_path(box.store_key)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(sealed.CannotOpen, match="sealed by another box"):
        sealed.read(box.store_key)


def test_one_is_not_passed_for_another(box: Places) -> None:
    sealed.sealed_path(box.store_key).write_bytes(sealed.sealed_path(box.cloud_token).read_bytes())
    with pytest.raises(sealed.CannotOpen):
        sealed.read(box.store_key)


def test_a_service_gets_it_open_and_root_opens_it(box: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service manager puts both ways there, and an empty line for the one that the box does not use."""
    home = store_key.path_of(box.data)
    monkeypatch.setattr(read_only, "INSTALLED", home.parent)
    monkeypatch.setattr(read_only, "KEPT", box.secrets)
    key = sealed.read(box.store_key)
    assert (read_only.read(home), credentials.token_of(box.data)) == (key, "from the cloud")
    assert [each.text for each in secret_files._sealed()] == []
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "store.key").write_text("\n")
    (handed / "store.key.cred").write_bytes(key)
    (handed / "devices.toml").write_text('gateway = "in clear"\n')
    (handed / "devices.toml.cred").write_text("\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert read_only.read(home) == key
    assert credentials.passwords(box.data) == {"gateway": "in clear"}
    (handed / "store.key.cred").write_text("\n")
    with pytest.raises(FileNotFoundError) as missing:
        read_only.read(home)
    assert missing.value.errno == errno.ENOENT


def test_the_doctor_names_what_does_not_open(box: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_only, "KEPT", box.secrets)
    sealed.sealed_path(box.cloud_token).write_text("nonsense")
    box.store_key.write_bytes(b"k" * 32)
    said = [each.text for each in secret_files._sealed()]
    assert f"secrets: {box.cloud_token}.cred does not open" in said[0]
    assert "secrets: 1 lie in clear" in said[1]


async def test_a_copy_of_the_store_opens_on_any_box(box: Places, tmp_path: Path) -> None:
    Journal(box.data / "storekeeper.db", ()).close()
    staged, opened = tmp_path / "copy.db", tmp_path / "opened"
    snapshot(box.data / "storekeeper.db", staged)
    _, files = gather(Sources("s001", box.data, box.config), staged, opened)
    found = {member.name: path for member, path in files}
    assert found["config/secrets/gateway/store.key"].read_bytes() == sealed.read(box.store_key)
    assert read_passwords(found["config/secrets/devices/devices.toml"])["cart-01"]
    assert not [name for name in found if name.endswith(sealed.SUFFIX)]
