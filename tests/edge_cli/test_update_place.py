"""The store that a new version opens to be tried is the whole store: with its campaigns, texts and playlists."""

from __future__ import annotations

from pathlib import Path

from edge.cli.update_rehearsal import _Place
from edge.settings.settings import load

EXAMPLE = Path(__file__).parents[2] / "config"


def test_every_file_of_the_settings_is_tried(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    journal.touch()
    settings = load(EXAMPLE)
    tried = load(_Place(tmp_path / "place", EXAMPLE, settings, journal).config)
    assert [each.id for each in tried.campaigns] == [each.id for each in settings.campaigns]
    assert tried.playing.names == settings.playing.names
