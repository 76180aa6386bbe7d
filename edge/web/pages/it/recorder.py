"""`/it/recorder`: what happened around a moment, as one bundle without persons."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edge.settings.store_time import local
from edge.web.audience import OPERATOR, audience
from edge.web.problems import Problem
from operations.diagnosis.recording.bundle import LONGEST_MINUTES, MessageRecord, Recorded, bundle

if TYPE_CHECKING:
    from edge.web.web import Web

At = Annotated[str, Query(max_length=40)]
Minutes = Annotated[int, Query(ge=1, le=LONGEST_MINUTES)]


def add(routes: APIRouter, web: Web) -> None:
    """Its addresses."""
    page = RecorderPage(web)
    routes.add_api_route("/recorder", page.show, methods=["GET"])
    routes.add_api_route("/recorder.zip", page.bundle, methods=["GET"])


class RecorderPage:
    """Everything below `/it/recorder`."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @audience(OPERATOR)
    async def show(self, request: Request) -> Response:
        """When, and how much around it."""
        person = self._web.access.who(request)
        now = local(int(time.time() * 1000), self._web.layout.store.zone)
        values = {"now": f"{now:%Y-%m-%dT%H:%M}", "person": person.name if person else ""}
        return self._web.page(request, "it/recorder.html", **values)

    @audience(OPERATOR)
    async def bundle(self, at: At = "", minutes: Minutes = 5) -> Response:
        """The bundle, as a zip. `at` is a moment in the store's own time; left out, it is now."""
        web = self._web
        try:
            moment = datetime.fromisoformat(at) if at else datetime.now(web.layout.store.zone)
        except ValueError:
            raise Problem("bad_request", field="at") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=web.layout.store.zone)
        queue, ready = web.queue(), web.ready()
        states = {
            "state": {"journal": ready.journal, "broker": ready.broker, "cloud": queue.state, "count": queue.backlog},
            "devices": {one.id: {"online": one.online, "state": one.state, "kind": one.kind} for one in web.devices()},
        }
        findings = (await web.box.look()).findings
        messages = [MessageRecord(*each) for each in web.recorder.all()]
        known = Recorded(messages, states, findings)
        data, version = web.settings.gateway.data, web.box.versions.running
        made = await asyncio.to_thread(bundle, data, int(moment.timestamp() * 1000), minutes, version, known)
        name = f"storekeeper-{web.layout.store.id}-{moment:%Y%m%d-%H%M}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(made, 200, headers, "application/zip")
