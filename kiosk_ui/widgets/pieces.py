"""What stands on a screen, piece by piece in the order in which it is read: all that a column needs to show the same.

It knows no screen. What draws by itself, such as a plan, says by `again` how it is drawn once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from kivy.factory import Factory
from kivy.uix.image import AsyncImage, Image
from kivy.uix.label import Label

from kiosk_ui import assets, theme
from kiosk_ui.theme import Colour
from kiosk_ui.widgets.goods import GoodName
from kiosk_ui.widgets.rows import Rows
from kiosk_ui.widgets.shapes import Key, Panel
from kiosk_ui.widgets.stops import in_sight

READABLE: Final = 4.5
SHORT: Final = 3
"""Signs of what stands beside others, such as a digit or how many there are of something."""
WORD: Final = 4
"""Signs of what stands beside another one with a picture."""
FEW: Final = (2, 3, 4)
"""Columns of a grid that is kept as it is; a wider one is broken elsewhere."""
LEADS_ON: Final = frozenset({"next"})
"""Signs that only say that something is a key."""
ARTS: Final = f"{assets.FOLDER}/art"


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Words or figures."""

    text: str
    letters: float
    """Their height on the screen, in pixels."""
    figures: bool = False
    bold: bool = False
    struck: bool = False
    name: bool = False
    """Of goods: after two lines it is cut."""
    centred: bool = False
    colour: Colour = theme.INK
    under: Colour | None = None
    """The ground that they have of their own, such as a badge's."""
    said: str = ""
    live: bool = False
    heads: bool = False
    veil: str = ""

    @property
    def short(self) -> bool:
        """Whether it has no row of its own."""
        return self.figures and len(self.text) <= SHORT

    def on(self, ground: Colour) -> Colour:
        """The colour that stands out from this ground and is most like its own."""
        mine = (self.colour, self.under or theme.INK, theme.INK, theme.WHITE)
        # On a ground of middling brightness nothing may stand out enough: then what does best.
        best = max(mine, key=lambda shade: theme.contrast(shade, ground))
        return next((shade for shade in mine if theme.contrast(shade, ground) >= READABLE), best)


class Art(msgspec.Struct, frozen=True):
    """A drawing or photograph of goods, or a sign."""

    source: str
    colour: Colour = (1.0, 1.0, 1.0, 1.0)
    """A sign is drawn in this colour."""
    fetched: bool = False

    @property
    def sign(self) -> bool:
        """Whether it is a sign."""
        return not self.fetched and not self.source.startswith(ARTS)


class Drawn(msgspec.Struct, frozen=True):
    """What draws by itself."""

    kind: Callable[..., Any]
    values: tuple[tuple[str, Any], ...]
    ratio: float
    """Its height, in its width."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A key, or what is read in one go."""

    texts: tuple[Text, ...]
    picture: Art | None = None
    ground: Colour = theme.WHITE
    line: Colour = theme.CLEAR
    key: Any = None
    """The key of the screen that is meant; None where it is none."""
    row: Any = None
    """What that key draws when it is touched; None: what it draws anyway."""
    disabled: bool = False
    chosen: bool = False
    said: str = ""
    live: bool = False
    veil: str = ""
    cols: int = 0
    """So many stand side by side; 0: it has a row of its own, -1: as many as have room."""


Piece = Text | Art | Drawn | Block


def ordered(screen: Any) -> list[Piece]:
    """Everything on a screen, in its order; what it asks comes before its keys and those before all else where it must
    be answered in time.
    """
    found = list(pieces(screen))
    return sorted(found, key=_haste) if getattr(screen, "hastens", False) else found


def _haste(piece: Piece) -> int:
    if isinstance(piece, Block):
        return 2 if piece.key is None else 1
    return 0 if isinstance(piece, Text) and piece.heads else 2


def pieces(widget: Any) -> Iterator[Piece]:
    """Everything below this widget that can be seen, but for the keys that stand under a column anyway."""
    if widget.opacity <= 0 or getattr(widget, "everywhere", False):
        return
    if isinstance(widget, Rows):
        yield from _rows(widget)
    elif hasattr(widget, "again") or isinstance(widget, Key):
        yield from _single_piece(widget) if in_sight(widget) else ()
    elif isinstance(widget, Panel) and _read_at_once(widget):
        yield from _card(widget) if in_sight(widget) else ()
    elif not getattr(widget, "unread", False):
        yield from _loose(widget)


def _single_piece(widget: Any) -> Iterator[Piece]:
    if isinstance(widget, Key):
        yield _key(widget)
    elif (drawn := widget.again()) is not None:
        yield Drawn(*drawn)


def _rows(rows: Rows) -> list[Block]:
    """All of a list, of which only what is in sight is made: told by one row that draws each in its turn."""
    if rows.told[0] != rows.rows:
        kind = rows.viewclass  # Kivy gives the name, and the class once it has made one
        one = (Factory.get(kind) if isinstance(kind, str) else kind)(size=(rows.width or 1, rows.row_height))
        rows.told = (rows.rows, [_row(one, row) for row in rows.rows])
    cards: list[Block] = rows.told[1]
    return cards


def _row(one: Any, row: Any) -> Block:
    one.row = row
    return msgspec.structs.replace(_key(one), row=row)


def _loose(widget: Any) -> Iterator[Piece]:
    text = _text(widget, None, "")
    picture = _picture(widget)
    if text is not None:
        yield text
    elif picture is not None and not picture.sign:
        yield picture
    for child in reversed(widget.children):
        yield from pieces(child)


def _read_at_once(panel: Any) -> bool:
    inside = list(panel.walk(restrict=True))
    return not any(isinstance(each, Key) or hasattr(each, "again") for each in inside) and any(
        _text(each, None, "") for each in inside
    )


def _card(panel: Any) -> Iterator[Block]:
    texts = tuple(_texts(panel, None, ""))
    if not texts:
        return
    own = tuple(panel.colour) if panel.colour[3] > 0.99 else theme.WHITE
    yield Block(
        texts=texts,
        picture=_lead(panel),
        ground=own if own != theme.CREAM else theme.WHITE,
        said=getattr(panel, "spoken", "") or "",
        live=bool(getattr(panel, "live", False)),
        veil=getattr(panel, "veil", ""),
        cols=-1 if len(texts) == 1 and texts[0].short else 0,
    )


def _key(key: Any) -> Block:
    texts, picture = tuple(_texts(key, None, "")), _lead(key)
    if not texts and picture is None:
        texts = (Text(text=key.spoken, letters=key.height * 0.3, bold=True),)
    return Block(
        texts=texts,
        picture=picture,
        ground=theme.SAND if key.disabled else (*key.ground[:3], 1.0),
        line=tuple(key.line),
        key=key,
        disabled=key.disabled,
        chosen=getattr(key, "chosen", False),
        said=key.spoken,
        veil=getattr(key, "veil", ""),
        cols=_cols(key, texts, picture),
    )


def _cols(key: Any, texts: tuple[Text, ...], picture: Art | None) -> int:
    """See `Block.cols`."""
    if len(texts) > 1 or (texts and not texts[0].short):
        return 2 if len(texts) == 1 and picture is not None and not picture.sign and len(texts[0].text) <= WORD else 0
    cols = getattr(key.parent, "cols", None)
    return cols if cols in FEW else -1


def _texts(widget: Any, under: Colour | None, veil: str) -> Iterator[Text]:
    """Everything to read below a widget, in its order; `under` is the ground that it stands on there."""
    if widget.opacity <= 0:
        return
    if isinstance(widget, Panel) and widget.colour[3] > 0.99:
        under = tuple(widget.colour)
    veil = getattr(widget, "veil", "") or veil
    text = _text(widget, under, veil)
    if text is not None:
        yield text
    for child in reversed(widget.children):
        yield from _texts(child, under, veil)


def _text(widget: Any, under: Colour | None, veil: str) -> Text | None:
    """What is written by this widget itself."""
    price = hasattr(widget, "read")
    if (not price and not isinstance(widget, Label)) or getattr(widget, "unread", False):
        return None
    text = widget.read() if price else widget.name if isinstance(widget, GoodName) else widget.text
    if not text.strip() or widget.opacity <= 0:
        return None
    return Text(
        text=text,
        letters=float(getattr(widget, "letters", 0) or widget.font_size),
        figures=price or widget.font_name == "Figures",
        bold=not price and bool(widget.bold),
        struck=not price and bool(widget.strikethrough),
        name=isinstance(widget, GoodName) or bool(getattr(widget, "may_end", False)),
        centred=bool(widget.centred) if price else widget.halign == "center",
        colour=tuple(widget.colour if price else widget.color),
        under=under,
        said=getattr(widget, "spoken", "") or "",
        live=bool(getattr(widget, "live", False)),
        heads=bool(getattr(widget, "heads", False)),
        veil=getattr(widget, "veil", "") or veil,
    )


def _lead(widget: Any) -> Art | None:
    """The picture of what a card is about: of goods before signs."""
    found = [each for each in map(_picture, _visible(widget)) if each is not None]
    signs = [each for each in found if each.sign and Path(each.source).stem not in LEADS_ON] or found
    return next((each for each in found if not each.sign), signs[0] if len(signs) == 1 else None)


def _visible(widget: Any) -> Iterator[Any]:
    if widget.opacity > 0:
        yield widget
        for child in reversed(widget.children):
            yield from _visible(child)


def _picture(widget: Any) -> Art | None:
    if not isinstance(widget, Image) or not widget.source or widget.color[3] <= 0 or not in_sight(widget):
        return None
    fetched = isinstance(widget, AsyncImage)
    return Art(str(widget.source), tuple(widget.color), fetched)
