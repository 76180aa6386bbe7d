"""The bounds as a phone, a script and staff meet them."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.secrets.staff_pins import put
from edge.settings.bounds import ActBounds, Bound, BoundsSettings
from tests.conftest import new_broker
from tests.web.conftest import STAFF_PIN
from tests.web.running import RunningStore, Shopper, new_phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

BURST = 8
SLOW = Bound(burst=BURST, per_minute=0.5)
TIGHT = BoundsSettings(
    registering=ActBounds(address=SLOW),
    asking=ActBounds(browser=Bound(burst=100, per_minute=1), address=SLOW),
    guessing=ActBounds(address=SLOW),
    opening=ActBounds(address=SLOW),
)


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own: what is used up here is missing nowhere else."""
    folder = tmp_path_factory.mktemp("bounds")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    put(folder / "secrets" / "staff.toml", "li", "小李", "staff", STAFF_PIN)
    running = RunningStore(broker, folder, (), bounds=TIGHT)
    running.start()
    yield running
    running.stop()
    broker.stop()


@pytest.fixture(autouse=True)
def _no_time_passes(tight: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes back of what a test uses up, however slow this machine is."""
    now = time.monotonic()
    monkeypatch.setattr(tight.gateway.people.bounds, "_clock", lambda: now)


def register(store: RunningStore) -> requests.Response:
    """Somebody with a browser of their own."""
    body = {
        "code": store.code("poster-door"),
        "phone": new_phone(),
        "consents": {"service": True},
        "request": str(uuid.uuid4()),
    }
    return Shopper(store).api("POST", "/api/v1/members", body)


def test_a_script_that_registers_meets_a_bound_and_is_told_when_to_come_back(tight: RunningStore) -> None:
    answers = [register(tight) for _ in range(BURST + 4)]
    assert [answer.ok for answer in answers] == [True] * BURST + [False] * 4
    last = answers[-1]
    assert last.status_code == 429
    assert last.json()["code"] == "too_many_registrations"
    assert int(last.headers["Retry-After"]) == last.json()["seconds"] > 60
    assert "in 2 minutes" in last.json()["detail"]


def test_the_form_keeps_what_was_typed(tight: RunningStore) -> None:
    while register(tight).ok:
        pass
    for language, words in (("en", "Please try again in"), ("zh-CN", "现在注册的人较多")):
        phone = Shopper(tight, language)
        number = new_phone()
        page = phone.register(tight.code("poster-door"), number)
        assert page.status_code == 429
        assert words in page.text
        assert f'value="{number}"' in page.text
        assert page.headers["Retry-After"]


def test_staff_see_one_line_and_metrics_count(tight: RunningStore) -> None:
    while register(tight).ok:
        pass
    (need,) = tight.gateway.people.bounds.needs(0)
    assert need.kind == "bounds_registering"
    assert need.device == "poster-door"
    for language, words in (("en", "registrations a minute here"), ("zh-CN", "次注册")):
        li = Shopper(tight, language)
        assert li.post(f"{tight.base}/staff/login", data={"name": "li", "pin": STAFF_PIN}, timeout=60).ok
        page = li.get(f"{tight.base}/staff", timeout=60).text
        assert page.count(words) == 1
    assert (
        'storekeeper_bounded_total{act="registering",side="address"}'
        in Shopper(tight).get(f"{tight.base}/metrics").text
    )


def test_a_new_name_for_each_question_changes_nothing(tight: RunningStore) -> None:
    """Each request comes from a browser that was just given its name."""
    answers = []
    for _ in range(BURST + 3):
        phone = Shopper(tight)
        phone.scan(tight.code("poster-door"))
        answers.append(phone.api("POST", "/api/v1/codes/read", {"text": "6901234567892"}).status_code)
    assert answers == [200] * BURST + [429] * 3
    typed = Shopper(tight).post(f"{tight.base}/scan", data={"text": "6901234567892"}, timeout=60)
    assert typed.status_code == 429
    assert typed.headers["Retry-After"]


def test_guessing_codes_is_bounded_and_right_codes_go_on(tight: RunningStore) -> None:
    for number in range(BURST + 3):
        page = Shopper(tight).scan(f"cart-01.{number:08d}".replace("0", "a").replace("1", "b"))
    assert page.status_code == 429
    assert "too many wrong codes" in page.text.lower()
    assert "What you can do" not in page.text, "to try again now, beside when"
    assert f'href="/t/{page.url.rpartition("/")[2]}">Try again</a>' in page.text
    assert Shopper(tight).scan(tight.code("cart-01")).status_code == 200


def test_calling_staff_over_and_over_is_bounded(tight: RunningStore) -> None:
    """Each call comes from a new browser; the address is the same."""
    bound = tight.settings.bounds.calling.address
    assert bound
    answers = []
    for _ in range(bound.burst + 6):
        phone = Shopper(tight)
        answers.append(phone.post(f"{tight.base}/help", data={"do": "call", "request": str(uuid.uuid4())}, timeout=60))
    assert answers[-1].status_code == 429
    assert "Please try again in" in answers[-1].text
    assert sum(answer.ok for answer in answers) <= bound.burst + 3


def test_changing_ones_mind_for_ever_is_bounded(tight: RunningStore) -> None:
    bound = tight.settings.bounds.changing.browser
    assert bound
    phone = Shopper(tight)
    phone.scan(tight.code("poster-door"))
    codes = [
        phone.api("DELETE", f"/api/v1/lockers/parcels/{uuid.uuid4()}/share").status_code for _ in range(bound.burst + 3)
    ]
    assert codes[-1] == 429
    assert codes.count(429) >= 2


def test_openapi_names_429(tight: RunningStore) -> None:
    paths = Shopper(tight).get(f"{tight.base}/openapi.json").json()["paths"]
    bounded = ("/api/v1/members", "/api/v1/coupons/claim", "/api/v1/codes/read", "/api/v1/carts/unlock",
               "/api/v1/lockers/deposit", "/api/v1/lockers/collect")  # fmt: skip
    for path in bounded:
        assert "Retry-After" in paths[path]["post"]["responses"]["429"]["headers"]
