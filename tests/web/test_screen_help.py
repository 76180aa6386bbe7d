"""Whoever stands before a screen calls staff to it: the call is on the staff board, and who comes is on the glass."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from device_drivers.contract import Service
from edge.domain.staff import queries
from kiosk_ui.gateway import Gateway, Refused, Unreachable

if TYPE_CHECKING:
    from tests.web.running import RunningStore

SCREEN = "screen-baby"


def asks(store: RunningStore, session: str = "", code: str = "", screen: str = SCREEN) -> Gateway:
    """The kiosk's own client, as that screen."""
    code = code or store.gateway.lookup.codes.service(screen)
    return Gateway(Service(store.base, code), "en", session or str(uuid.uuid4()))


def board(store: RunningStore) -> list[Any]:
    return [need for need in queries.call_needs(store.gateway.reads, 0) if need.details["zone"] == "baby"]


def test_a_call_reaches_the_staff_board_once_and_ends(real: RunningStore) -> None:
    screen = asks(real)
    assert screen.get("help") == {"state": "", "name": ""}
    request = str(uuid.uuid4())
    for _ in range(2):
        assert screen.post("help/call", {"request": request})["state"] == "open"
    (card,) = board(real)
    assert (card.kind, card.details["people"]) == ("call", 1)
    assert asks(real).get("help")["state"] == "", "the next person has not called"
    assert screen.post("help/withdraw", {"request": request})["state"] == "over"
    assert board(real) == []


def test_the_home_says_where_there_is_something(real: RunningStore) -> None:
    found = asks(real).get("home")
    assert {"help", "offers"} <= set(found["places"])
    assert found["basket"] == {"pieces": 0, "total": 0}
    assert found["free_doors"] >= 0


@pytest.mark.parametrize("code", ["x", "screen-baby.-.s.aaaa", ".-.s.", "é"])
def test_another_code_is_none(real: RunningStore, code: str) -> None:
    answer = requests.get(
        f"{real.base}/api/v1/screens/home",
        headers={"Authorization": f"Bearer {code}".encode(), "X-Session": str(uuid.uuid4())},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "screen_only")


def test_a_screen_that_is_none_of_ours_and_a_session_that_is_none(real: RunningStore) -> None:
    with pytest.raises(Refused) as refused:
        asks(real, screen="screen-nowhere").get("home")
    assert refused.value.code == "screen_only"
    with pytest.raises(Refused) as refused:
        asks(real, session="somebody").get("home")
    assert refused.value.code == "bad_request"


def test_a_screen_s_code_is_no_code_of_a_shopper(real: RunningStore) -> None:
    code = real.gateway.lookup.codes.service(SCREEN)
    answer = requests.post(f"{real.base}/api/v1/codes/read", json={"code": code}, timeout=60)
    assert "screen" not in answer.text or answer.status_code >= 400


def test_nobody_there_is_said() -> None:
    with pytest.raises(Unreachable):
        Gateway(Service("http://127.0.0.1:9", "x"), "en", "").get("home")
    with pytest.raises(Unreachable):
        Gateway(None, "en", "").get("home")
