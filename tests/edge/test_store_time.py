"""Days and times of day are the store's, whatever the box is set to, also where midnight is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.layout import Store
from edge.gateway.documents import Templates
from edge.products.dates import moment
from edge.products.plain_words import until
from edge.products.product import Promotion
from edge.products.references import store_of
from edge.settings import store_time
from edge.settings.settings import SettingsError, load
from edge.settings.store_time import checked_zone, local, of_region, start_of, today, with_zone, zone_info
from edge.web.pages.staff.board import day_to_close
from words.countries import COUNTRIES
from words.languages import USUAL, Wording

if TYPE_CHECKING:
    from edge.settings.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config"
SHANGHAI = zone_info("Asia/Shanghai")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    folder = shutil.copytree(EXAMPLE, tmp_path / "config")
    text = (folder / "store.toml").read_text("utf-8")
    assert old in text
    (folder / "store.toml").write_text(text.replace(old, new, 1), "utf-8")
    return folder


def settings(tmp_path: Path, region: str, timezone: str = "") -> Settings:
    own = f'region = "{region}"' + (f'\ntimezone = "{timezone}"' if timezone else "")
    return load(changed(tmp_path, 'region = "CN"', own))


def test_a_country_of_one_time_needs_no_setting(tmp_path: Path) -> None:
    assert load(EXAMPLE).store.zone.key == "Asia/Shanghai"
    assert settings(tmp_path, "DE").store.zone.key == "Europe/Berlin"


def test_every_country_has_a_zone_or_a_sentence() -> None:
    for country in COUNTRIES:
        try:
            assert checked_zone(of_region(country))
        except ValueError as error:
            assert str(error).startswith(f'"timezone" is missing: {country} has several; ')  # noqa: PT017
    for several in store_time._SEVERAL.values():
        assert all(checked_zone(name) for name in several.split(", "))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('region = "US"', '"timezone" is missing: US has several; known there: America/New_York,'),
        ('region = "CN"\ntimezone = "Asia/Beijing"', 'found "Asia/Beijing"; did you mean "Asia/Shanghai"?'),
        ('region = "CN"\ntimezone = "Asia/Shangai"', 'found "Asia/Shangai"; did you mean "Asia/Shanghai"?'),
        ('region = "CN"\ntimezone = "shanghai"', 'found "shanghai"; did you mean "Asia/Shanghai"?'),
        ('region = "CN"\ntimezone = "UTC+8"', 'found "UTC+8"; did you mean "Asia/Shanghai"?'),
        ('region = "CN"\ntimezone = "CST"', 'found "CST"; did you mean "Asia/Shanghai"?'),
        ('region = "US"\ntimezone = "new york"', 'found "new york"; did you mean "America/New_York"?'),
        ('region = "CN"\ntimezone = "../../etc/passwd"', 'such as "Asia/Shanghai"; found "../../etc/passwd"'),
        ('region = "CN"\ntimezone = "Mars/Base"', 'such as "Asia/Shanghai"; found "Mars/Base"'),
        ('region = "CN"\ntimezone = ""', 'such as "Asia/Shanghai"; found ""'),
        ('region = "CN"\ntimezone = 8', "timezone: expected text in quotes; found 8"),
    ],
)
def test_a_zone_that_is_none_says_which_was_meant(tmp_path: Path, own: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(changed(tmp_path, 'region = "CN"', own))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "day", "first"),
    [
        ("Asia/Shanghai", date(2026, 12, 31), datetime(2026, 12, 30, 16, tzinfo=UTC)),
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),  # midnight was left out
        ("America/Sao_Paulo", date(2018, 2, 18), datetime(2018, 2, 18, 3, tzinfo=UTC)),  # the hour before came twice
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),  # midnight is left out
        ("Asia/Beirut", date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # midnight is left out
        ("Africa/Cairo", date(2026, 10, 30), datetime(2026, 10, 29, 22, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # midnight comes twice: the first
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the day before was left out
    ],
)
def test_a_day_begins_with_its_first_moment(name: str, day: date, first: datetime) -> None:
    where = zone_info(name)
    assert datetime.fromtimestamp(start_of(day, where) / 1000, UTC) == first
    assert local(start_of(day, where), where).date() == day
    assert local(start_of(day, where) - 1, where).date() < day


@given(
    st.sampled_from(sorted(set(store_time._ZONES.values()))),
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_every_moment_lies_in_the_day_that_the_wall_shows(name: str, at: datetime) -> None:
    where = zone_info(name)
    now = int(at.replace(tzinfo=UTC).timestamp() * 1000)
    shown = local(now, where).date()
    assert today(now, where) <= now
    assert start_of(shown + timedelta(days=1), where) >= now - 3 * 3600_000  # an evening hour may come twice
    assert local(today(now, where), where).date() == shown


def test_an_offer_ends_with_its_day_in_the_store(tmp_path: Path) -> None:
    end = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert moment("2026-12-31", SHANGHAI, end=True) == int(end.timestamp() * 1000)
    assert moment("2026-12-31", SHANGHAI, end=False) == int((end - timedelta(days=1)).timestamp() * 1000)
    assert store_of(load(EXAMPLE)).zone == SHANGHAI
    assert until(Promotion(until_ms=int(end.timestamp() * 1000)), SHANGHAI, "zh-CN") == "至12月31日"
    for written in ("2026-12-31", "2027-01-01T00:00:00", "2026-12-31T16:00:00Z", "2027-01-01T00:00:00+08:00"):
        folder = changed(tmp_path / written[:10] / str(len(written)), "stock = ", f"ends_at = {written}\nstock = ")
        offer = next(coupon for coupon in load(folder).coupons if coupon.ends_ms)
        assert offer.ends_ms == end.timestamp() * 1000


@pytest.mark.parametrize("written", ["9999-12-31", "9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00", "0001-01-01"])
def test_always_may_be_written_as_the_end_of_the_calendar(tmp_path: Path, written: str) -> None:
    folder = changed(tmp_path, "stock = ", f"ends_at = {written}\nstock = ")
    offer = next(coupon for coupon in load(folder).coupons if coupon.ends_ms)
    assert local(offer.ends_ms or 0, zone_info("Pacific/Kiritimati")).year == (9999 if written[0] == "9" else 1970)
    campaigns = folder / "campaigns" / "coupons.toml"
    text = campaigns.read_text("utf-8")
    for key in ("from", "until"):
        both = f'when = {{ {key} = {written}, zones = ["entrance"], min_spend'
        campaigns.write_text(text.replace('when = { zones = ["entrance"], min_spend', both, 1), "utf-8")
        when = next(each.when for each in load(folder).campaigns if each.id == "first-10")
        shown = local((when.from_ms if key == "from" else when.until_ms) or 0, zone_info("Pacific/Kiritimati"))
        assert shown.year == (9999 if written[0] == "9" else 1970)


def test_what_is_no_day_is_told_with_its_line(tmp_path: Path) -> None:
    for written, said in (
        ('"soon"', "expected a day such as"),
        ("true", "expected a day such as"),
        ("7", "a day such as"),
    ):
        folder = changed(tmp_path / str(len(said) + len(written)), "stock = ", f"ends_at = {written}\nstock = ")
        with pytest.raises(SettingsError, match=said):
            load(folder)
    assert with_zone("2026-99-99", SHANGHAI) == "2026-99-99"


def test_a_slip_tells_the_time_of_the_store() -> None:
    at = int(datetime(2026, 12, 31, 16, 30, tzinfo=UTC).timestamp() * 1000)
    for where, told in ((SHANGHAI, "2027-01-01 00:30"), (zone_info("Europe/Berlin"), "2026-12-31 17:30")):
        shop = Store("s001", Wording({"zh-CN": "店", "en": "Shop"}), "CNY", "CN", where, USUAL, "")
        slips = Templates(lambda shop=shop: shop)  # type: ignore[misc]
        values = {"code": "123 456", "until_ms": at, "bank": "A", "door": "01", "url": ""}
        needed = slips._templates["locker"]["needs"]
        paper = slips.document("locker", "en", {name: values.get(name, "x") for name in {*needed, *values}})
        assert told in str(paper)


@pytest.mark.parametrize("box", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_box_s_own_zone_says_nothing(box: str) -> None:
    program = (
        "from pathlib import Path; from edge.settings.settings import load;"
        "from edge.products.references import store_of;"
        "from edge.products.values import moment;"
        f"store = store_of(load(Path({str(EXAMPLE)!r}))); print(moment(end=True)('2026-12-31', store))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "TZ": box}
    )
    assert int(done.stdout) == int(datetime(2026, 12, 31, 16, tzinfo=UTC).timestamp() * 1000)


def test_no_zone_of_the_list_is_unknown_to_the_data() -> None:
    assert set(store_time._ZONES.values()) <= zoneinfo.available_timezones()


@pytest.mark.parametrize(
    ("at", "day", "until"),
    [
        ("22:30", "11-26", ""),
        ("00:20", "11-25", "11-26 00:00"),
        ("03:59", "11-25", "11-26 00:00"),
        ("04:00", "11-26", ""),
    ],
)
def test_before_four_in_the_morning_the_day_before_is_closed(at: str, day: str, until: str) -> None:
    now = datetime.fromisoformat(f"2026-11-26T{at}").replace(tzinfo=SHANGHAI)
    found, from_ms, until_ms = day_to_close(int(now.timestamp() * 1000), SHANGHAI)
    assert found.isoformat() == f"2026-{day}"
    assert from_ms == start_of(found, SHANGHAI)
    assert ("" if until_ms is None else f"{local(until_ms + 1, SHANGHAI):%m-%d %H:%M}") == until
