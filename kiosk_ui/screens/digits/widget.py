"""The number pad. Laid out in `digits.kv`."""

from __future__ import annotations

from kiosk_ui.widgets.sheet import Sheet


class DigitsScreen(Sheet):
    """The whole screen. It draws a `DigitsView`."""
