"""`/staff/camera`: what a camera sees now, for whoever aims it. The picture is forgotten; who looked is not.

Nothing of it is written anywhere: it goes from the device's answer into this one page, which no browser may keep.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.devices import queries as device_queries
from edge.domain.staff import decisions as staff
from edge.errors import Refusal
from edge.web.audience import FLOOR, audience
from edge.web.page import Page
from edge.web.request_ids import checked_request
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.staff.rules import Person
    from edge.journal import Tx
    from edge.web.web import Web


class CameraForm(BaseModel):
    """Who wants to see through which camera."""

    target: str = Field(max_length=40)
    request: str = Field(max_length=36)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)

    @routes.get("/camera")
    @audience(FLOOR)
    async def nothing() -> Response:
        """A picture is asked for, each time anew."""
        return RedirectResponse("/staff", 303)

    @routes.post("/camera")
    @audience(FLOOR)
    async def look(request: Request, form: Annotated[CameraForm, Form()]) -> Response:
        """One picture. Raises `Refusal`: staff_only, device_unknown."""
        person = web.access.required(request)
        number = checked_request(form.request)
        await web.decide(_looked, person=person, camera=form.target, request=number)
        png = await web.snapshot(form.target)
        label = next((each.label for each in web.devices() if each.id == form.target), {})
        return web.page(
            request,
            "staff_camera/staff_camera.html",
            camera=form.target,
            label=in_language(label, web.language(request), form.target),
            picture=base64.b64encode(png).decode() if png is not None else None,
        )

    return routes


def _looked(tx: Tx, *, person: Person, camera: str, request: str) -> None:
    """The fact that somebody looked; before the picture is asked for, so that no look is without it."""
    scanner = device_queries.device(tx, camera)
    if scanner is None or scanner.kind != "scanner":
        raise Refusal("device_unknown", device=camera)
    staff.record_act(tx, staff=person.staff, action="aim", target=camera, request=request)


PAGE: Final = Page[Any, Any]("staff_camera", routes=router)
