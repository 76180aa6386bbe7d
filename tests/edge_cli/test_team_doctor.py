from __future__ import annotations

import errno
from pathlib import Path

import pytest

from edge.cli import checks
from edge.secrets.staff_pins import Team, put, read, remove, write
from edge.settings.settings import load
from operations.diagnosis import secret_files
from operations.diagnosis.findings import Health
from operations.diagnosis.secret_files import _team

EXAMPLE = Path(__file__).parents[2] / "config"


def test_the_doctor_names_old_pins_and_lists_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "staff.toml"
    assert list(_team(tmp_path)) == []
    put(path, "li", "Li", "staff", "402719")
    put(path, "wang", "Wang", "manager", "618394")
    assert list(_team(tmp_path)) == []
    write(path, read(path))
    path.write_text(path.read_text().replace("rules = 2\n", "", 1))
    [found] = _team(tmp_path)
    assert found.health is Health.NOTE
    assert "li may have one of four digits" in found.text
    (tmp_path / "secrets" / "operators.toml").write_text("[half")
    assert [each.health for each in _team(tmp_path)] == [Health.NOTE, Health.ILL]


def test_a_list_from_before_is_read(tmp_path: Path) -> None:
    path = tmp_path / "staff.toml"
    path.write_text('[li]\nname = "Li"\nrole = "staff"\nkey = "aa"\nsalt = "00ff"\nhash = "bb"\n')
    assert read(path)["li"].rules == 1


def test_who_was_removed_while_the_file_could_not_be_read_is_gone_as_soon_as_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file more to open at that moment, or rights that were mended afterwards: it was never read again."""
    path = tmp_path / "secrets" / "staff.toml"
    path.parent.mkdir()
    put(path, "li", "Li", "staff", "917204")
    put(path, "wang", "Wang", "manager", "640183")
    team = Team(tmp_path)
    assert {each.staff for each in team.members()} == {"li", "wang"}
    remove(path, "li")
    with monkeypatch.context() as full:
        full.setattr(Path, "read_bytes", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EMFILE, "Too many")))
        assert {each.staff for each in team.members()} == {"li", "wang"}, "what it said before"
        assert team.whole == frozenset()
    assert {each.staff for each in team.members()} == {"wang"}
    assert team.whole == {"staff", "manager"}


def test_the_doctor_goes_on_where_the_passwords_of_the_broker_cannot_be_read(tmp_path: Path) -> None:
    """It ended there, in the middle of what it looks at."""
    path = tmp_path / "secrets" / "devices.toml"
    path.parent.mkdir()
    path.write_bytes(b"\xff")
    found = [each for each in secret_files.secrets(tmp_path) if each.health is Health.ILL and str(path) in each.text]
    assert any("expected UTF-8 text" in each.text for each in found)
    settings = load(EXAMPLE)
    box = settings.gateway.model_copy(update={"data": tmp_path})
    assert checks._password(settings.model_copy(update={"gateway": box})) is None
