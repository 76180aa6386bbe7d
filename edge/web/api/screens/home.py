"""`/api/v1/screens/home`: which places there is something at, and what the basket of this session comes to.
`/api/v1/screens/end`: the session is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from edge.domain.lockers import serving as locker_serving
from edge.web.actions import at_screen
from edge.web.audience import SCREEN, audience
from edge.web.screens import ScreenRequest, asking_screen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.web.web import Web

AVAILABLE: Final[Mapping[str, Callable[[Web, ScreenRequest], bool]]] = {
    "basket": lambda _web, _asking: True,
    "games": lambda web, asking: bool(web.draws.offered(asking.zone)),
    "help": lambda _web, _asking: True,
    "lockers": lambda web, _asking: any(device.kind == "locker" for device in web.layout.devices),
    "map": lambda web, _asking: bool(web.layout.devices),
    "mine": lambda _web, _asking: True,
    "offers": lambda _web, _asking: True,
    "scan": lambda _web, _asking: True,
    "search": lambda _web, _asking: True,
}
"""By place (`kiosk_ui.places`), whether there is something there for this screen now."""


def router(web: Web) -> APIRouter:
    """The routes of a screen's home."""
    routes = APIRouter(prefix="/api/v1/screens", tags=["screens"])

    @routes.get("/home")
    @audience(SCREEN)
    async def home(request: Request, response: Response) -> dict[str, Any]:
        """What the home of this screen leads to (`places`), and this session's `basket`: `pieces`, `total` in the
        currency's minor unit; `free_doors` of all lockers.
        """
        asking = asking_screen(web, request)
        response.headers["Cache-Control"] = "no-store"
        pieces, total = at_screen.basket_summary(web, at_screen.visit(web, asking))
        return {
            "places": [place for place, there in AVAILABLE.items() if there(web, asking)],
            "basket": {"pieces": pieces, "total": total},
            "currency": web.layout.store.currency,
            "free_doors": sum(spot.free for spot in locker_serving.spots(web.reads, web.reads.now).values()),
        }

    @routes.post("/end", status_code=204)
    @audience(SCREEN)
    async def end(request: Request) -> Response:
        """This session is over: what is scanned from now on is somebody else's."""
        asking = asking_screen(web, request)
        web.visits.end(asking.screen, asking.session)
        return Response(status_code=204)

    return routes
