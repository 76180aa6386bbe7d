"""Codes as QR pictures in a page's colours."""

from __future__ import annotations

import io

import segno


def svg(text: str, *, inline: bool = False) -> bytes:
    """Returns the picture; `inline` for one that stands within a page, else a file of its own."""
    out = io.BytesIO()
    # M survives the scratches of a cart's handle; four modules of quiet zone are the standard's.
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=4, dark="#14231c", light="#ffffff", xmldecl=False, svgns=not inline, omitsize=True
    )
    return out.getvalue()
