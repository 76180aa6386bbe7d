from __future__ import annotations

import stat
import tomllib
from pathlib import Path

from edge.secrets import credentials


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    credentials.prepare(tmp_path / "data", ["gateway", "cart-01"])
    folder = tmp_path / "data" / "secrets"
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "store.key": 0o600,
        "devices.toml": 0o600,
        "cloud.token": 0o600,
    }
    assert len((folder / "store.key").read_bytes()) == 32


def test_a_second_time_keeps_what_is_there_and_adds_what_is_new(tmp_path: Path) -> None:
    credentials.prepare(tmp_path, ["gateway", "cart-01"])
    key, token = (tmp_path / "secrets" / "store.key").read_bytes(), credentials.token_of(tmp_path)
    before = credentials.passwords(tmp_path)
    credentials.prepare(tmp_path, ["gateway", "cart-01", "cart-02"])
    after = credentials.passwords(tmp_path)
    assert (tmp_path / "secrets" / "store.key").read_bytes() == key
    assert credentials.token_of(tmp_path) == token
    assert {login: after[login] for login in before} == before
    assert len(set(after.values())) == 3
    assert mode(tmp_path / "secrets" / "devices.toml") == 0o600


def test_the_password_file_is_plain_toml(tmp_path: Path) -> None:
    credentials.prepare(tmp_path, ["gateway"])
    table = tomllib.loads((tmp_path / "secrets" / "devices.toml").read_text())
    assert table == credentials.passwords(tmp_path)


def test_a_box_without_secrets(tmp_path: Path) -> None:
    assert credentials.passwords(tmp_path) == {}
    assert credentials.token_of(tmp_path) is None
