"""`storekeeper cloud`: a token for each store, a password for the page, both shown once and kept as hashes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edge.cli.app import app
from edge.cli.io_errors import of_database
from edge.secrets.cloud_access import CloudAccess
from edge.web.server.connections import TimeoutProtocol
from sync.wire import MAX_CONTENT

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["cloud", *words, "--config", str(CONFIG), "--data", str(tmp_path)])

    return run


def test_each_store_has_a_token_of_its_own(call: Callable[..., Result], tmp_path: Path) -> None:
    assert "No store may send yet" in call("list").output
    first, second = (call("admit", store).output.strip() for store in ("s001", "s002"))
    door = CloudAccess(tmp_path)
    assert (door.store_of(first), door.store_of(second), door.store_of("")) == ("s001", "s002", None)
    assert call("list").output.split() == ["s001", "s002"]
    again = call("admit", "s001").output.strip()
    assert (door.store_of(first), door.store_of(again)) == (None, "s001")
    assert call("dismiss", "s002").exit_code == 0
    assert door.store_of(second) is None
    assert call("dismiss", "s002").exit_code == 1
    kept = (tmp_path / "secrets" / "stores.toml").read_text("utf-8")
    assert again not in kept
    assert (tmp_path / "secrets" / "stores.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("store", ["S001", "<img>", "x" * 5000, "", "-x", "a b"])
def test_what_is_no_stores_id_is_refused(call: Callable[..., Result], store: str, tmp_path: Path) -> None:
    result = call("admit", "--", store)
    assert result.exit_code == 2
    assert not (tmp_path / "secrets" / "stores.toml").exists()


@pytest.mark.parametrize("found", ["text", "folder", "link"])
def test_a_receiver_whose_file_cannot_be_used_names_it_and_ends(
    call: Callable[..., Result], found: str, tmp_path: Path
) -> None:
    """It ended with a traceback out of its web server, and with the code of a missing part."""
    path = tmp_path / "cloud.db"
    if found == "text":
        path.write_text("a list of stores, longer than the head of a database")
    elif found == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "unmounted" / "cloud.db")
    result = call("run", "--port", "0")
    assert isinstance(result.exception, sqlite3.DatabaseError)
    said = of_database(result.exception)
    assert said.startswith(str(path))
    assert ("cannot be used" in said, "is not there" in said) == (found != "link", found == "link")


def test_a_receiver_waits_for_nobody_for_ever(call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that never ended were kept, and what anybody sent was taken whole."""
    given: list[Any] = []
    monkeypatch.setattr("sync.cloud.app.run", lambda *parts: given.extend(parts))
    assert call("run").exit_code == 0
    protocol = next(each for each in given if isinstance(each, type))
    assert issubclass(protocol, TimeoutProtocol)
    assert protocol.max_body == MAX_CONTENT


def test_the_page_has_a_password(call: Callable[..., Result], tmp_path: Path) -> None:
    word = call("password").output.strip()
    door = CloudAccess(tmp_path)
    assert door.opens_page(word)
    assert not door.opens_page("")
    assert door.store_of(word) is None


@pytest.mark.parametrize("words", [("budget", "set", "winter", "--uses", str(2**53)), ("run", "--port", "70000")])
def test_a_number_that_nobody_could_read_back_is_refused(
    call: Callable[..., Result], words: tuple[str, ...], tmp_path: Path
) -> None:
    """A budget of 2^53 was written, and from then on nobody had a lease of any campaign."""
    assert call(*words).exit_code == 2
    assert not (tmp_path / "budgets.toml").exists()
