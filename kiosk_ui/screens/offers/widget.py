"""The list of offers. Laid out in `offers.kv`."""

from __future__ import annotations

from kiosk_ui.screens.offers.view import OffersView
from kiosk_ui.widgets.rows import ListRow
from kiosk_ui.widgets.sheet import Sheet


class OfferListRow(ListRow):
    """One offer; the whole of it is touched."""


class OffersScreen(Sheet):
    """The whole screen. It draws an `OffersView` and decides nothing."""

    def show(self, view: OffersView) -> None:
        """Draws anew what differs."""
        super().show(view)
        self.ids.rows.show(view.rows)
