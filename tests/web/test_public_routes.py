"""What is open to anybody is listed in docs/security.md with the reason, and nothing else is open."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from fastapi import APIRouter
from starlette.responses import Response
from starlette.routing import Mount, Route
from structlog.testing import capture_logs

from edge.web.access import Access
from edge.web.audience import FLOOR, OPEN, WITHIN, Audience, Undeclared, audience, audience_of, gather
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
FILLED = {
    "touchpoint": "cart-01", "device": "screen-baby", "job": "j", "revision": "1", "name": "x", "action": "return",
    "code": "x", "version": "0" * 12,
}  # fmt: skip


def listed() -> set[str]:
    """The routes of the document's table, each with a reason."""
    table = PAGE.read_text("utf-8").split("## Public routes")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z]+ [^`]+)` \| ([^|]{8,}) \|$", table, flags=re.MULTILINE)
    assert len(rows) == table.count("\n| `")
    return {route for route, _ in rows}


def walk(store: RunningStore) -> Iterator[tuple[str, str, Audience]]:
    """Every method and path that the router has."""
    for app in store.apps:
        for route in app.router.routes:
            assert isinstance(route, Route), f"{route} hides its routes"
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, re.sub(r":\w+}", "}", route.path), audience_of(route)


def test_every_public_route_is_listed_and_none_too_many(real: RunningStore) -> None:
    public = {f"{method} {path}" for method, path, who in walk(real) if who in OPEN}
    assert public == listed()


def test_the_document_names_no_route_that_is_neither_listed_nor_behind_a_check(real: RunningStore) -> None:
    behind = {f"{method} {path}" for method, path, who in walk(real) if who not in OPEN}
    document = real.apps[0].openapi()
    named = {f"{method.upper()} {path}" for path, each in document["paths"].items() for method in each}
    assert named
    assert named <= listed() | behind


def test_an_outside_listener_has_nothing_of_the_inside(apart: RunningStore) -> None:
    outside, within = apart.apps
    assert {audience_of(route) for route in outside.router.routes}.isdisjoint(WITHIN)
    assert {audience_of(route) for route in within.router.routes} >= WITHIN
    for method, path, who in walk(apart):
        if who in WITHIN:
            answer = ask(requests.Session(), apart.base, method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert requests.get(f"{apart.base}/healthz", timeout=60).json() == {"status": "ok"}


def ask(session: requests.Session, base: str, method: str, path: str) -> requests.Response:
    where = re.sub(r"{(\w+)}", lambda found: FILLED.get(found[1], uuid.uuid4().hex), path)
    body = {} if method != "GET" else None
    return session.request(
        method, base + where, json=body, headers={"Accept": "*/*"}, timeout=60, allow_redirects=False
    )


def test_everything_else_is_refused_without_a_login_and_to_a_shopper(real: RunningStore, apart: RunningStore) -> None:
    for store, base in ((real, real.base), (apart, apart.within)):
        member = Shopper(store)
        assert member.register(store.code("poster-door")).ok
        checked = 0
        for method, path, who in walk(store):
            if who in OPEN or who is Audience.ENTRANCE:
                continue
            for session in (requests.Session(), member):
                answer = ask(session, base, method, path)
                assert answer.status_code == 401, (method, path, answer.text)
                assert answer.json()["code"] in ("login_needed", "staff_only", "till_only", "screen_only")
                checked += 1
        assert checked > 20


def test_what_was_forbidden_is_written_down_without_anybodys_code(real: RunningStore) -> None:
    with capture_logs() as written:
        assert requests.get(f"{real.base}/api/v1/box", timeout=60).status_code == 401
        assert requests.get(f"{real.base}/healthz", timeout=60).ok
    found = [each for each in written if each["event"] == "web.forbidden"]
    assert [(each["method"], each["route"], each["code"], each["by"]) for each in found] == [
        ("GET", "/api/v1/box", "login_needed", "")
    ]


def test_a_bearer_that_nobody_gave_opens_nothing(real: RunningStore) -> None:
    session = requests.Session()
    for token in ("", "x", "Bearer", "null", "\xe9"):
        session.headers["Authorization"] = f"Bearer {token}".encode("latin-1")
        for method, path, who in walk(real):
            if who not in OPEN and who is not Audience.ENTRANCE:
                assert ask(session, real.base, method, path).status_code == 401, path


def test_a_welcome_for_whoever_comes_to_the_front_door(real: RunningStore, apart: RunningStore) -> None:
    for base in (real.base, apart.base, apart.within):
        for language, words in (("en", "Scan a code here"), ("zh-CN", "扫一扫店里的二维码")):
            page = requests.get(base, headers={"Accept-Language": language, "Accept": "text/html"}, timeout=60)
            assert page.status_code == 200
            assert words in page.text
            assert "locker-a" not in page.text


def test_readiness_says_yes_or_no(real: RunningStore) -> None:
    # Somebody in the network: not at this machine, as a header that proxies send says.
    answer = requests.get(f"{real.base}/readyz", headers={"X-Forwarded-For": "192.168.1.7"}, timeout=60)
    assert answer.json() == {"ready": True}
    assert set(requests.get(f"{real.base}/readyz", timeout=60).json()) >= {"ready", "journal", "broker"}


def nothing(connection: object, who: Audience) -> None:
    """Lets everybody pass."""


def test_a_route_that_says_nothing_is_refused_at_start() -> None:
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/secrets")
    async def read() -> str:
        return ""

    with pytest.raises(Undeclared, match="GET /api/v1/secrets: say whom it is for"):
        gather([routes], nothing)
    for hidden in (Mount("/files", app=routes), Route("/lambda", lambda request: request)):
        other = APIRouter()
        other.routes.append(hidden)
        with pytest.raises(Undeclared, match=r"/files|/lambda"):
            gather([other], nothing)


async def test_a_check_stands_before_the_route() -> None:
    asked = []

    @audience(FLOOR)
    async def endpoint(_request: object) -> Response:
        asked.append("route")
        return Response()

    [route] = gather([Route("/x", endpoint)], lambda _connection, who: asked.append(who))
    assert audience_of(route) is FLOOR

    async def send(_message: object) -> None:
        asked.append("answer")

    await route.app({"type": "http", "headers": [], "method": "GET", "path": "/x"}, None, send)  # type: ignore[arg-type]
    assert asked[:2] == [FLOOR, "route"]


def test_only_the_doors_of_this_house_are_used() -> None:
    assert {who.value for who in Audience} == {
        "anybody", "shopper", "till", "screen", "floor", "inside", "scraper", "entrance", "operator",
    }  # fmt: skip
    assert Access.admit.__doc__


def test_every_page_that_can_be_got_can_be_asked_for_its_head(
    real: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(real.gateway.people.bounds, "_clock", lambda: now)  # a bound lets both through, or neither
    session = requests.Session()
    for method, path, who in walk(real):
        if method != "GET" or "events" in path:
            continue
        got, head = (ask(session, real.base, each, path) for each in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (got.status_code, b""), (path, who)
        assert head.headers.get("content-type") == got.headers.get("content-type"), path


def test_a_stream_asked_for_its_head_ends(real: RunningStore) -> None:
    head = requests.head(f"{real.base}/api/v1/store/events", timeout=60)
    assert head.content == b""
