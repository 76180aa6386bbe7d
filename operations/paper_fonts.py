"""Fonts of what is printed on paper."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont


def fonts() -> tuple[str, str]:
    """A bold and a regular font that know Chinese: the kiosk's where it is, else one that every PDF reader has."""
    folder = Path(__file__).parents[1] / "kiosk_ui" / "assets" / "fonts"
    found = sorted(folder.glob("NotoSansSC-*.ttf"))
    bold = next((path for path in found if "bold" in path.stem.lower()), found[0] if found else None)
    regular = next((path for path in found if "medium" in path.stem.lower()), bold)
    try:
        if bold and regular:
            pdfmetrics.registerFont(TTFont("bold", str(bold)))
            pdfmetrics.registerFont(TTFont("regular", str(regular)))
            return "bold", "regular"
    except TTFError:
        pass  # PostScript outlines, which the library cannot embed.
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light", "STSong-Light"
