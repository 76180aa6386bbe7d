"""Films for the camera scanner, made by code: codes that are shown, and shops without one. 640 × 480, BGR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SIZE = (640, 480)
SHELF = 1500
"""Pictures of one scene; then another one comes."""


def shown(
    gray: Any, at: tuple[float, float] = (0.5, 0.5), wide: float = 0.5, turn: float = 0.0, seed: int = 1
) -> Picture:
    """A code in front of a shelf: its centre and its width as parts of the picture, its turn in degrees."""
    picture = scenery(np.random.default_rng(seed), striped=False)
    zoom = wide * SIZE[0] / gray.shape[1]
    middle = (gray.shape[1] / 2, gray.shape[0] / 2)
    affine = cv2.getRotationMatrix2D(middle, turn, zoom)
    affine[:, 2] += np.array(at) * SIZE - np.array(middle)
    paper = cv2.warpAffine(np.full_like(gray, 255), affine, SIZE)
    small = cv2.GaussianBlur(gray, (0, 0), max(0.3, 0.35 / zoom)) if zoom < 1 else gray
    code = cv2.warpAffine(small, affine, SIZE)
    share = (paper / 255.0)[..., None]
    return np.asarray(picture * (1 - share) + code[..., None] * share, np.uint8)


def scenery(rng: np.random.Generator, size: tuple[int, int] = SIZE, *, striped: bool = True) -> Picture:
    """A shelf: packages, prices, writing, and what looks like bars: fences, grilles, shadows of shelves."""
    wide, high = size
    picture = np.empty((high, wide, 3), np.uint8)
    picture[:] = (np.linspace(0.3, 1, high)[:, None, None] * rng.uniform(60, 220, 3)).astype(np.uint8)
    crowd = wide * high // (SIZE[0] * SIZE[1])
    for _ in range(int(rng.integers(6, 16)) * crowd):
        x, y = int(rng.integers(0, wide)), int(rng.integers(0, high))
        corner = (x + int(rng.integers(20, wide // 2)), y + int(rng.integers(10, high // 2)))
        cv2.rectangle(picture, (x, y), corner, rng.uniform(0, 255, 3).tolist(), -1)
    for _ in range(int(rng.integers(4, 12)) * crowd):
        word = "".join(chr(int(letter)) for letter in rng.integers(33, 91, int(rng.integers(3, 14))))
        place = (int(rng.integers(0, wide)), int(rng.integers(0, high)))
        colour, strong = rng.uniform(0, 255, 3).tolist(), int(rng.integers(1, 4))
        cv2.putText(picture, word, place, int(rng.integers(0, 8)), float(rng.uniform(0.4, 2.2)), colour, strong)
    if striped:
        for _ in range(int(rng.integers(3, 8)) * crowd):
            _bars(picture, rng)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.6, 1.6))), np.uint8)


def _bars(picture: Picture, rng: np.random.Generator) -> None:
    """Stripes of random widths, as no code has them, at any angle."""
    high, wide = int(rng.integers(20, 160)), int(rng.integers(80, 360))
    dark, light = int(rng.integers(0, 90)), int(rng.integers(140, 256))
    module = float(rng.uniform(1.5, 4))
    row: list[int] = []
    while len(row) < wide:
        row += [dark] * max(1, round(module * int(rng.integers(1, 5))))
        row += [light] * max(1, round(module * int(rng.integers(1, 5))))
    patch = np.repeat(np.array(row, np.uint8)[None, :, None], high, 0).repeat(3, 2)
    turn = cv2.getRotationMatrix2D((0, 0), float(rng.uniform(-180, 180)), 1.0)
    turn[:, 2] += rng.uniform((0, 0), (picture.shape[1], picture.shape[0]))
    size = (picture.shape[1], picture.shape[0])
    there = cv2.warpAffine(np.full(patch.shape[:2], 255, np.uint8), turn, size) > 128
    picture[there] = cv2.warpAffine(patch, turn, size)[there]


def code_free(frames: int, seed: int) -> Iterator[Picture]:
    """So many pictures of shelves that pass, people who pass, light that changes, noise; nowhere a code."""
    rng = np.random.default_rng(seed)
    wide, high = SIZE
    world = scenery(rng, (wide * 2, high * 2))
    for number in range(frames):
        if number % SHELF == SHELF - 1:
            world = scenery(rng, (wide * 2, high * 2))
        turn, zoom = 25 * np.sin(number / 97), 1 + 0.35 * np.sin(number / 61)
        middle = (wide + wide * 0.45 * np.sin(number / 53), high + high * 0.45 * np.cos(number / 71))
        affine = cv2.getRotationMatrix2D(middle, float(turn), float(zoom))
        affine[:, 2] += (wide / 2 - middle[0], high / 2 - middle[1])
        picture = cv2.warpAffine(world, affine, SIZE, borderMode=cv2.BORDER_REFLECT)
        if number % 400 < 90:  # somebody walks by
            x = int((number % 400) / 90 * wide)
            cv2.ellipse(picture, (x, high), (90, 380), 0, 0, 360, (40, 60, 90), -1)
        light = 0.25 + 0.75 * abs(np.sin(number / 311))
        picture = cv2.convertScaleAbs(picture, alpha=float(light))
        noise = rng.integers(0, 24, (high // 2, wide // 2), np.uint8)
        yield np.asarray(cv2.add(picture, cv2.cvtColor(cv2.resize(noise, SIZE), cv2.COLOR_GRAY2BGR)), np.uint8)
