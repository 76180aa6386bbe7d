"""The templates: those that all pages share, and each page's own in its folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined, select_autoescape

from words.sentences import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edge.web.page import Page

_AROUND = re.compile(r"\s*([{};,])\s*")
"""What a style sheet does not need."""
_REMARK = re.compile(r"^[ \t]*(?://.*\n)?", re.MULTILINE)
"""What a script does not need: remarks and what its lines are set in by."""


class _LeanLoader(PackageLoader):
    """Templates, with style sheets as phones get them: they are half of a page of 20 KB."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        """See `jinja2.BaseLoader`."""
        source, name, fresh = super().get_source(environment, template)
        if template.endswith(".css"):
            source = _AROUND.sub(r"\1", source).strip()
        elif template.endswith(".js"):
            source = _REMARK.sub("", source).strip()
        return source, name, fresh


def _as_it_is(value: Any) -> Any:
    """What a template fills in keeps the spaces that it has, see `set_close`; markup was made here, and is done."""
    return held(value) if type(value) is str else value


def environment(pages: Iterable[Page[Any, Any]]) -> Environment:
    """Finds `help/help.html` in the folder of the page `help`, and `phone.html` among the shared templates."""
    own = PrefixLoader({page.name: _LeanLoader(page.folder, "") for page in pages})
    return Environment(
        loader=ChoiceLoader([own, _LeanLoader("edge.web")]),
        autoescape=select_autoescape(["html", "svg"]),
        undefined=StrictUndefined,
        finalize=_as_it_is,
        trim_blocks=True,
        lstrip_blocks=True,
    )
