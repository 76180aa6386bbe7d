"""Kivy's reader of pictures, which turns photos by itself as browsers do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kivy.core.image import ImageData, ImageLoader
from PIL import Image

from signage.upright import turned

if TYPE_CHECKING:
    from kivy.core.image import ImageLoaderBase


def turn_photos() -> None:
    """From now on pictures are read upright. Once is enough, and again does no harm."""
    readers = ImageLoader.loaders
    at = next(place for place, each in enumerate(readers) if "jpg" in each.extensions())
    if not hasattr(readers[at], "turns"):
        readers[at] = _turning(readers[at])


def _turning(reader: type[ImageLoaderBase]) -> type[ImageLoaderBase]:
    class Upright(reader):
        """Reads what has to be turned by itself, and everything else as ever."""

        turns = True

        def load(self, filename: Any) -> list[ImageData]:
            """The pixels of a file, by its path or open."""
            found = None
            # What is none is refused by the other reader, as ever; a broken PNG is a `SyntaxError`.
            with (
                suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError),
                Image.open(filename) as picture,
            ):
                found = turned(picture)
            if self._inline:
                filename.seek(0)
            if found is None:
                return list(super().load(filename))
            if not self._inline:
                self.filename = filename
            return [ImageData(*found.size, "rgba", found.convert("RGBA").tobytes(), source=filename)]

    return Upright
