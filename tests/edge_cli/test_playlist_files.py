# ruff: noqa: E501 - settings stand as they are written
"""`playlists.toml`: every mistake with its line, what was expected and what was perhaps meant; `screens` on top of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from typer.testing import CliRunner

from device_drivers.contract.playlists import PictureItem, Window
from edge.cli.app import app
from edge.cli.screen_media import BadMediaFile, take
from edge.settings.settings import SettingsError, load

EXAMPLE = Path(__file__).parents[2] / "config"
HEAD = '[[playlists]]\nid = "one"\n'
ITEMS = 'items = [{ show = "today" }]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(EXAMPLE, tmp_path / "config"))
    (made / "playlists.toml").unlink()
    return made


def mistakes(folder: Path, text: str) -> list[str]:
    (folder / "playlists.toml").write_text(text, "utf-8")
    try:
        load(folder)
    except SettingsError as error:
        return [str(each) for each in error.mistakes]
    return []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, ':1: "items" is missing in [[playlists]]'),
        (HEAD + "items = []\n", ":3: items: expected at least one"),
        (HEAD + 'items = [{ show = "ofers" }]\n', 'expected one of offers, picture, video, page, guide, product, today; found "ofers"; did you mean "offers"?'),
        (HEAD + "items = [{ s = 10 }]\n", 'items: "show" is missing; known: offers, picture, video, page, guide, product, today'),
        (HEAD + 'items = [{ show = "today", sec = 4 }]\n', 'unknown key "sec"'),
        (HEAD + 'items = [{ show = "today", s = 1 }]\n', ":3: items[0].s: expected greater than or equal to 2; found 1"),
        (HEAD + 'items = [{ picture = "x.png" }]\n', 'picture: there is no "x.png" in media.toml'),
        (HEAD + 'items = [{ picture = "breakfast-zh.jpeg" }]\n', 'did you mean "breakfast-zh.jpg"?'),
        (HEAD + 'items = [{ video = "breakfast-zh.jpg" }]\n', 'video: expected a film; "breakfast-zh.jpg" is image/jpeg'),
        (HEAD + 'items = [{ picture = { fr = "breakfast-zh.jpg" } }]\n', 'picture: expected a language; found "fr"'),
        (HEAD + 'items = [{ show = "product", products = ["milk"] }]\n', "expected text like"),
        (HEAD + 'days = "mo-fr"\n' + ITEMS, ':3: days: expected days such as "mon-fri" or "sat, sun"; found "mo-fr"'),
        (HEAD + 'from = "8:00"\n' + ITEMS, ':3: from: expected a time of day such as "08:30"; found "8:00"'),
        (HEAD + 'to = "24:30"\n' + ITEMS, 'expected a time of day such as "08:30"; found "24:30"'),
        (HEAD + 'from = "24:00"\n' + ITEMS, ":3: from: expected less than or equal to 1439"),
        (HEAD + "priority = 2000\n" + ITEMS, ":3: priority: expected less than or equal to 1000; found 2000"),
        (HEAD + 'where = { zones = ["bayb"] }\n' + ITEMS, 'where.zones: there is no zone "bayb"; did you mean "baby"?'),
        (HEAD + 'where = { screens = ["screen-babby"] }\n' + ITEMS, 'there is no screen "screen-babby"; did you mean "screen-baby"?'),
        (HEAD + 'where = { tags = ["window"] }\n' + ITEMS, 'where.tags: there is no tag "window"'),
        (HEAD + 'phase = "main"\n' + ITEMS, ':3: phase: there is no phase "main"'),
        (HEAD + "first = 2026-12-24\nlast = 2026-12-01\n" + ITEMS, "expected a day not before first (2026-12-24); found 2026-12-01: it would never play"),
        (HEAD + 'from = "08:00"\nwhen = [{ to = "10:00" }]\n' + ITEMS, "when: expected either a list of times, or days, from and to beside it; found both"),
        (HEAD + ITEMS + HEAD + ITEMS, 'id: "one" is taken by line 2; every one of [[playlists]] needs its own'),
        (HEAD + 'items = [{ id = "aa", show = "today" }, { id = "aa", show = "offers" }]\n', 'id: "aa" is taken by item 1 of this playlist'),
        ('[[phases]]\nid = "pp"\ncampaign = "nothing"\n', ':3: campaign: there is no campaign "nothing"'),
        ('[[phases]]\nid = "pp"\nfrom = 2026-12-02\nuntil = 2026-12-01\n', "expected an end after the beginning"),
        ('[hours]\nmon = "8-22"\n', 'hours.mon: expected hours such as "08:00-22:00", or "closed"; found "8-22"'),
        ('[tags]\nwindow = ["screen-x"]\n', 'window: there is no screen "screen-x"'),
        ("[[playlists]\n", ":1: not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(folder: Path, text: str, said: str) -> None:
    found = mistakes(folder, text)
    assert any(said in each for each in found), found
    assert all(each.startswith("playlists.toml") for each in found)


def test_what_stands_there_is_what_screens_get(folder: Path) -> None:
    (folder / "playlists.toml").write_text(
        HEAD
        + 'priority = 7\ndays = "fri-sun"\nfrom = "22:00"\nto = "03:00"\nphase = "pp"\nwhere = { zones = "baby" }\n'
        + 'items = [{ picture = "breakfast-zh.jpg", s = 12.5, recall = true }]\n[[phases]]\nid = "pp"\nuntil = 2026-12-31\n'
        + '[hours]\nevery_day = "08:00-22:00"\nsun = "closed"\non = { 2026-12-25 = "closed" }\n',
        "utf-8",
    )
    playing = load(folder).playing
    (one,) = playing.playlists
    assert one.windows == (Window(0b111_0000, 22 * 60, 180),)
    assert one.until is not None
    assert one.until.isoformat() == "2027-01-01T00:00:00+08:00"
    (item,) = one.items
    assert isinstance(item, PictureItem)
    assert (item.id, item.ms, item.recall) == ("picture-1", 12_500, True)
    assert playing.names[item.media["zh-CN"]] == "breakfast-zh.jpg"
    assert playing.hours.week == (*["08:00-22:00"] * 6, "")
    assert playing.hours.on == {"2026-12-25": ""}


def test_a_store_without_playlists_plays_its_own_loop(folder: Path) -> None:
    assert load(folder).playing.playlists == ()
    said = CliRunner().invoke(app, ["screens", "plays", "--config", str(folder), "--screen", "screen-baby"])
    assert said.exit_code == 0
    assert "plays house/" in said.stdout


def test_plays_says_what_and_why(tmp_path: Path) -> None:
    command = ["screens", "plays", "--config", str(EXAMPLE), "--data", str(tmp_path), "--screen", "screen-fresh"]
    said = CliRunner().invoke(app, [*command, "--at", "2026-11-27T08:31:00", "--json"])
    (told,) = json.loads(said.stdout)
    assert told["at"] == "2026-11-27T00:31:00.000Z", "the store's own time"
    assert told["next_change"] == {"at": "2026-11-27T02:30:00.000Z", "at_ms": 1795746600000, "playlists": ["day"]}
    verdicts = {each["playlist"]: each["verdict"] for each in told["why"]}
    assert verdicts == {"day": "covered", "breakfast": "plays", "brand-milk": "waits", "night": "not_now"}
    night = CliRunner().invoke(app, [*command, "--at", "2026-11-26T15:00:00Z"])
    assert "plays night/today" in night.stdout
    assert "next playlist: day at Fri 2026-11-27 07:00:00" in night.stdout
    assert "breakfast     20  has not its time: next from Fri 2026-11-27 08:00" in night.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--at", "yesterday"], 'expected a time such as "08:30"'),
        (["--at", "1900-06-01"], "expected a time between 1971 and 2200; found 1900-05-31"),
        (["--at", "0001-01-01T00:00"], "expected a time between 1971 and 2200; found 0001-01-01"),
        (["--at", "9999-12-31T23:59-12:00"], "expected a time between 1971 and 2200; found 9999-12-31"),
        (["--screen", "scren-baby"], 'There is no screen "scren-baby"; did you mean "screen-baby"?'),
    ],
)
def test_what_cannot_be_asked_is_said(more: list[str], said: str) -> None:
    found = CliRunner().invoke(app, ["screens", "plays", "--config", str(EXAMPLE), *more])
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.output


def test_a_file_is_taken_whole_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    good = (EXAMPLE / "media" / "breakfast-de.jpg").read_bytes()
    (tmp_path / "Brötchen Tag.JPG").write_bytes(good)
    (tmp_path / "cut.jpg").write_bytes(good[:5000])
    before = (folder / "media.toml").read_text("utf-8")
    command = ["screens", "add", "--config", str(folder), str(tmp_path / "Brötchen Tag.JPG")]
    cut = CliRunner().invoke(app, [*command, str(tmp_path / "cut.jpg")])
    assert cut.exit_code == 2
    assert "expected a whole file; it is cut off" in cut.stderr
    assert (folder / "media.toml").read_text("utf-8") == before, "nothing of both was taken"
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.stderr
    assert "br-tchen-tag.jpg: image/jpeg, 1080 x 1920" in done.stdout
    assert mistakes(folder, HEAD + 'items = [{ picture = "br-tchen-tag.jpg" }]\n') == []


def test_a_picture_that_a_phone_has_only_marked_as_turned_stands_upright(tmp_path: Path) -> None:
    lying = Image.new("RGB", (64, 32), "white")
    lying.paste("black", (0, 0, 32, 32))
    mark = lying.getexif()
    mark[ExifTags.Base.Orientation] = 6  # its left is what is up
    lying.save(tmp_path / "photo.jpg", exif=mark)
    (said,) = take([tmp_path / "photo.jpg"], tmp_path)
    assert "32 x 64" in said
    with Image.open(tmp_path / "media" / "photo.jpg") as kept:
        grey = kept.convert("L")
        assert (grey.getpixel((16, 8)), grey.getpixel((16, 56))) == (0, 255)
        assert ExifTags.Base.Orientation not in kept.getexif()


def test_a_picture_whose_pixels_are_damaged_is_not_taken(tmp_path: Path) -> None:
    """Its frame is whole, so that only whoever decodes it finds out: on the screen that would be nothing."""
    path = tmp_path / "photo.webp"
    Image.effect_noise((320, 240), 60).convert("RGB").save(path, lossless=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:60] + bytes(len(whole) - 60))
    with pytest.raises(BadMediaFile, match="expected a whole picture; it is damaged"):
        list(take([path], tmp_path))


def test_what_is_withdrawn_is_on_no_screen_and_may_come_back(tmp_path: Path) -> None:
    run = CliRunner()
    common = ["--config", str(EXAMPLE), "--data", str(tmp_path)]
    nothing = run.invoke(app, ["screens", "withdraw", "nothing/at-all", *common])
    assert nothing.exit_code == 1
    assert "This is nothing that screens show." in nothing.stderr
