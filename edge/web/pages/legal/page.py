"""`/terms`, `/privacy`, `/marketing`: what shoppers agree to, in the version in force and in every earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from edge.errors import Refusal
from edge.gateway.legal import TEXTS
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.domain.members.consent_texts import Text
    from edge.gateway.legal import LegalText
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)
    for text in TEXTS:
        routes.add_api_route(f"/{text}", _page(web, text), name=text)
        routes.add_api_route(f"/{text}/{{version}}", _page(web, text), name=f"{text}_version")
    return routes


def _page(web: Web, text: Text) -> Callable[..., Awaitable[HTMLResponse]]:
    @audience(ANYBODY)
    async def show(request: Request, version: str | None = None) -> HTMLResponse:
        """One text, in the caller's language."""
        documents = web.legal
        found = documents.find(text, version) if version else documents.current(text)
        if found is None:
            raise Refusal("not_found")
        return _text_page(web, request, found)

    return show


def _text_page(web: Web, request: Request, found: LegalText) -> HTMLResponse:
    store, language = web.layout.store, web.language(request)
    wording = found.wording(language)
    names = {"store": store.name[language], "contact": store.contact}
    return web.page(
        request,
        "legal/legal.html",
        title=wording.title,
        parts=[(part.heading, [_filled(text, names) for text in part.text]) for part in wording.parts],
        version=found.version,
        versions=[each.version for each in web.legal.versions(found.text)],
        text=found.text,
    )


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text.strip()


PAGE: Final = Page[Any, Any]("legal", routes=router)
