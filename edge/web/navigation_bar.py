"""The one bar at the foot of every shopper's page: home, scan, basket, coupons, me; always in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from edge.domain.baskets import queries as basket_queries

if TYPE_CHECKING:
    from starlette.requests import Request

    from edge.web.web import Web


class _Place(NamedTuple):
    name: str
    """Of its picture and its word."""
    href: str
    more: tuple[str, ...] = ()
    """Where else a shopper is who came by it: the beginnings of these pages' addresses."""


BAR: Final = (
    _Place("home", "/", ("/home", "/products", "/search", "/p", "/map", "/help", "/wallet/code")),
    _Place("scan", "/scan"),
    _Place("basket", "/basket", ("/pay",)),
    _Place("wallet", "/wallet", ("/coupons",)),
    _Place("me", "/me", ("/profile", "/points", "/orders", "/link", "/privacy", "/terms")),
)


class Tab(NamedTuple):
    """One place of the bar, as one page shows it."""

    name: str
    href: str
    current: str
    """The value of `aria-current`; empty where the shopper is somewhere else."""
    pieces: int
    """What lies there; 0 says nothing."""


def tabs(web: Web, request: Request) -> list[Tab]:
    """The bar of this page, for whoever asks for it."""
    path = request.url.path
    lit = max((_reach(place, path), number) for number, place in enumerate(BAR))
    hrefs = {"home": home(web, request)}
    count = _pieces(web, request)
    return [
        Tab(
            place.name,
            href := hrefs.get(place.name, place.href),
            ("page" if path == href else "true") if lit[0] and number == lit[1] else "",
            count if place.name == "basket" else 0,
        )
        for number, place in enumerate(BAR)
    ]


def home(web: Web, request: Request) -> str:
    """The address of a shopper's home: `/`, but for who looks after the store and finds the store's page there."""
    return "/home" if is_staff_browser(web, request) else "/"


def is_staff_browser(web: Web, request: Request) -> bool:
    """Whether this browser is one of the store's people, and has not been a shopper's yet."""
    within = request.app.state.within and web.access.is_inside(request)
    return bool(within and web.caller(request) is None and web.browser(request) is None)


def _reach(place: _Place, path: str) -> int:
    """How much of the address is this place's."""
    found = [each for each in (place.href, *place.more) if path == each or path.startswith(each.rstrip("/") + "/")]
    return max((len(each) for each in found if each != "/" or path == "/"), default=0)


def _pieces(web: Web, request: Request) -> int:
    caller = web.caller(request)
    return basket_queries.pieces_of(web.reads, caller.member) if caller else 0
