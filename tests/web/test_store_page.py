from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Any

import pytest

from tests.web.running import RunningStore, Shopper, wait
from words.languages import known
from words.sentences import say


def states(store: RunningStore, language: str = "en") -> Generator[dict[str, Any], None, None]:
    """Each state of the store's stream."""
    with Shopper(store, language).get(f"{store.base}/api/v1/store/events", stream=True, timeout=60) as stream:
        for line in stream.iter_lines():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


def test_the_plan_shows_every_zone_device_and_code(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.get(f"{store.base}/").text
    for device in store.settings.devices:
        assert f'id="d-{device.id}"' in page
    for touchpoint in store.settings.touchpoints:
        assert f'data-code="{touchpoint.touchpoint}"' in page
    for zone in store.settings.zones:
        assert zone.name["en"].replace("&", "&amp;") in page
    assert not re.search(r'(?:src|<link[^>]*href)="https?://', page)


def test_without_a_script_the_page_says_that_it_stands_still(store: RunningStore) -> None:
    """It said that it was connecting again, for ever."""
    for language in known():
        page = Shopper(store, language).get(f"{store.base}/store").text
        assert f'<noscript><p class="still">{say(language, "store.no_script")}</p></noscript>' in page


def test_static_files_are_kept_for_ever_and_compressed(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.get(f"{store.base}/").text
    urls = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(urls) == 2
    for url in urls:
        answer = shopper.get(f"{store.base}{url}")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        again = shopper.get(f"{store.base}{url}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert shopper.get(f"{store.base}{url}", headers={"Accept-Encoding": "identity"}).content == answer.content


def test_the_stream_tells_of_a_scan(store: RunningStore, shopper: Shopper) -> None:
    stream = states(store)
    first = next(stream)
    assert first["journal_ok"] is True
    assert first["queue"]["backlog"] == first["queue"]["last"]
    shopper.scan(store.code("shelf-bakery"))
    for state in stream:
        # Not the newest: a device may have said something since.
        if any(line["sentence"] == "Bakery scanned" for line in state["lines"]):
            break
    stream.close()


def test_the_stream_speaks_the_language(store: RunningStore) -> None:
    stream = states(store, "zh-CN")
    assert any(device["label"] == "1号购物车" for device in next(stream)["devices"])
    stream.close()


def test_the_internet_can_be_cut(store: RunningStore, shopper: Shopper) -> None:
    assert shopper.api("POST", "/api/v1/demo/internet", {"connected": False}).ok
    assert (store.data / "internet-cut").exists()
    assert wait(lambda: shopper.api("GET", "/api/v1/store").json()["internet"] is False)
    assert shopper.api("GET", "/readyz").status_code == 200
    assert shopper.api("POST", "/api/v1/demo/internet", {"connected": True}).ok
    assert wait(lambda: shopper.api("GET", "/api/v1/store").json()["internet"] is True)


def test_the_queue_is_what_the_cloud_has_not_confirmed(store: RunningStore, shopper: Shopper) -> None:
    status = store.data / "sync.json"
    status.write_text('{"acked":5,"last":9,"state":"ok","since":"x","error":null,"at":"x"}')
    queue = wait(lambda: (q := shopper.api("GET", "/api/v1/store").json()["queue"]) and q["acked"] == 5 and q)
    assert queue["backlog"] == queue["last"] - 5
    status.write_text("half a docum")
    assert wait(lambda: shopper.api("GET", "/api/v1/store").json()["queue"]["state"] == "starting")
    status.unlink()


@pytest.mark.parametrize(
    ("device", "action"),
    [
        ("cart-01", "explode"),
        ("cart-01", "return/../../x"),
        ("nobody", "return"),
        ("printer-1", "jam"),
        ("..", "return"),
    ],
)
def test_only_known_actions_on_known_devices(shopper: Shopper, device: str, action: str) -> None:
    answer = shopper.api("POST", f"/api/v1/demo/devices/{device}/{action}")
    assert answer.status_code == 404


def test_a_device_that_plays_along_is_seen(store: RunningStore, shopper: Shopper) -> None:
    def paper() -> Any:
        found = shopper.api("GET", "/api/v1/store").json()["devices"]
        return next(device for device in found if device["id"] == "printer-1")

    store.act("printer-1", "paper-out")
    assert wait(lambda: paper()["mark"] == "fault")
    store.act("printer-1", "paper-in")
    assert wait(lambda: paper()["mark"] == "ok")


def test_a_screen_without_a_picture(shopper: Shopper) -> None:
    assert shopper.api("GET", "/api/v1/devices/screen-baby/snapshot").status_code == 204
    assert shopper.api("GET", "/api/v1/devices/cart-01/snapshot").status_code == 404


def test_a_screens_codes_for_people_without_a_phone(store: RunningStore, shopper: Shopper) -> None:
    found = shopper.api("GET", "/api/v1/touchpoints/screen-baby/code").json()
    assert found["code"] == store.code("screen-baby")
    assert shopper.scan(found["shown"][0]["code"]).status_code == 200
    assert shopper.api("GET", "/api/v1/touchpoints/cart-01/code").json()["shown"] == []
    assert shopper.api("GET", "/api/v1/touchpoints/nobody/code").status_code == 404


def test_a_store_that_is_no_demo_has_no_glass_to_touch(real: RunningStore) -> None:
    address = f"{real.base}/api/v1/demo/screens/screen-baby"
    assert Shopper(real).get(f"{address}/picture").status_code == 404
    assert Shopper(real).post(f"{address}/touches", json={"touches": []}).status_code == 404
    assert not any("/demo/" in path for app in real.apps for path in app.openapi()["paths"])
