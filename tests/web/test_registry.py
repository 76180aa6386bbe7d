"""Pages and routers come from the nouns, also from those of other packages."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest
import requests
import uvicorn

from edge.domain.noun import Noun
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints.facts import Purpose
from edge.errors import Refusal
from edge.web.app import create_apps
from edge.web.page import Page
from edge.web.registry import Pages, UnknownPart, find, pages, routers
from tests.web.running import RunningStore, wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = """
from edge.web.page import Action, Page, PageForm

class UmbrellaForm(PageForm):
    colour: str = "green"

async def take(visit, form):
    return visit.back(done="taken")

PAGE = Page(
    "umbrella", path="/umbrella", show=lambda visit: ("umbrella/umbrella.html", {"count": 7}), form=UmbrellaForm,
    actions={"take": Action(take, bound="changing")}, notices={"taken": "shopper.registered"},
    assets=("umbrella.css",), package="umbrella_stand.page",
)
"""
ROUTER = """
from fastapi import APIRouter
from edge.web.audience import ANYBODY, audience

def router(web):
    routes = APIRouter()

    @routes.get("/api/v1/umbrellas")
    @audience(ANYBODY)
    async def umbrellas() -> dict[str, int]:
        return {"count": 7, "zones": len(web.layout.zones)}

    return routes
"""
TEMPLATE = """{% extends "phone.html" %}
{% block title %}Umbrellas{% endblock %}
{% block style %}{% include "umbrella/look.css" %}{% endblock %}
{% block main %}{{ count }} {{ assets.url("umbrella.css") }}{% endblock %}
"""
STAND = Noun(
    name="umbrellas", facts={}, schema="", pages=("umbrella_stand.page:PAGE",), api=("umbrella_stand.api:router",)
)


@pytest.fixture(scope="module")
def base(store: RunningStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The store with a noun from a package outside."""
    folder = tmp_path_factory.mktemp("outside")
    put(folder / "umbrella_stand")
    sys.path.insert(0, str(folder))
    parts = msgspec.structs.replace(store.gateway.parts, nouns=(*NOUNS, STAND))
    server = uvicorn.Server(uvicorn.Config(create_apps(parts, apart=False)[0], port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    sys.path.remove(str(folder))


def put(package: Path) -> None:
    for path, text in {
        "__init__.py": "",
        "api.py": ROUTER,
        "page/__init__.py": PAGE,
        "page/umbrella.html": TEMPLATE,
        "page/umbrella.css": "b { color: blue }",
        "page/look.css": "i { color : red; }",
    }.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text)


def test_a_page_of_another_package_is_served_with_its_style(base: str) -> None:
    page = requests.get(f"{base}/umbrella", headers={"Accept-Language": "en"}, timeout=60)
    assert page.status_code == 200
    assert "<h1>Umbrellas</h1>" in page.text
    assert "i{color : red;}" in page.text
    linked = page.text.split("7 /static/")[1].split("<")[0].strip()
    assert requests.get(f"{base}/static/{linked}", timeout=60).text == "b { color: blue }"


def test_its_form_does_what_its_acts_say(base: str) -> None:
    done = requests.post(f"{base}/umbrella", {"do": "take"}, timeout=60, allow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/umbrella?done=taken")
    said = requests.get(f"{base}/umbrella?done=taken", headers={"Accept-Language": "en"}, timeout=60)
    assert 'id="note"' in said.text
    for wrong in ({"do": "give"}, {}, {"do": "take" * 20}):
        assert requests.post(f"{base}/umbrella", wrong, timeout=60).json()["code"] == "bad_request"


def test_its_api_is_served_and_documented(base: str, store: RunningStore) -> None:
    zones = len(store.settings.zones)
    assert requests.get(f"{base}/api/v1/umbrellas", timeout=60).json() == {"count": 7, "zones": zones}
    assert "/api/v1/umbrellas" in requests.get(f"{base}/openapi.json", timeout=60).json()["paths"]


def test_every_reference_of_a_noun_leads_to_a_page_or_a_router() -> None:
    named = {page.name for page in pages()}
    assert named >= {"cart", "locker", "offers", "wallet", "help", "staff"}
    assert all(callable(router) for router in routers())


def test_every_purpose_of_a_touchpoint_has_its_page() -> None:
    assert all(pages().of_purpose(purpose).show for purpose in get_args(Purpose))
    with pytest.raises(Refusal, match="code_unknown"):
        pages().of_purpose("umbrella")


@pytest.mark.parametrize("reference", ["edge.web.nowhere:PAGE", "edge.web.page:NOTHING", "edge.web.page:Page"])
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    with pytest.raises(UnknownPart, match=reference):
        pages([Noun(name="lost", facts={}, schema="", pages=(reference,))])


def test_two_pages_of_one_name_or_for_one_purpose_are_refused() -> None:
    with pytest.raises(UnknownPart, match="two pages are called cart"):
        Pages([find("edge.web.pages.cart.page:PAGE"), Page("cart")])
    with pytest.raises(UnknownPart, match="both are for cart"):
        Pages([find("edge.web.pages.cart.page:PAGE"), Page("trolley", purposes=("cart",))])
