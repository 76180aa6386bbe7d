"""Staff see what screens show; store IT sees what they proved."""

from __future__ import annotations

import base64
import csv
import io
import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from edge.gateway import device_views
from tests.edge.conftest import Puppet
from tests.web.running import Colleague, RunningStore, Shopper, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

SCREEN = "screen-baby"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device may be slow to answer, as this machine is."""
    monkeypatch.setattr(device_views, "SNAPSHOT_TTL_MS", 60_000)


@pytest.fixture
def screen(store: RunningStore) -> Iterator[Puppet]:
    puppet = Puppet(store._broker, SCREEN, store.gateway.settings.store.id)
    wait(lambda: any(each.id == SCREEN and each.online for each in store.gateway.devices.views()))
    yield puppet
    puppet.stop()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (45, 80), "#804020").save(out, "PNG")
    return out.getvalue()


def tells(screen: Puppet, seq: int, *intervals: dict[str, Any]) -> None:
    data = {"stood": list(intervals)}
    screen.send("event", {"boot": screen.boot, "seq": seq, "at": "", "type": "displayed", "data": data})


def stood(screen: Puppet, n: int, ms: int, item: str = "milk", owner: str = "") -> dict[str, Any]:
    at = datetime.fromtimestamp(time.time() - 60, UTC).isoformat()
    shown = {"playlist": "day", "item": item, "content": f"day/{item}", "owner": owner}
    return {"boot": screen.boot, "n": n, "shown": shown, "at": at, "ms": ms, "lit": "yes"}


def test_the_picture_and_how_the_glass_is(store: RunningStore, screen: Puppet, li: Colleague) -> None:
    screen.answer = lambda _: {"outcome": "done", "observed": {"png": base64.b64encode(png()).decode()}}
    glass = {"trouble": "upside_down", "width": 1080, "height": 1920, "lit": "yes", "brightness": 80}
    screen.send("state", {"boot": screen.boot, "at": "", "online": True, "glass": glass})
    wait(lambda: "upside down" in li.get(f"{store.base}/staff/screens").text)
    page = li.get(f"{store.base}/staff/screens").text
    assert "1080 × 1920 · panel on · brightness 80%" in page
    answer = li.get(f"{store.base}/staff/screens/{SCREEN}/picture")
    assert (answer.content, answer.headers["Cache-Control"]) == (png(), "no-store")
    assert f'<noscript><img src="/staff/screens/{SCREEN}/picture"' in page, "which stands there without a script too"
    assert "Its picture is upside down" in li.page()
    screen.send("state", {"boot": screen.boot, "at": "", "online": True, "glass": {"width": 1080, "height": 1920}})
    wait(lambda: "upside down" not in li.page())


def test_staff_start_a_screen_anew_once(store: RunningStore, screen: Puppet, li: Colleague) -> None:
    form = {"target": SCREEN, "request": str(uuid.uuid4())}
    for _ in range(2):
        assert li.post(f"{store.base}/staff/screens", data=form, timeout=60).status_code == 200
    assert [each["verb"] for each in screen.told()] == ["restart"]
    act = store.gateway.reads.one("SELECT * FROM staff_acts ORDER BY place DESC LIMIT 1")
    assert (act["staff"], act["action"], act["target"]) == ("li", "restart", SCREEN)
    screen.answer = lambda _: {"outcome": "refused", "reason": "bad_args"}
    page = li.post(f"{store.base}/staff/screens", data=form | {"request": str(uuid.uuid4())}, timeout=60)
    assert "did not answer" in page.text


def test_only_staff_see_screens_and_only_screens(store: RunningStore, screen: Puppet, li: Colleague) -> None:
    stranger = Shopper(store)
    assert stranger.get(f"{store.base}/staff/screens/{SCREEN}/picture").status_code == 401
    assert stranger.post(f"{store.base}/staff/screens", data={"target": SCREEN, "request": "x"}).status_code == 401
    for other in ("cart-01", "nobody"):
        assert li.get(f"{store.base}/staff/screens/{other}/picture").status_code == 404
    assert screen.commands() == []


def test_what_was_shown_is_a_page_and_a_sheet(store: RunningStore, screen: Puppet) -> None:
    owner, formula = f"Brand {uuid.uuid4().hex[:6]}", "=cmd|x"
    tells(screen, 1, stood(screen, 1, 61_500, "milk", owner), stood(screen, 2, 1000, formula, owner))
    tells(screen, 1, stood(screen, 1, 61_500, "milk", owner))  # sent again
    wait(screen.acks)
    desk = Shopper(store)
    page = desk.get(f"{store.base}/it/exposure").text
    assert owner in page
    assert "0:01:02" in page
    text = desk.get(f"{store.base}/it/exposure.csv?by=owner&by=item&by=screen").content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["owner"] == owner]
    assert [(row["item"], row["screen"], row["times"], row["shown_s"], row["lit_s"]) for row in rows] == [
        ("milk", SCREEN, "1", "61.500", "61.500"), (f"'{formula}", SCREEN, "1", "1.000", "1.000"),
    ]  # fmt: skip
    assert owner not in desk.get(f"{store.base}/it/exposure?first=2020-01-01&last=2020-01-02").text


def test_what_was_shown_goes_by_its_name(store: RunningStore, screen: Puppet) -> None:
    mine = f"Brand {uuid.uuid4().hex[:6]}"
    for n, (playlist, item) in enumerate([("house", "today"), ("breakfast", "fresh-bread"), ("gone", "nameless")], 1):
        interval = stood(screen, n, 1000, item, mine)
        interval["shown"] |= {"playlist": playlist, "content": f"{playlist}/{item}"}
        tells(screen, n, interval)
    wait(lambda: "nameless" in Shopper(store).get(f"{store.base}/it/exposure").text)
    rows = re.findall(r"<tr>(.*?)</tr>", Shopper(store).get(f"{store.base}/it/exposure?lang=de").text)
    shown = " ".join(row for row in rows if mine in row)
    for name in ("Die Schleife des Hauses", "Datum und Öffnungszeiten", "Brot frisch aus dem Ofen", "nameless"):
        assert name in shown
    assert "fresh-bread" not in shown


@pytest.mark.parametrize(
    "query", ["first=yesterday", "first=2026-13-01", "first=2026-02-01&last=2026-01-01", "by=member", "last=9999-12-31"]
)
def test_days_that_are_none_are_refused(store: RunningStore, query: str) -> None:
    for page in ("exposure", "exposure.csv"):
        assert Shopper(store).get(f"{store.base}/it/{page}?{query}").status_code == 400


def test_a_report_is_no_shoppers_business(real: RunningStore) -> None:
    for page in ("exposure", "exposure.csv"):
        assert Shopper(real).get(f"{real.base}/it/{page}").status_code in (401, 403)
