"""A service starts with broken settings: the last good ones go on. What it did not open with is given up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.bootstrap.opening import fell_back
from edge.settings import file_sets
from edge.settings.last_good import TRIES, LastGood, data_of
from edge.settings.settings import SettingsError, load
from words.sentences import say

EXAMPLE = Path(__file__).parents[2] / "config"
TTL = "unlock_ttl_ms = 10000"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "config"))


@pytest.fixture
def good(tmp_path: Path) -> LastGood:
    return LastGood(tmp_path / "data", "gateway")


def break_(config: Path) -> None:
    path = config / "store.toml"
    path.write_text(path.read_text("utf-8").replace("[store]", "[stroe]", 1), "utf-8")


def rename(config: Path, name: str) -> None:
    """Good settings that differ."""
    path = config / "store.toml"
    path.write_text(f"# {name}\n{path.read_text('utf-8')}", "utf-8")


def test_good_settings_are_used_and_kept(config: Path, good: LastGood) -> None:
    opened = good.load(config)
    assert (opened.folder, opened.why_not) == (config, ())
    good.keep(config)
    assert file_sets.read(good.folder) == file_sets.read(config)
    assert not good.folder.stat().st_mode & 0o077, "they may hold a password"


def test_half_a_copy_takes_the_place_of_none(config: Path, good: LastGood) -> None:
    good.keep(config)
    kept = file_sets.read(good.folder)
    (config / "store.toml").rename(config / "ours")
    (config / "store.toml").symlink_to("ours")
    good.keep(config)
    assert file_sets.read(good.folder) == kept


def test_what_cannot_be_read_lets_the_last_good_ones_go_on(config: Path, good: LastGood) -> None:
    good.keep(config)
    for number in range(501):
        (config / "campaigns" / f"{number}.toml").touch()
    assert good.load(config).folder == good.folder


def taken_before(config: Path, good: LastGood, file: str, text: str) -> None:
    """These settings were good to an earlier build: the copy has them too."""
    good.keep(config)
    for folder in (config, good.folder):
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def written(config: Path, file: str, old: str, new: str) -> str:
    text = (config / file).read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("file", "old", "new", "said", "instead"),
    [
        ("gateway.toml", TTL, "unlock_ttl_ms = 90_000", "less than or equal to 60000; found 90000", 60_000),
        ("gateway.toml", TTL, "unlock_ttl_ms = 1", "greater than or equal to 500; found 1", 500),
        ("gateway.toml", TTL, 'unlock_ttl_ms = "soon"', 'found "soon"', 10_000),
        ("gateway.toml", TTL, "unlock_ms = 900", 'unknown key "unlock_ms"', 10_000),
        ("gateway.toml", "[http]", "[sms]\nurl = 7\n[http]", "url: expected", 10_000),
        ("store.toml", "[lockers]", "[lockers]\nwarn_minutes = -4", "warn_minutes", 10_000),
        ("store.toml", "[carts]", "[carts]\nno_such = 1", 'unknown key "no_such"', 10_000),
        ("devices.toml", "[[devices]]", "[[devices]]\nmood = 7", 'unknown key "mood"', 10_000),
    ],
)
def test_a_store_opens_also_where_a_later_build_does_not_take_its_last_good_settings(
    config: Path, good: LastGood, file: str, old: str, new: str, said: str, instead: int
) -> None:
    whole = load(config)
    taken_before(config, good, file, written(config, file, old, new))
    opened = good.load(config)
    assert opened.folder == good.folder
    assert opened.why_not
    assert len(opened.mended) == 1
    assert said in opened.mended[0]
    assert opened.settings.gateway.unlock_ttl_ms == instead
    assert opened.settings.devices == whole.devices
    assert opened.settings.campaigns == whole.campaigns


def test_the_bound_or_the_default_that_stands_in_is_said(config: Path, good: LastGood) -> None:
    text = written(config, "gateway.toml", TTL, 'unlock_ttl_ms = 90_000\nprint_ttl_ms = "long"')
    taken_before(config, good, "gateway.toml", text)
    first, second = good.load(config).mended
    assert first.startswith("gateway.toml:5: unlock_ttl_ms")
    assert first.endswith("; 60000 stands in for it")
    assert second.endswith('found "long"; print_ttl_ms is left out')


def test_a_campaign_that_a_later_build_does_not_take_holds_no_more_and_the_others_do(
    config: Path, good: LastGood
) -> None:
    path = next(iter(sorted((config / "campaigns").glob("*.toml"))))
    before = {each.id for each in load(config).campaigns}
    text = path.read_text("utf-8").replace("[[campaigns]]", "[[campaigns]]\nmood = 7", 1)
    taken_before(config, good, f"campaigns/{path.name}", text)
    opened = good.load(config)
    assert len(before - {each.id for each in opened.settings.campaigns}) == 1
    assert any("mood" in each and each.endswith("left out") for each in opened.mended)


def test_playlists_that_a_later_build_does_not_take_are_not_played(config: Path, good: LastGood) -> None:
    taken_before(config, good, "playlists.toml", "mood = 7\n")
    opened = good.load(config)
    assert opened.settings.playing.playlists == ()
    assert "mood" in opened.mended[0]


def test_games_that_a_later_build_does_not_take_are_not_played(config: Path, good: LastGood) -> None:
    assert load(config).games
    taken_before(config, good, "store.toml", written(config, "store.toml", "percent = 0.5", "percent = 99"))
    opened = good.load(config)
    assert opened.settings.games == ()
    assert opened.mended[0].endswith("games is left out")


def test_no_device_and_no_zone_is_ever_left_out(config: Path, good: LastGood) -> None:
    taken_before(config, good, "devices.toml", written(config, "devices.toml", "kind =", "kinds ="))
    with pytest.raises(SettingsError, match="kind"):
        good.load(config)


def test_staff_are_told_what_stands_in(config: Path, good: LastGood) -> None:
    taken_before(config, good, "gateway.toml", written(config, "gateway.toml", TTL, "unlock_ttl_ms = 90_000"))
    opened = good.load(config)
    (fact,), needs = fell_back(opened.why_not, opened.mended, opened.sha256)
    assert (fact.mistakes, [need.kind for need in needs]) == (1, ["settings_fell_back", "settings_mended"])
    for language in ("zh-CN", "en", "de"):
        assert "60000 stands in" in say(language, "needs.settings_mended", **needs[1].details)
    assert fell_back((), (), "") == ((), ())


def test_without_any_good_ones_the_mistakes_are_told(config: Path, good: LastGood) -> None:
    break_(config)
    with pytest.raises(SettingsError, match="stroe"):
        good.load(config)


@pytest.mark.parametrize("how", ["a word", "no file", "no folder", "no toml"])
def test_the_last_good_ones_go_on(config: Path, good: LastGood, how: str) -> None:
    good.keep(config)
    match how:
        case "a word":
            break_(config)
        case "no file":
            (config / "devices.toml").unlink()
        case "no folder":
            shutil.rmtree(config)
        case _:
            (config / "gateway.toml").write_bytes(b"\xff\xfe[")
    opened = good.load(config)
    assert opened.folder == good.folder
    assert opened.settings.store.id == "s001"
    assert opened.why_not
    assert all(".toml" in each for each in opened.why_not)


def test_broken_ones_are_never_kept(config: Path, good: LastGood) -> None:
    good.keep(config)
    break_(config)
    good.keep(config)
    assert good.load(config).settings.store.id == "s001"


def test_settings_that_never_opened_are_given_up(config: Path, good: LastGood) -> None:
    good.keep(config)
    rename(config, "a port of somebody else")
    for _ in range(TRIES):
        assert good.load_to_open(config).folder == config
    opened = good.load_to_open(config)
    assert opened.folder == good.folder
    assert "did not open with them 3 times" in opened.why_not[0]
    rename(config, "mended")
    assert good.load_to_open(config).folder == config


def test_settings_that_open_are_tried_for_ever(config: Path, good: LastGood) -> None:
    for _ in range(2 * TRIES):
        assert good.load_to_open(config).folder == config
        good.keep(config)
    rename(config, "others")
    good.load_to_open(config)
    good.keep(config)
    assert [good.load_to_open(config).folder for _ in range(2 * TRIES)] == [config] * 2 * TRIES


def test_the_first_settings_of_all_are_tried_for_ever(config: Path, good: LastGood) -> None:
    """There is nothing else to work by."""
    assert [good.load_to_open(config).folder for _ in range(2 * TRIES)] == [config] * 2 * TRIES


def test_the_data_folder_is_found_without_good_settings(config: Path, tmp_path: Path) -> None:
    assert data_of(config, tmp_path) == tmp_path
    assert data_of(config, None) == Path("data")
    (config / "gateway.toml").write_text('data = "/srv/store"\nport = wrong', "utf-8")
    assert data_of(config, None) == Path("data")
    (config / "gateway.toml").write_text('data = "/srv/store"\nprot = 1', "utf-8")
    assert data_of(config, None) == Path("/srv/store")


def test_files_are_written_whole_and_links_are_not_followed(config: Path, tmp_path: Path) -> None:
    files = {name: text for name, text in file_sets.read(config).items() if "/" not in name}
    target = tmp_path / "target"
    target.mkdir()
    (target / "campaigns").mkdir()
    (target / "campaigns" / "winter.toml").write_text("a = 1\n")
    (target / "mine.toml").write_text("a = 1\n")
    (target / "store.toml").write_text("b = 1\n")
    (target / "store.toml").chmod(0o604)
    (target / "ca.crt").write_text("not ours")
    file_sets.write(target, {**files, "campaigns/spring.toml": b"c = 1\n"})
    assert file_sets.read(target) == {**files, "campaigns/spring.toml": b"c = 1\n"}
    assert (target / "store.toml").stat().st_mode & 0o777 == 0o604
    assert sorted(path.name for path in target.iterdir()) == sorted([*files, "ca.crt", "mine.toml", "campaigns"])
    assert [path.name for path in (target / "campaigns").iterdir()] == ["spring.toml"]
    (target / "campaigns" / "hosts.toml").symlink_to("/etc/hostname")
    assert "campaigns/hosts.toml" not in file_sets.read(target)


def test_one_byte_more_is_another_set(config: Path) -> None:
    files = file_sets.read(config)
    assert file_sets.digest(files) == file_sets.digest(dict(reversed(files.items())))
    assert file_sets.digest(files) != file_sets.digest({**files, "store.toml": files["store.toml"] + b"\n"})


def test_sync_keeps_its_own_where_it_may_write(config: Path, tmp_path: Path) -> None:
    own = tmp_path / "data-sync"
    own.mkdir()
    sync = LastGood(tmp_path / "data", "sync")
    sync.keep(config)
    assert sync.folder.is_relative_to(own)
    assert LastGood(tmp_path / "data", "gateway").folder.is_relative_to(tmp_path / "data")
    break_(config)
    assert sync.load(config).folder == sync.folder
