"""The setup page: who may come, what is checked, what printed codes mean, and what is left for the box to do."""

from __future__ import annotations

import errno
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.secrets import operators, setup_code, staff_pins
from operations.floor.errand import Errand
from tests.keyboards import wide
from tests.web.setting_up import NewStore
from tests.web.test_operators import FROM_THE_WIFI, PASSWORD, browser, operator

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVED = [{"what": "device", "id": "cart-01", "fields": {"at": [2.0, 15.0]}}]
ROUTES = ("plan", "said", "codes.pdf")
ASKS: dict[str, Any] = {"check": MOVED, "apply": MOVED, "find": {"urls": []}, "pair": {"text": "cart-01"}}


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStore]:
    running = NewStore(tmp_path_factory.mktemp("setup"))
    running.start()
    yield running
    running.stop()


def ask(store: NewStore, session: requests.Session, path: str, body: Any) -> requests.Response:
    return session.post(f"{store.base}/setup/{path}", json=body, timeout=60)


def refused(store: NewStore, session: requests.Session) -> set[int]:
    found = {session.get(f"{store.base}/setup/{path}", timeout=60).status_code for path in ROUTES}
    return found | {ask(store, session, path, body).status_code for path, body in ASKS.items()}


def test_a_new_store_lets_in_whoever_sits_at_it_or_has_its_code_and_ends_with_the_first_operator(
    store: NewStore,
) -> None:
    here, wifi = browser(), browser(**FROM_THE_WIFI)
    assert here.get(f"{store.base}/setup/plan", timeout=60).json()["zones"][0]["id"] == "entrance"
    assert '<noscript><p class="still">' in here.get(f"{store.base}/setup", timeout=60).text
    assert refused(store, wifi) == {401}
    assert 'name="code"' in wifi.get(f"{store.base}/setup", timeout=60).text
    code = setup_code.make(store.data)
    assert stat.S_IMODE((store.data / "secrets" / "setup-code.json").stat().st_mode) == 0o600
    wrong = wifi.post(f"{store.base}/setup/enter", data={"code": "AAAA-AAAA-AAAA"}, timeout=60)
    assert (wrong.status_code, "sk_setup" in wifi.cookies) == (403, False)
    as_typed = wide(code.lower())
    assert wifi.post(f"{store.base}/setup/enter", data={"code": as_typed}, timeout=60).ok
    assert wifi.get(f"{store.base}/setup/plan", timeout=60).ok
    # Once: somebody who read it over a shoulder is late.
    other = browser(**FROM_THE_WIFI)
    assert other.post(f"{store.base}/setup/enter", data={"code": code}, timeout=60).status_code == 403
    # A password does not go over http, and a weak one not at all.
    first = {"id": "chen", "name": "Chen", "password": PASSWORD}
    assert wifi.post(f"{store.base}/setup/operator", data=first, timeout=60).status_code == 403
    assert (
        here.post(f"{store.base}/setup/operator", data=first | {"password": "aaaaaaaaaaaaaa"}, timeout=60).status_code
        == 422
    )
    staff_pins.put(store.data / "secrets" / "staff.toml", "li", "Li", "staff", "917204")
    taken = here.post(f"{store.base}/setup/operator", data=first | {"id": "li"}, timeout=60)
    assert taken.status_code == 400, "whoever is on the staff has a PIN: nobody could log in"
    assert operators.read(operators.file_of(store.data)) == {}
    assert here.post(f"{store.base}/setup/operator", data=first, timeout=60).ok
    assert here.get(f"{store.base}/setup/plan", timeout=60).ok
    assert here.post(f"{store.base}/setup/operator", data=first | {"id": "second"}, timeout=60).status_code == 403
    assert refused(store, wifi) == refused(store, browser()) == {401}
    assert operator(store).get(f"{store.base}/setup/plan", timeout=60).ok
    stranger = browser().get(f"{store.base}/setup", headers={"Accept": "text/html"}, timeout=60)
    assert (stranger.status_code, 'name="to" value="/setup"' in stranger.text) == (401, True)


def test_guesses_end_the_code(store: NewStore) -> None:
    code = setup_code.make(store.data)
    for _ in range(setup_code.TRIES):
        assert (
            browser(**FROM_THE_WIFI).post(f"{store.base}/setup/enter", data={"code": "X"}, timeout=60).status_code
            == 403
        )
    assert (
        browser(**FROM_THE_WIFI).post(f"{store.base}/setup/enter", data={"code": code}, timeout=60).status_code == 403
    )


def test_mistakes_are_named_with_their_line_and_nothing_is_written(store: NewStore) -> None:
    here, before = browser(), (store.config / "devices.toml").read_bytes()
    assert ask(store, here, "check", MOVED).json() == {"mistakes": []}
    for fields, expected in (
        ({"zone": "nowhere"}, "zone"),
        ({"at": [-1, 2]}, "at"),
        ({"driver": "locks.kerong", "settings": {"url": "serial:///dev/ttyUSB0"}}, "dialect"),
        ({"label": {"en": ""}}, "label"),
    ):
        wrong = [{"what": "device", "id": "cart-02", "fields": fields}]
        for path, status in (("check", 200), ("apply", 409)):
            answer = ask(store, here, path, wrong)
            mistakes = answer.json()["mistakes"]
            assert (answer.status_code, len(mistakes) > 0) == (status, True)
            assert all(each.startswith("devices.toml:") for each in mistakes)
            assert expected in " ".join(mistakes)
    for nonsense in (
        {},
        [1],
        [{"what": "device", "id": "x y"}],
        [{"what": "device", "id": "cart-01", "fields": {"hook": 1}}],
    ):
        assert ask(store, here, "check", nonsense).json()["mistakes"]
        assert ask(store, here, "apply", nonsense).status_code == 409
    assert (store.config / "devices.toml").read_bytes() == before
    assert not (store.data / "floor" / "wanted.json").exists()


def test_a_gateway_without_rights_leaves_word(store: NewStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.floor.workshop.os.access", lambda *_: False)
    number = ask(store, browser(), "apply", MOVED).json()["number"]
    path = store.data / "floor" / "wanted.json"
    left = json.loads(path.read_bytes())
    assert (left["act"], left["number"], left["changes"]) == ("apply", number, MOVED)
    assert set(left) == set(Errand.__struct_fields__)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert browser().get(f"{store.base}/setup/said", timeout=60).json()["state"] == "working"


def test_a_full_disk_is_said_where_changes_are_left(store: NewStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was an answer of 500."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("operations.floor.errand.write_private", full)
    answer = ask(store, browser(), "apply", MOVED)
    assert (answer.status_code, answer.json()["mistakes"]) == (409, ["[Errno 28] No space left on device"])


def test_printed_codes_are_understood(store: NewStore) -> None:
    here = browser()

    def meant(text: str) -> tuple[str, str]:
        found = ask(store, here, "pair", {"text": text}).json()
        return found["is"], found["id"]

    code = store.code("cart-07")
    assert meant(code) == meant(f"http://shop.example.com/t/{code}") == meant("cart-07") == ("known", "cart-07")
    assert meant("https://maker.example/d/CART 4TX 882") == meant("cart-4tx-882") == ("new", "cart-4tx-882")
    assert meant(f"{code[:-1]}{'a' if code[-1] != 'a' else 'b'}") == ("foreign", "")
    assert meant("http://[::") == meant("https://maker.example") == meant("http://[x]/?d=cart") == ("nothing", "")
    assert meant("!") == meant("ein ganzer Satz, der nichts bedeutet, und der viel zu lang ist") == ("nothing", "")


def test_codes_are_printed(store: NewStore) -> None:
    here = browser()
    one = here.get(f"{store.base}/setup/codes.pdf?id=cart-01", timeout=60)
    assert (one.content[:5], one.headers["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert len(here.get(f"{store.base}/setup/codes.pdf", timeout=60).content) > len(one.content)
    assert here.get(f"{store.base}/setup/codes.pdf?id=../../etc", timeout=60).status_code == 404


def test_other_websites_and_the_outside_change_nothing(store: NewStore) -> None:
    answer = requests.post(
        f"{store.base}/setup/apply", json=MOVED, headers={"Origin": "http://evil.example"}, timeout=60
    )
    assert answer.status_code == 403
