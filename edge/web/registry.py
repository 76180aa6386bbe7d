"""Every page and every router that the web serves: one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from edge.errors import Refusal
from edge.web.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter

    from edge.web.web import Web

    Router = Callable[[Web], APIRouter]

PAGES: Final = (
    "edge.web.pages.touchpoint.page:PAGE",
    "edge.web.pages.message.page:PAGE",
    "edge.web.pages.cart.page:PAGE",
    "edge.web.pages.locker.page:PAGE",
    "edge.web.pages.offers.page:PAGE",
    "edge.web.pages.welcome.page:PAGE",
    "edge.web.pages.product.page:PAGE",
    "edge.web.pages.wallet.page:PAGE",
    "edge.web.pages.member_code.page:PAGE",
    "edge.web.pages.scan.page:PAGE",
    "edge.web.pages.link.page:PAGE",
    "edge.web.pages.legal.page:PAGE",
    "edge.web.pages.help.page:PAGE",
    "edge.web.pages.me.page:PAGE",
    "edge.web.pages.privacy.page:PAGE",
    "edge.web.pages.store.page:PAGE",
    "edge.web.pages.staff.page:PAGE",
    "edge.web.pages.staff_camera.page:PAGE",
    "edge.web.pages.operator.page:PAGE",
)
ROUTERS: Final = (
    "edge.web.api.carts:router",
    "edge.web.api.members:router",
    "edge.web.api.coupons:router",
    "edge.web.api.grants:router",
    "edge.web.api.lockers:router",
    "edge.web.api.codes:router",
    "edge.web.api.seen:router",
    "edge.web.api.journal:router",
    "edge.web.api.devices:router",
    "edge.web.api.slips:router",
    "edge.web.api.products:router",
    "edge.web.api.sessions:router",
    "edge.web.api.linking:router",
    "edge.web.api.me:router",
    "edge.web.api.store:router",
    "edge.web.api.catalogue:router",
    "edge.web.api.member_desk:router",
    "edge.web.api.operations:router",
    "edge.web.api.demo:router",
)


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

    def purposes_with(self, act: str) -> list[str]:
        """The purposes whose page has an act of this name."""
        return [purpose for purpose, page in self._by_purpose.items() if act in page.acts]


def find(reference: str) -> Any:
    """What `package.module:NAME` names. Raises `UnknownPart`."""
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UnknownPart(f"{reference}: {error}") from error


def pages(references: Iterable[str] = PAGES) -> Pages:
    """The pages that these references name. Raises `UnknownPart`."""
    found = {reference: find(reference) for reference in references}
    for reference, page in found.items():
        if not isinstance(page, Page):
            raise UnknownPart(f"{reference} is no page")
    return Pages(found.values())


def routers(references: Iterable[str] = ROUTERS) -> list[Router]:
    """The functions that make the routers which these references name. Raises `UnknownPart`."""
    return [find(reference) for reference in references]
