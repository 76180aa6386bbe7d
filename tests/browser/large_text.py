"""A page with letters twice as high, on the narrowest phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WIDE: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_CUT: Final = (
    "() => [...document.querySelectorAll('.bar a')].filter(a => a.scrollWidth > a.clientWidth).map(a => a.innerText)"
)


def faults_at_200_percent(page: Page) -> list[str]:
    """What scrolls sideways or is cut at 360×640; the window is 390×844 afterwards. The page's CSP must be bypassed."""
    page.set_viewport_size({"width": 360, "height": 640})
    page.add_style_tag(content="html{font-size:32px}")
    over, cut = page.evaluate(_WIDE), page.evaluate(_CUT)
    page.set_viewport_size({"width": 390, "height": 844})
    return [*([f"{over} px too wide"] if over > 0 else []), *(f"{label} is cut" for label in cut)]
