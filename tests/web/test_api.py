from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
import requests
import zxingcpp
from PIL import Image
from starlette.requests import Request

from edge.web.problems import Problem
from edge.web.visit import sent_form
from tests.web.running import RunningStore, Shopper, new_phone, wait


def problem(answer: requests.Response, code: str, status: int) -> dict[str, Any]:
    """The document, checked to be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["type"] == f"urn:storekeeper:problem:{code}"
    assert document["title"]
    assert document["detail"]
    return document


def test_an_unlock_answers_when_the_lock_has_opened(store: RunningStore, member: Shopper) -> None:
    answer = member.unlock("cart-03")
    assert answer.status_code == 200
    assert answer.json()["stage"] in ("unlocked", "seen")
    grant = answer.json()["grant"]
    assert answer.headers["location"] == f"/api/v1/grants/{grant}"
    assert "3号购物车 已开锁" in [line["sentence"] for line in store.facts("cart.unlocked.v1")]
    seen = wait(lambda: (p := member.api("GET", f"/api/v1/grants/{grant}").json()) and p["stage"] == "seen" and p)
    assert seen["done"] is True
    store.bring_back("cart-03")
    wait(lambda: [line for line in store.facts("cart.returned.v1") if "3" in line["sentence"]])


def test_the_same_request_again_opens_nothing_twice(store: RunningStore, member: Shopper) -> None:
    request = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: member.unlock("cart-04", request), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["grant"] for answer in answers}) == 1
    assert store.gateway.reads.one("SELECT count(*) AS n FROM grants WHERE request = ?", request)["n"] == 1  # type: ignore[index]
    store.bring_back("cart-04")


def test_two_shoppers_and_one_cart(store: RunningStore) -> None:
    both = [Shopper(store), Shopper(store)]
    for each in both:
        each.register(store.code("poster-door"))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each.unlock("cart-05"), both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert loser.json()["code"] in ("cart_busy", "cart_out")
    store.bring_back("cart-05")


def test_asking_for_the_answer_at_once(store: RunningStore, member: Shopper) -> None:
    wait(lambda: member.unlock("cart-03", Prefer="respond-async").status_code == 202)
    grant = store.gateway.reads.one("SELECT last_grant FROM carts WHERE cart='cart-03'")["last_grant"]  # type: ignore[index]
    with member.get(f"{store.base}/api/v1/grants/{grant}/events", stream=True, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in stream.headers
        lines = [line.decode() for line in stream.iter_lines() if line]
    assert lines[0] == "retry: 2000"
    states = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert [line for line in lines if line.startswith("id: ")] == [f"id: {n + 1}" for n in range(len(states))]
    assert states[-1]["stage"] == "seen"
    order = ["asked", "sent", "unlocked", "seen"]
    assert [order.index(state["stage"]) for state in states] == sorted({order.index(s["stage"]) for s in states})
    store.bring_back("cart-03")
    wait(lambda: store.docked("cart-03"))


def test_a_jammed_lock_says_which_hop_and_leaves_the_code_usable(store: RunningStore, member: Shopper) -> None:
    wait(lambda: store.docked("cart-04"))
    store.act("cart-04", "jam")
    failed = problem(member.unlock("cart-04"), "unlock_failed", 502)
    assert (failed["hop"], failed["reason"]) == ("lock", "jammed")
    page = member.get(f"{store.base}/t/{store.code('cart-04')}?grant={failed['grant']}").text
    assert "it is stuck" in page
    assert "tell a member of staff" in page
    assert "it is stuck" not in member.get(f"{store.base}/t/{store.code('cart-05')}?grant={failed['grant']}").text
    store.act("cart-04", "fix")
    assert member.unlock("cart-04").status_code == 200
    store.bring_back("cart-04")


def test_nobody_follows_a_strangers_unlock(store: RunningStore, member: Shopper) -> None:
    wait(lambda: store.docked("cart-02"))
    grant = member.unlock("cart-02").json()["grant"]
    stranger = Shopper(store)
    for path in (f"/api/v1/grants/{grant}", f"/api/v1/grants/{grant}/events", f"/api/v1/grants/{uuid.uuid4()}"):
        problem(stranger.api("GET", path), "not_found", 404)
    store.bring_back("cart-02")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"code":1}', b'{"code":"x","request":"y","more":1}', b"\xff", b'{"code":"x"}', b"[" * 5000],
)
def test_rubbish_on_the_hot_route(store: RunningStore, member: Shopper, body: bytes) -> None:
    answer = member.post(f"{store.base}/api/v1/carts/unlock", data=body, headers={"Accept": "*/*"}, timeout=60)
    problem(answer, "bad_request", 400)


def test_a_request_id_must_be_a_uuid(member: Shopper) -> None:
    problem(member.unlock("cart-02", "not-a-uuid"), "bad_request", 400)


def test_a_code_for_something_else(member: Shopper) -> None:
    problem(member.unlock("poster-door"), "wrong_purpose", 409)


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({}, "bad_request", 400),
        ({"phone": 1}, "bad_request", 400),
        ({"phone": "12", "consents": {"service": True}}, "bad_phone", 422),
        ({"phone": "", "consents": {"service": False}}, "bad_phone", 422),
        ({"consents": {"service": False}}, "consent_missing", 422),
        ({"consents": {"service": True}, "extra": 1}, "bad_request", 400),
        ({"consents": {"service": True}, "request": "x"}, "bad_request", 400),
    ],
)
def test_a_registration_that_is_no_good(
    store: RunningStore, shopper: Shopper, body: dict[str, Any], code: str, status: int
) -> None:
    whole = {"code": store.code("poster-door"), "request": str(uuid.uuid4()), "phone": new_phone(), **body}
    document = problem(shopper.api("POST", "/api/v1/members", whole), code, status)
    assert whole["phone"] in ("", 1, "12") or whole["phone"] not in json.dumps(document)


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "请先注册"), ("en", "Please register first")])
def test_problems_speak_the_callers_language(store: RunningStore, language: str, words: str) -> None:
    answer = Shopper(store, language).unlock("cart-02")
    assert words in problem(answer, "not_registered", 401)["detail"]
    assert answer.headers["content-language"] == language


def test_unknown_addresses_and_methods(store: RunningStore, shopper: Shopper) -> None:
    problem(shopper.api("GET", "/api/v1/nothing"), "not_found", 404)
    refused = shopper.api("DELETE", "/api/v1/members")
    problem(refused, "method_not_allowed", 405)
    assert "POST" in refused.headers["allow"]
    # An address of its own, and not a payment of this name, which could be read.
    assert shopper.api("DELETE", "/api/v1/payments/by-code").headers["allow"] == "POST"
    problem(shopper.api("TRACE", "/"), "method_not_allowed", 405)
    page = shopper.get(f"{store.base}/nothing")
    assert page.status_code == 404
    assert "Scan the code on a cart" in page.text


def test_an_unexpected_error_has_an_id_and_no_traceback(store: RunningStore, shopper: Shopper) -> None:
    counted = _errors(store)
    # A table that is missing stands for any mistake of ours.
    _sql(store, "ALTER TABLE coupons RENAME TO gone")
    try:
        document = problem(shopper.api("GET", "/api/v1/coupons"), "internal", 500)
        page = Shopper(store).scan(store.code("shelf-fruit"))
    finally:
        _sql(store, "ALTER TABLE gone RENAME TO coupons")
    assert _errors(store) == counted + 2, "the alarm and the dress rehearsal go by it"
    assert len(document["id"]) == 8
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "Reference: " in page.text
    assert f'<a class="btn" href="/t/{store.code("shelf-fruit")}">Try again</a>' in page.text
    assert "Traceback" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"


def _errors(store: RunningStore) -> float:
    text = requests.get(f"{store.base}/metrics", timeout=60).text
    return sum(map(float, re.findall(r'^storekeeper_http_requests_total\{.*status="500"\} (.+)$', text, re.MULTILINE)))


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "utf-16", "raw_unicode_escape", "x" * 300])
@pytest.mark.parametrize("path", ["/help", "/scan"])
def test_a_form_in_an_encoding_that_is_none_is_refused(shopper: Shopper, path: str, charset: str) -> None:
    part = '--B\r\nContent-Disposition: form-data; name="do"\r\n\r\nxn--\\ud800=\r\n--B--\r\n'
    kind = f"multipart/form-data; boundary=B; charset={charset}"
    answer = requests.post(f"{shopper.store.base}{path}", part, headers={"Content-Type": kind}, timeout=60)
    assert answer.status_code == 400 if path == "/help" else answer.status_code < 500


async def test_half_a_character_is_no_text() -> None:
    async def receive() -> dict[str, Any]:
        return {
            "type": "http.request",
            "body": b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\\ud800\r\n--B--",
        }

    kind = b"multipart/form-data; boundary=B; charset=raw_unicode_escape"
    request = Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind)]}, receive)
    with pytest.raises(Problem, match="bad_request"):
        async with sent_form(request):
            pass


def _sql(store: RunningStore, statement: str) -> None:
    """By a connection of its own: on the writer's, a decision that is rolled back takes it along."""
    with closing(sqlite3.connect(store.gateway.journal.path, timeout=60, isolation_level=None)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_websites_are_refused(member: Shopper, headers: dict[str, str]) -> None:
    problem(member.unlock("cart-02", **headers), "cross_origin", 403)
    problem(member.api("DELETE", "/api/v1/session", **headers), "cross_origin", 403)
    assert member.api("POST", "/api/v1/demo/internet", {"connected": True}, **headers).status_code == 403


def test_our_own_pages_may_post(store: RunningStore, member: Shopper) -> None:
    own = {"Origin": store.base, "Sec-Fetch-Site": "same-origin"}
    assert member.api("DELETE", "/api/v1/session", **own).status_code == 204


def test_a_body_that_is_too_large(store: RunningStore, member: Shopper) -> None:
    answer = member.post(f"{store.base}/api/v1/carts/unlock", data=b"x" * 70_000, headers={"Accept": "*/*"}, timeout=60)
    problem(answer, "too_large", 413)


def test_a_full_disk_says_so_and_recovers(store: RunningStore, member: Shopper) -> None:
    disk = store.gateway.journal._connection
    pages = disk.execute("PRAGMA page_count").fetchone()[0]
    disk.execute(f"PRAGMA max_page_count={pages}")
    try:
        full = _refused(lambda: _register(store), 507)
        assert problem(full, "disk_full", 507)["detail"].startswith("The store's computer is full")
        assert full.headers["retry-after"]
        assert member.api("GET", "/readyz").json()["journal"] is False
        page = Shopper(store).register(store.code("poster-door"))
        assert page.status_code == 507
        assert "computer is full" in page.text
        assert member.scan(store.code("cart-02")).status_code == 200
    finally:
        disk.execute("PRAGMA max_page_count=1073741823")
    assert wait(lambda: _register(store).status_code == 201)
    assert member.api("GET", "/readyz").status_code == 200


def _refused(ask: Callable[[], requests.Response], status: int) -> requests.Response:
    """The first answer with this status; the file still has some room within its pages."""
    answers: list[requests.Response] = []

    def once() -> bool:
        answers.append(ask())
        return answers[-1].status_code == status

    wait(once)
    return answers[-1]


def _register(store: RunningStore) -> requests.Response:
    body = {
        "code": store.code("poster-door"),
        "phone": new_phone(),
        "consents": {"service": True},
        "request": str(uuid.uuid4()),
    }
    return Shopper(store).api("POST", "/api/v1/members", body)


def test_every_answer_has_the_security_headers(store: RunningStore, shopper: Shopper) -> None:
    paths = ("/", "/wallet", "/t/x", "/api/v1/store", "/api/v1/nothing", "/healthz", "/static/none.js")
    for path in paths:
        headers = shopper.get(f"{store.base}{path}").headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "SAMEORIGIN", path
        assert headers["referrer-policy"] == "same-origin", path
        assert "frame-ancestors 'self'" in headers["content-security-policy"], path
        assert headers["cache-control"] == "no-store", path
    policy = shopper.get(f"{store.base}/wallet").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy


def test_claiming_by_api(store: RunningStore, member: Shopper) -> None:
    body = {"code": store.shown("formula-3"), "request": str(uuid.uuid4())}
    assert member.api("POST", "/api/v1/coupons/claim", body).json() == {"coupon": "formula-3", "already": False}
    assert member.api("POST", "/api/v1/coupons/claim", body).json()["already"] is True
    problem(Shopper(store).api("POST", "/api/v1/coupons/claim", body), "not_registered", 401)
    old = {"code": store.shown("formula-3", ago_s=120), "request": str(uuid.uuid4())}
    problem(member.api("POST", "/api/v1/coupons/claim", old), "code_expired", 410)
    problem(member.api("POST", "/api/v1/coupons/claim", {"request": str(uuid.uuid4())}), "code_unknown", 404)


def test_the_last_coupon_goes_to_one(store: RunningStore) -> None:
    text = {"en": "Rare", "zh-CN": "稀有"}
    store.offer(
        coupon="rare", zone="fresh", title=text, subtitle=text, price=1, was=2, stock=1, art="gift", tint="#ffffff"
    )
    shoppers = [Shopper(store) for _ in range(4)]
    for each in shoppers:
        each.register(store.code("poster-door"))

    def claim(each: Shopper) -> requests.Response:
        body = {"code": store.code("shelf-fruit"), "coupon": "rare", "request": str(uuid.uuid4())}
        return each.api("POST", "/api/v1/coupons/claim", body)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(claim, shoppers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if not answer.ok} == {"coupon_gone"}
    winner = next(each for each, answer in zip(shoppers, answers, strict=True) if answer.ok)
    assert "Rare" in winner.get(f"{store.base}/wallet").text


def test_the_qr_picture_leads_to_the_code(store: RunningStore, shopper: Shopper) -> None:
    code = store.code("cart-07")
    picture = shopper.get(f"{store.base}/qr/{code}.svg")
    assert picture.headers["content-type"] == "image/svg+xml; charset=utf-8"
    image = _rastered(picture.text)
    assert zxingcpp.read_barcodes(image)[0].text == f"{store.base}/t/{code}"
    problem(shopper.api("GET", "/qr/somebody-elses.svg"), "code_unknown", 404)


def _rastered(svg: str) -> Image.Image:
    """segno draws one path of horizontal strokes: enough of SVG to paint it."""
    import re

    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image, scale = Image.new("L", (size * 4, size * 4), 255), 4
    path = re.findall(r'stroke="#14231c"[^>]*\bd="([^"]+)"|\bd="([^"]+)"[^>]*stroke="#14231c"', svg)
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])\s*(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", "".join(path[0])):
        if command == "h":
            left, top = int(x), int(y)
            image.paste(0, (left * scale, top * scale, (left + int(first)) * scale, (top + 1) * scale))
            x += float(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return image


def test_operations(store: RunningStore, member: Shopper) -> None:
    assert member.api("GET", "/healthz").json() == {"status": "ok"}
    assert member.api("GET", "/readyz").json() == {"ready": True, "journal": True, "broker": True}

    def last() -> int:
        return int(store.gateway.reads.one("SELECT max(sequence) AS n FROM entries")["n"])  # type: ignore[index]

    def figures() -> tuple[int, str] | None:
        """Between two facts: a device may say something at any moment."""
        before, told = last(), member.api("GET", "/metrics").text
        return (before, told) if before == last() else None

    newest, text = wait(figures)
    assert f"storekeeper_journal_last_sequence {float(newest)}" in text
    assert f"storekeeper_sync_backlog_entries {float(newest)}" in text
    assert 'storekeeper_devices_online{kind="cart"} 5.0' in text
    assert 'storekeeper_commands_total{outcome="done",verb="unlock"}' in text
    within = [
        float(count)
        for count in re.findall(r"^storekeeper_unlock_duration_seconds_bucket\S+ (\S+)$", text, re.MULTILINE)
    ]
    assert within == sorted(within)
    assert f"storekeeper_unlock_duration_seconds_count {within[-1]}" in text
    assert 'route="/t/{code}"' in text
    assert store.code("poster-door") not in text


def test_the_journal_is_read_by_position(shopper: Shopper) -> None:
    first = shopper.api("GET", "/api/v1/journal?after=0&limit=3").json()
    assert [line["sequence"] for line in first["entries"]] == [1, 2, 3]
    newest = shopper.api("GET", "/api/v1/journal?limit=2").json()
    assert newest["entries"][0]["sequence"] == newest["last"]
    assert all(line["sentence"] for line in first["entries"])
    every = shopper.api("GET", "/api/v1/journal?after=0&limit=500").json()["entries"]
    assert not [line["sentence"] for line in every if "{'" in line["sentence"]], "what has a name is called by it"
    problem(shopper.api("GET", "/api/v1/journal?limit=0"), "bad_request", 400)


def test_no_phone_number_leaves_the_store(store: RunningStore, shopper: Shopper) -> None:
    phone = new_phone()
    shopper.register(store.code("poster-door"), phone)
    everything = shopper.api("GET", "/api/v1/journal?limit=500").text + shopper.api("GET", "/api/v1/store").text
    assert phone not in everything


def test_the_openapi_document_knows_the_hot_route(shopper: Shopper) -> None:
    document = shopper.api("GET", "/openapi.json").json()
    unlock = document["paths"]["/api/v1/carts/unlock"]["post"]
    assert (
        unlock["requestBody"]["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/UnlockRequest"
    )
    schemas = document["components"]["schemas"]
    assert set(schemas["UnlockRequest"]["required"]) == {"code", "request"}
    references = set(_references(document))
    assert references <= {f"#/components/schemas/{name}" for name in schemas}
    for path in ("/api/v1/members", "/api/v1/coupons/claim", "/api/v1/store/events", "/healthz", "/qr/{code}.svg"):
        assert path in document["paths"], path


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [each for value in part.values() for each in _references(value)]
    return [each for value in part for each in _references(value)] if isinstance(part, list) else []
