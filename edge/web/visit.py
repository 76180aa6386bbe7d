"""One request for a page: who asks, in which language, and how the page is shown or its form carried out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edge.errors import JournalError, Refusal
from edge.web import limits
from edge.web.audience import audience
from edge.web.problems import Problem, mistakes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from fastapi import APIRouter
    from starlette.datastructures import FormData
    from starlette.requests import Request

    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.page import Action, Page, PageForm
    from edge.web.web import Web

M = TypeVar("M", bound=BaseModel)


class Visit:
    """Made for each request. `show` and the actions of a page are given it."""

    touchpoint: Touchpoint | None = None
    """What was scanned, where a code led here."""

    def __init__(self, web: Web, page: Page[Any, Any], request: Request) -> None:
        self.web = web
        self.page = page
        self.request = request
        self.caller = web.caller(request)
        self.member = self.caller.member if self.caller else None
        self.language = web.language(request)
        self.form: Any = None
        """What was sent, where something was."""
        self.problem: Problem | None = None
        """Why it was refused, where it was."""

    def say(self, key: str, **values: Any) -> str:
        """A sentence in the shopper's language."""
        return self.web.texts.say(self.language, key, **values)

    def url(self, **query: str) -> str:
        """The address of the page."""
        tail = "&".join(f"{name}={value}" for name, value in query.items())
        return self.page.path + (f"?{tail}" if tail else "")

    def back(self, **query: str) -> Response:
        """Back to the page, so that a reload repeats nothing."""
        return RedirectResponse(self.url(**query), 303)

    def values(self) -> dict[str, Any]:
        """What the page is shown with besides its own."""
        return {"member": self.member, "notice": self.notice()}

    def notice(self) -> str | None:
        """What is to be said of what was done."""
        key = self.page.notices.get(self.request.query_params.get("done", ""))
        return self.say(key) if key else None

    def render(self, status: int = 200, template: str = "", **extra: Any) -> Response:
        """The page as it is now; by another template, where one is named."""
        assert self.page.show is not None  # noqa: S101 - `routes_of` and the touchpoints ask pages that show something
        shown = self.page.show(self)
        if isinstance(shown, Response):
            return shown
        own, values = shown
        return self.web.page(self.request, template or own, status, **{**self.values(), **values, **extra})

    def again(self, problem: Problem) -> Response:
        """The page, with the sentence of what was refused."""
        self.problem = problem
        page = self.render(problem.status, problem=problem.sentence(self.web.texts, self.language))
        page.headers.update(problem.headers or {})
        return page

    def action_of(self, form: PageForm) -> Action[Any, Any]:
        """What the form's button stands for. Raises `Problem` bad_request for anything else."""
        found = self.page.actions.get(form.do)
        if found is None:
            raise Problem("bad_request", field="do")
        return found

    async def carry_out(self, form: PageForm) -> Response:
        """What the form asks for; the page again where it is refused."""
        self.form = form
        try:
            action = self.action_of(form)
            if action.bound is not None:
                limits.take(self.web, self.request, action.bound, self.touchpoint, self.member)
            return await action.run(self, form)
        except (Refusal, JournalError) as error:
            return self.again(Problem.of(error))


@asynccontextmanager
async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """What a form sent. Raises `Problem` bad_request for text in an encoding that it does not fit, or that is none."""
    try:
        sent = await request.form()
        for value in sent.values():
            str(value).encode()  # half a character, which some encodings can write, is none
    except ValueError:
        raise Problem("bad_request") from None
    try:
        yield sent
    finally:
        await sent.close()


async def read_form(request: Request, model: type[M]) -> M:
    """What a form sent; an empty field counts as left out. Raises `Problem` bad_request."""
    async with sent_form(request) as sent:
        filled = {name: value for name, value in sent.items() if value != ""}
    try:
        return model.model_validate(filled)
    except ValidationError as error:
        raise Problem("bad_request", errors=mistakes(error.errors(), "body")) from None


def routes_of(web: Web, page: Page[Any, Any]) -> Iterator[APIRouter | Route]:
    """Every address of a page."""
    if page.routes is not None:
        yield page.routes(web)
    if not page.path:
        return

    @audience(page.audience)
    async def show(request: Request) -> Response:
        return Visit(web, page, request).render()

    yield Route(page.path, show, methods=["GET"], name=page.name, include_in_schema=False)
    form = page.form
    if form is None:
        return

    @audience(page.audience)
    async def send(request: Request) -> Response:
        sent = await read_form(request, form)
        return await Visit(web, page, request).carry_out(sent)

    yield Route(page.path, send, methods=["POST"], name=f"{page.name}_form", include_in_schema=False)
