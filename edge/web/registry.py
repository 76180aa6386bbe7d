"""Every page and every router that the web serves: those of the nouns, and those of nobody's. One line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.web.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter

    from edge.domain.noun import Noun
    from edge.web.web import Web

    Router = Callable[[Web], APIRouter]

PAGES: Final = (
    "edge.web.pages.home.page:PAGE",
    "edge.web.pages.message.page:PAGE",
    "edge.web.pages.offline.page:PAGE",
    "edge.web.pages.setup.page:PAGE",
)
ROUTERS: Final = (
    "edge.web.api.journal:router",
    "edge.web.api.operations:router",
    "edge.web.api.demo:router",
    "edge.web.api.screens.help:router",
    "edge.web.api.screens.home:router",
    "edge.web.api.screens.media:router",
    "edge.web.api.screens.map:router",
    "edge.web.api.screens.basket:router",
    "edge.web.api.screens.coupons:router",
    "edge.web.api.screens.mine:router",
    "edge.web.api.demo_glass:router",
    "edge.web.api.why:router",
)
"""What belongs to no noun. A noun declares its own (`edge.domain.noun.Noun.pages` and `api`)."""


class UnknownPart(RuntimeError):
    """A reference leads nowhere, or to something else."""


class Pages:
    """The pages of one application, by name and by what their touchpoints are for."""

    def __init__(self, pages: Iterable[Page[Any, Any]]) -> None:
        self._by_name: dict[str, Page[Any, Any]] = {}
        self._by_purpose: dict[str, Page[Any, Any]] = {}
        for page in pages:
            if self._by_name.setdefault(page.name, page) is not page:
                raise UnknownPart(f"two pages are called {page.name}")
            for purpose in page.purposes:
                if self._by_purpose.setdefault(purpose, page) is not page:
                    raise UnknownPart(f"pages {page.name} and {self._by_purpose[purpose].name} both are for {purpose}")

    def __iter__(self) -> Iterator[Page[Any, Any]]:
        return iter(self._by_name.values())

    def of_purpose(self, purpose: str) -> Page[Any, Any]:
        """The page that codes of touchpoints for this purpose lead to. Raises `Refusal` code_unknown."""
        found = self._by_purpose.get(purpose)
        if found is None:
            raise Refusal("code_unknown", purpose=purpose)
        return found

    def purposes_with(self, action: str) -> list[str]:
        """The purposes whose page has an action of this name."""
        return [purpose for purpose, page in self._by_purpose.items() if action in page.actions]


def find(reference: str) -> Any:
    """What `package.module:NAME` names. Raises `UnknownPart`."""
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UnknownPart(f"{reference}: {error}") from error


def pages(nouns: Iterable[Noun] = NOUNS) -> Pages:
    """All pages. Raises `UnknownPart`."""
    references = [*PAGES, *(reference for noun in nouns for reference in noun.pages)]
    found = {reference: find(reference) for reference in references}
    for reference, page in found.items():
        if not isinstance(page, Page):
            raise UnknownPart(f"{reference} is no page")
    return Pages(found.values())


def routers(nouns: Iterable[Noun] = NOUNS) -> list[Router]:
    """What makes the routers of the API. Raises `UnknownPart`."""
    references = [*ROUTERS, *(reference for noun in nouns for reference in noun.api)]
    return [find(reference) for reference in references]
