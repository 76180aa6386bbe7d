"""`/api/v1/slips`: a till orders paper."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.secrets import tills
from tests.web.running import RunningStore, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES: dict[str, Any] = {
    "number": "R-9",
    "at_ms": 1_790_000_000_000,
    "items": [{"name": {"zh-CN": "牛奶", "en": "Milk"}, "quantity": 2, "amount": 2580}],
    "total": 2580,
    "cash": True,
}


class Till(requests.Session):
    """A till with a token."""

    def __init__(self, store: RunningStore, token: str) -> None:
        super().__init__()
        self.url = f"{store.base}/api/v1/slips"
        self.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def order(self, **changes: Any) -> requests.Response:
        body = {"job": f"R-{uuid.uuid4().hex[:8]}", "slip": "receipt", "values": VALUES, "printer": "printer-1"}
        return self.post(self.url, json={**body, **changes}, timeout=60)


@pytest.fixture
def till(store: RunningStore) -> Iterator[Till]:
    made = Till(store, tills.add(tills.file_of(store.data), "till-1"))
    yield made
    made.close()


def test_a_receipt_is_ordered_once_and_followed_to_paper(store: RunningStore, till: Till) -> None:
    job = f"R-{uuid.uuid4().hex[:8]}"
    first = till.order(job=job, language="en")
    assert first.status_code == 202, first.text
    assert first.headers["Location"] == f"/api/v1/slips/{job}/1"
    again = till.order(job=job, language="en")
    assert again.status_code == 200
    where = store.base + first.headers["Location"]
    wait(lambda: till.get(where, timeout=60).json()["state"] == "printed")
    assert till.get(where, timeout=60).json()["prints"] == 1
    row = store.gateway.reads.one("SELECT by FROM print_jobs WHERE job=?", job)
    assert row is not None
    assert row["by"] == "till:till-1"
    differs = till.order(job=job, values={**VALUES, "total": 1})
    assert (differs.status_code, differs.json()["code"]) == (409, "job_differs")
    assert till.order(job=job, revision=2, values={**VALUES, "total": 1}).status_code == 202


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"printer": "toaster"}, 404, "printer_unknown"),
        ({"slip": "locker"}, 400, "bad_request"),
        ({"slip": "closing"}, 400, "bad_request"),
        ({"values": {"number": "1"}}, 400, "bad_request"),
        ({"values": {**VALUES, "total": "many"}}, 400, "bad_request"),
        ({"values": {**VALUES, "extra": 1}}, 400, "bad_request"),
        ({"values": {**VALUES, "total": 0}}, 400, "bad_request"),
        ({"values": {**VALUES, "total": -1}}, 400, "bad_request"),
        ({"values": {**VALUES, "paid": -1}}, 400, "bad_request"),
        ({"values": {**VALUES, "change": -500}}, 400, "bad_request"),
        ({"values": {**VALUES, "saved": -1}}, 400, "bad_request"),
        ({"values": {**VALUES, "items": [{"name": "x", "quantity": 0, "amount": 1}]}}, 400, "bad_request"),
        ({"values": {**VALUES, "items": [{"name": "x", "quantity": -2, "amount": 1}]}}, 400, "bad_request"),
        ({"values": {**VALUES, "items": [{"name": "x", "quantity": "0 kg", "amount": 1}]}}, 400, "bad_request"),
        ({"values": {**VALUES, "items": [{"name": "x", "quantity": "-1.5 kg", "amount": 1}]}}, 400, "bad_request"),
        ({"slip": "coupon", "values": {"title": "x", "price": -1, "was": 2, "code": "x"}}, 400, "bad_request"),
        ({"slip": "coupon", "values": {"title": "x", "price": 0, "was": 0, "code": "x"}}, 400, "bad_request"),
        ({"job": "parcel-0123456789ab"}, 400, "bad_request"),
        ({"job": "closing-2026-11-26"}, 400, "bad_request"),
        ({"job": "../etc"}, 400, "bad_request"),
        ({"revision": 0}, 400, "bad_request"),
        ({"slip": "coupon", "values": {"title": "x", "price": 1, "was": 2, "code": "\x1b@"}}, 400, "bad_request"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(till: Till, changes: Any, status: int, code: str) -> None:
    answer = till.order(**changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_only_a_till_may(store: RunningStore, till: Till) -> None:
    for token in ("", "wrong", "é"):
        stranger = Till(store, token) if token != "é" else Till(store, "x" * 4000)
        answer = stranger.order()
        assert (answer.status_code, answer.json()["code"]) == (401, "till_only")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert requests.get(f"{store.base}/api/v1/slips/x/1", timeout=60).status_code == 401
    assert till.get(f"{till.url}/unknown/1", timeout=60).json()["code"] == "job_unknown"
    assert tills.remove(tills.file_of(store.data), "till-1")
    assert till.order().status_code == 401


def test_one_till_sees_and_uses_its_own_slips_alone(store: RunningStore, till: Till) -> None:
    other = Till(store, tills.add(tills.file_of(store.data), "till-9"))
    job = f"R-{uuid.uuid4().hex[:8]}"
    where = store.base + till.order(job=job).headers["Location"]
    assert till.get(where, timeout=60).json()["job"] == job
    unknown = other.get(where, timeout=60)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "job_unknown")
    for revision in (1, 2):
        taken = other.order(job=job, revision=revision)
        assert (taken.status_code, taken.json()["code"]) == (409, "job_differs")
    assert till.order(job=job).status_code == 200
    other.close()


def test_a_line_may_take_something_off_and_be_weighed(till: Till) -> None:
    items = [
        {"name": "Apples", "quantity": "1.234 kg", "amount": 1500},
        {"name": "Apples", "quantity": "0,5 kg", "amount": 600},
        {"name": "Gift", "quantity": 1, "amount": 0},
        {"name": "Coupon", "quantity": 1, "amount": -500},
    ]
    assert till.order(values={**VALUES, "items": items, "total": 1600}).status_code == 202


def test_a_token_is_in_no_file(store: RunningStore) -> None:
    path = tills.file_of(store.data)
    token = tills.add(path, "till-2")
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert tills.who(path, token) == "till-2"


def test_it_is_in_the_openapi_document(store: RunningStore) -> None:
    document = requests.get(f"{store.base}/openapi.json", timeout=60).json()
    order = document["paths"]["/api/v1/slips"]["post"]
    kinds = order["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert {each["$ref"].rpartition("/")[2] for each in kinds} == {"ReceiptOrder", "PickListOrder", "CouponOrder"}
    assert order["security"]
