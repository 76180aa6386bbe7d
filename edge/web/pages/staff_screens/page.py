"""`/staff/screens`: what every screen shows now, how its glass is, and a way to start it anew.

The pictures come veiled from the screens themselves, are kept for a second, and are written nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.staff import decisions as staff
from edge.errors import Refusal
from edge.web.api.devices import Pictures
from edge.web.audience import FLOOR, audience
from edge.web.page import Page
from edge.web.request_ids import checked_request
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.staff.rules import Person
    from edge.gateway.device_views import DeviceView
    from edge.journal import Tx
    from edge.web.web import Web

AT: Final = "/staff/screens"
DONE: Final = ("restarted", "not_restarted")


class RestartForm(BaseModel):
    """Which screen starts anew, and who wants it."""

    target: str = Field(max_length=40)
    request: str = Field(max_length=36)


class ScreenRow(msgspec.Struct, frozen=True):
    """One screen."""

    id: str
    label: str
    zone: str
    online: bool
    tone: str
    word: str
    """How its glass is: a key of the texts."""
    facts: tuple[str, ...]
    """What else it says of itself, in words."""


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix=AT, include_in_schema=False)
    pictures = Pictures(web)

    @routes.get("")
    @audience(FLOOR)
    async def show(request: Request, done: str = "", screen: str = "") -> Response:
        """All of them."""
        person = web.access.required(request)
        language = web.language(request)
        screens = [_glass(web, language, each) for each in web.devices() if each.kind == "screen"]
        names = {each.id: each.label for each in screens}
        said = (
            web.texts.say(language, f"displays.{done}", screen=names.get(screen, screen[:40])) if done in DONE else ""
        )
        return web.page(request, "staff_screens/staff_screens.html", person=person, screens=screens, said=said)

    @routes.get("/{screen}/picture")
    @audience(FLOOR)
    async def picture(request: Request, screen: str) -> Response:
        """What it shows now, as PNG; 204 where it does not answer. Raises `Refusal` not_found."""
        web.access.required(request)
        _require_screen(web, screen)
        png = await pictures.of(screen)
        headers = {"Cache-Control": "no-store"}
        return Response(status_code=204, headers=headers) if png is None else Response(png, 200, headers, "image/png")

    @routes.post("")
    @audience(FLOOR)
    async def start_anew(request: Request, form: Annotated[RestartForm, Form()]) -> Response:
        """Raises `Refusal`: staff_only, not_found."""
        person = web.access.required(request)
        _require_screen(web, form.target)
        new = await web.decide(_note_restart, person=person, screen=form.target, request=checked_request(form.request))
        done = "restarted" if new and await web.restart(form.target) else "not_restarted"
        return RedirectResponse(f"{AT}?done={done}&screen={form.target}", 303)

    return routes


def _require_screen(web: Web, screen: str) -> None:
    if not any(each.id == screen and each.kind == "screen" for each in web.devices()):
        raise Refusal("not_found", device=screen)


def _note_restart(tx: Tx, *, person: Person, screen: str, request: str) -> bool:
    return staff.record_act(tx, staff=person.staff, action="restart", target=screen, request=request)


def _glass(web: Web, language: str, device: DeviceView) -> ScreenRow:
    found = device.state.get("glass") or {}
    trouble = found.get("trouble") or ("no_panel" if device.state.get("online") is False else "")
    word = "offline" if not device.online else f"trouble_{trouble}" if trouble else "well"
    zone: dict[str, str] = next((each.name for each in web.layout.zones if each.id == device.zone), {})

    def say(key: str, **values: Any) -> str:
        return web.texts.say(language, f"displays.{key}", **values)

    facts = []
    if found.get("width"):
        facts.append(say("size", width=found["width"], height=found["height"]))
    if found.get("lit") in ("yes", "no"):
        facts.append(say("panel_on" if found["lit"] == "yes" else "panel_off"))
    if found.get("brightness") is not None:
        facts.append(say("bright", percent=found["brightness"]))
    return ScreenRow(
        device.id,
        in_language(device.label, language, device.id),
        in_language(zone, language, device.zone),
        device.online,
        "off" if not device.online else "bad" if trouble else "ok",
        say(word),
        tuple(facts) if device.online else (),
    )


PAGE: Final = Page[Any, Any]("staff_screens", routes=router, assets=("staff_screens.js",))
