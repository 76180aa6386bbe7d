"""The store that a new version opens to be tried is the whole store: with its campaigns, texts and playlists."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import update_rehearsal
from edge.cli.app import app
from edge.cli.update_rehearsal import _Place
from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from edge.settings.settings import load

EXAMPLE = Path(__file__).parents[2] / "config"


def test_every_file_of_the_settings_is_tried(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    journal.touch()
    settings = load(EXAMPLE)
    tried = load(_Place(tmp_path / "place", EXAMPLE, settings, journal).config)
    assert [each.id for each in tried.campaigns] == [each.id for each in settings.campaigns]
    assert tried.playing.names == settings.playing.names


async def test_what_is_no_journal_is_refused_before_a_store_is_opened_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text file was copied into a store's place, whose gateway was waited for until two minutes had passed."""
    monkeypatch.setattr(update_rehearsal, "_Place", None)
    Journal(whole := tmp_path / "journal.db", NOUNS).close()
    content = whole.read_bytes()
    (text := tmp_path / "notes.txt").write_text("# notes\n" * 1000)
    (empty := tmp_path / "empty.db").touch()
    (torn := tmp_path / "torn.db").write_bytes(content[: len(content) // 2])
    (spoilt := tmp_path / "spoilt.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    for journal in (text, empty, torn, spoilt, tmp_path, tmp_path / "nothing.db"):
        done = CliRunner().invoke(app, ["update", "rehearse", "--journal", str(journal), "--config", str(EXAMPLE)])
        assert (done.exit_code, f"{journal}: expected a copy of a whole journal" in done.output) == (1, True), (
            done.output
        )
    with pytest.raises(TypeError):  # it goes on
        update_rehearsal.rehearse(EXAMPLE, whole)
