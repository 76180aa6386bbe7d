"""A film to show: blue, with a red field that has grown across its upper quarter when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path

FPS = 10


def film(path: Path, seconds: int = 4, size: tuple[int, int] = (160, 240)) -> Path:
    """Writes one in H.264, with a whole picture each second."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"g": str(FPS)})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(seconds * FPS):
            picture = Image.new("RGB", size, (20, 40, 200))
            grown = size[0] * (number + 1) // (seconds * FPS)
            ImageDraw.Draw(picture).rectangle((0, 0, grown, size[1] // 4), fill=(220, 40, 20))
            out.mux(stream.encode(av.VideoFrame.from_image(picture)))
        out.mux(stream.encode())
    return path


def grown(picture: Image.Image) -> float:
    """How far the red field has come: which part of the film this is."""
    row = [picture.getpixel((x, picture.height // 8)) for x in range(picture.width)]
    return sum(pixel[0] > 120 for pixel in row if isinstance(pixel, tuple)) / picture.width
