"""A page with letters twice as high, on the narrowest phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WIDE: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_CUT: Final = (
    "() => [...document.querySelectorAll('.bar a, .brand > span')].filter("
    "e => e.scrollWidth > e.clientWidth || (e.matches('.brand > span') && e.scrollHeight > 1.3 * e.clientHeight)"
    ").map(e => e.innerText)"
)
_TIGHT: Final = """() => [...document.querySelectorAll('main *')].filter(e => {
    const style = getComputedStyle(e), line = parseFloat(style.lineHeight)
    return [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())
        && line < parseFloat(style.fontSize) && e.clientHeight > 1.9 * line
}).map(e => e.innerText)"""

_TORN: Final = """(longest) => {
    const range = document.createRange(), found = [], walk = document.createTreeWalker(
        document.body, NodeFilter.SHOW_TEXT,
        node => node.parentNode.closest('table') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
    const words = /(?<![\\p{L}\\d])\\p{Script=Latin}+(?![\\p{L}\\d])/gu
    while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(words)) {
        range.setStart(walk.currentNode, word.index)
        range.setEnd(walk.currentNode, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].filter(r => r.width).map(r => r.bottom))
        const room = longest + !!walk.currentNode.parentNode.closest('header')
        if (lines.size > 1 && word[0].length <= room) found.push(word[0])
    }
    return found
}"""
LONGEST: Final = 8
"""Letters of a word that has room on any line, but for those of a table; a heading has room for one more."""


def faults_at_200_percent(page: Page) -> list[str]:
    """What scrolls sideways, is cut, torn, or lies over itself at 320×640; the window is 390×844 afterwards.

    The page's CSP must be bypassed.
    """
    page.set_viewport_size({"width": 320, "height": 640})
    page.add_style_tag(content="html{font-size:32px}")
    over, cut, tight = page.evaluate(_WIDE), page.evaluate(_CUT), page.evaluate(_TIGHT)
    torn = page.evaluate(_TORN, LONGEST)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = [f"{over} px too wide"] if over > 0 else []
    cut_short = [*(f"{label} is cut" for label in cut), *(f"{label} lies over itself" for label in tight)]
    return [*wide, *cut_short, *(f"{word} is torn" for word in torn)]
