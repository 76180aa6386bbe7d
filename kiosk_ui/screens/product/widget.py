"""One product on the whole screen. Laid out in `product.kv`."""

from __future__ import annotations

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk_ui.screens.product.view import MAX_RELATED, ProductView
from kiosk_ui.widgets.shapes import BoxPanel, FloatPanel
from kiosk_ui.widgets.sheet import Sheet


class ProductPicture(FloatPanel):
    """A product's picture, drawing or first letter, on its ground."""

    art = StringProperty("")
    initial = StringProperty("")
    picture = StringProperty("")


class RelatedCard(BoxPanel):
    """A product that goes with the one that is shown. It draws a `RelatedView`."""

    view = ObjectProperty(None, rebind=True)


class ProductScreen(Sheet):
    """One product on the whole screen. It draws a `ProductView`."""

    def show(self, view: ProductView) -> None:
        """Draws anew what differs."""
        super().show(view)
        row = self.ids.row
        row.clear_widgets()
        for each in view.related:
            row.add_widget(RelatedCard(view=each))
        for _ in range(MAX_RELATED - len(view.related)):
            row.add_widget(Widget())
