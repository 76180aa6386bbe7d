from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.secrets import credentials, operators, read_only, staff_pins, store_key, tables, tills


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


@pytest.mark.parametrize(
    ("content", "token"),
    [(b"\xef\xbb\xbfabc\r\n", "abc"), ("“abc”".encode(), "“abc”"), (b"\xff\xfea", "\ufffd\ufffda")],
)
def test_a_token_that_an_editor_changed_keeps_no_store_closed(tmp_path: Path, content: bytes, token: str) -> None:
    """The gateway ended with a traceback at each start, for the cloud's sake."""
    home = tmp_path / "secrets" / "cloud.token"
    home.parent.mkdir()
    home.write_bytes(content)
    assert credentials.token_of(tmp_path) == token
    home.unlink()
    home.mkdir()
    assert credentials.token_of(tmp_path) is None


def test_what_the_service_manager_hands_over_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, handed = tmp_path / "data", tmp_path / "credentials"
    credentials.prepare(data, ["gateway", "cart-01"])
    handed.mkdir()
    (handed / "devices.toml").write_text('gateway = "handed"\n')
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert credentials.passwords(data) == {"gateway": "handed"}
    # What was not handed over lies where it always did.
    assert read_only.read(store_key.path_of(data)) == store_key.path_of(data).read_bytes()
    assert not read_only.is_handed(store_key.path_of(data))


def test_a_key_that_is_handed_over_is_used_and_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "store.key").write_bytes(b"k" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert store_key.of_store(store_key.path_of(tmp_path / "data")) == b"k" * 32
    assert not (tmp_path / "data").exists()


def test_a_service_that_was_handed_no_token_has_none() -> None:
    """As on an installed box: the data folder has a link to where root alone may look."""
    with tempfile.TemporaryDirectory() as found:
        kept, data = Path(found, "kept"), Path(found, "data")
        kept.mkdir()
        (kept / "cloud.token").write_text("token")
        (data / "secrets").mkdir(parents=True)
        (data / "secrets" / "cloud.token").symlink_to(kept / "cloud.token")
        Path(found).chmod(0o755)
        assert credentials.token_of(data) == "token"
        kept.chmod(0)
        said = to_somebody_else(lambda: str(credentials.token_of(data)))
        kept.chmod(0o700)
    assert said == "None"


def to_somebody_else(ask: Callable[[], str]) -> str:
    """What a process hears that is not root."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            try:
                said = ask()
            except OSError as error:
                said = str(error)
            os.write(told, said.encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(heard, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


READERS: dict[str, Callable[[Path], object]] = {
    "staff.toml": staff_pins.read,
    "operators.toml": operators.read,
    "tills.toml": tills.read,
    "devices.toml": lambda path: credentials.passwords(path.parents[1]),
}


@pytest.mark.parametrize("name", READERS)
def test_a_file_of_secrets_that_an_editor_has_spoilt_is_named_and_not_shown(tmp_path: Path, name: str) -> None:
    """It was "Invalid statement (at line 1, column 1)" of no file, or a traceback."""
    (tmp_path / "secrets").mkdir()
    path = tmp_path / "secrets" / name
    for spoilt in (b"\xff\xfeg\0e\0h\0", "geheim = ü".encode(), b"geheim = \xfc", b"geheim = [" * 2000):
        path.write_bytes(spoilt)
        with pytest.raises(tables.DamagedSecret) as told:
            READERS[name](path)
        assert str(told.value).startswith(f"{path}: expected ")
        assert "geheim" not in str(told.value)


def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "cloud.token").write_bytes(b"\xef\xbb\xbfabc\r\n")
    (tmp_path / "secrets" / "devices.toml").write_bytes(b'\xef\xbb\xbfgateway = "abc"\r\n')
    assert (credentials.token_of(tmp_path), credentials.passwords(tmp_path)) == ("abc", {"gateway": "abc"})


def test_people_who_are_none_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "staff.toml"
    for text in ("chen = 7\n", '[chen]\nname = "a"\nrole = "staff"\nkey = "k"\nsalt = "zz"\nhash = "h"\n'):
        path.write_text(text)
        with pytest.raises(tables.DamagedSecret, match=r"staff\.toml: "):
            staff_pins.read(path)
