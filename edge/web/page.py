"""A page is a folder below `edge/web/pages` and one line in `edge.web.registry`.

    edge/web/pages/help/
        page.py      PAGE: where it is, what it shows, what its form does
        help.html    its template, found as `help/help.html` beside those that all pages share

A page has an address of its own (`path`), or it is what the codes of some `purposes` lead to, at `/t/{code}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, Field

from edge.web.audience import SHOPPER, Audience
from words.unseen import seen

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.responses import Response

    from edge.gateway.bounds import Act as Bound
    from edge.web.web import Web


Typed = Annotated[str, AfterValidator(seen)]
"""Words that somebody types or pastes and others read: nothing in them turns letters round or hides some."""


class PageForm(BaseModel):
    """What every form of a page sends: the action that its button stands for, and a number of its own."""

    do: str = Field(max_length=32)
    request: str = Field("", max_length=36)
    """A UUID: the same form, sent twice, does the thing once."""


V = TypeVar("V")
"""The page's own kind of `edge.web.visit.Visit`."""
F = TypeVar("F", bound=PageForm)
Shown = tuple[str, dict[str, Any]]
"""A template and its values."""


@dataclass(frozen=True)
class Action(Generic[V, F]):
    """One thing that a form of the page does. It answers with where the browser goes then."""

    run: Callable[[V, F], Awaitable[Response]]
    bound: Bound | None = None
    """What it counts as for the bounds of whoever asks (`edge.gateway.bounds`)."""


@dataclass(frozen=True)
class Page(Generic[V, F]):
    """One page, or a few that belong together."""

    name: str
    """Of its folder; its templates' names begin with it."""
    show: Callable[[V], Shown | Response] | None = None
    """What it shows now, or where the browser goes instead. A refusal of its form stands in `Visit.problem`."""
    path: str = ""
    """Its own address: GET shows it, POST takes its form."""
    purposes: tuple[str, ...] = ()
    """Of the touchpoints whose codes lead here."""
    audience: Audience = SHOPPER
    """Whom its own address is for."""
    form: type[F] | None = None
    actions: Mapping[str, Action[V, F]] = field(default_factory=dict)
    """What its form does, by the field `do`."""
    notices: Mapping[str, str] = field(default_factory=dict)
    """What `?done=` says at the top of the page: the key of its sentence."""
    routes: Callable[[Web], APIRouter] | None = None
    """Addresses beside its own: what its script asks, what it lets download."""
    assets: tuple[str, ...] = ()
    """Files of its folder that its template links to; all others are written into the page."""
    package: str = ""
    """The package whose folder it is; by default the one of its name in `edge.web.pages`."""

    @property
    def folder(self) -> str:
        """The package that holds its files."""
        return self.package or f"edge.web.pages.{self.name}"
