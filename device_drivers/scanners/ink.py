"""Whether the ink of a picture agrees with an EAN or UPC that was read there.

Readers measure from edge to edge, so that ink that runs, or too little light, does not matter. But 1 and 7, and 2 and
8, are the same from edge to edge: they differ in the width of their bars alone, and a picture whose bars are too thick
turns all of them at once, in every row and every view. About one such code in ten has a right check digit again.

Here the darkness of each digit is compared with the number of dark modules that it should have: running ink adds as
much to each digit, for each has two bars, so the digits that cannot be taken for another one tell how dark a module is.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from device_drivers.scanners.reads import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from device_drivers.scanners.reads import Read
    from device_drivers.scanners.views import View

    Line = NDArray[np.float64]

_ODD: Final = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
"""Set A of ISO/IEC 15420: 1 is a dark module."""
_PARITIES: Final = (
    "000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010",
)  # fmt: skip
"""Which of the six digits on the left of an EAN-13 are of set B, by its first digit."""
_FLIP: Final = str.maketrans("01", "10")
_TWIN: Final = {"1": "7", "7": "1", "2": "8", "8": "2"}
_MAX_TWINS: Final = 5
"""Digits that are turned at once in what is compared; who turns more, turns these too."""

SAMPLES: Final = 6
"""A module."""
ROWS: Final = 9
"""That are averaged."""
SURE: Final = 0.6
"""Correlation with the code's own bars from which on the digits' places are known."""
FITS: Final = 0.5
"""What is left over of the digits' differences in darkness, 0 to 1, in a code that is what it says. Measured: right
codes 0.04 to 0.40, wrong ones from 0.68.
"""


_Steps = tuple[tuple[int, float], ...]
_FLAT: Final[tuple[_Steps, ...]] = (
    ((13, 0.12), (13, 0.12), (1, 0), (1, 0)),
    ((7, 0.03), (7, 0.03), (1, 0), (1, 0)),
    ((5, 0.0075), (5, 0.0075), (1, 0), (1, 0)),
)
_BENT: Final[tuple[_Steps, ...]] = (
    ((3, 0.02), (3, 0.02), (5, 0.24), (3, 0.1)),
    ((3, 0.01), (3, 0.01), (3, 0.06), (3, 0.05)),
    ((3, 0.004), (3, 0.004), (3, 0.03), (3, 0.025)),
)
"""How the bars are looked for, coarse to fine: how many values of what, and how far to either side, in lengths: the
begin, the end, how much narrower both ends are than the middle (a bottle), and one end than the other (a tilt).
"""
SURE_BENT: Final = 0.65
"""More, for what bends fits more."""
NEARLY: Final = 0.4
"""Correlation from which on bars that are not found flat may be bent."""


def agrees(view: View, read: Read) -> bool | None:
    """Whether the ink where `read` was read is that of its digits, and not of another code's. None where that cannot be
    told: for other symbologies, or where the bars are not found again.
    """
    text = _digits(read)
    if text is None:
        return None
    bars = modules(text)
    verdict = None
    for strip in _strips(view, read, len(bars)):
        found = _placed(strip, bars)
        if found is not None:
            own, *others = (_rest(found, code) for code in (text, *twins(text)))
            verdict = own <= FITS and all(own < other for other in others)
            if verdict:
                break
    return verdict


def has_twin(read: Read) -> bool:
    """Whether another code, with a right check digit, differs from it in the width of bars alone."""
    text = _digits(read)
    return text is not None and next(twins(text), None) is not None


def twins(text: str) -> Iterator[str]:
    """The codes that look the same from edge to edge, and whose check digit is right as well."""
    first = 1 if len(text) == 13 else 0  # the first digit of an EAN-13 is written in the others' sets
    places = [place for place in range(first, len(text)) if text[place] in _TWIN]
    for count in range(2, min(len(places), _MAX_TWINS) + 1):
        for turned in itertools.combinations(places, count):
            other = "".join(_TWIN[digit] if place in turned else digit for place, digit in enumerate(text))
            if checked(other):
                yield other


def modules(text: str) -> Line:
    """The code's modules from guard to guard, dark is 1: 95 of an EAN-13, 67 of an EAN-8."""
    half = len(text) // 2
    left, right = text[-2 * half : -half], text[-half:]
    sets = _PARITIES[int(text[0])] if len(text) == 13 else "0000"
    written = "101"
    for digit, even in zip(left, sets, strict=True):
        odd = _ODD[int(digit)]
        written += odd if even == "0" else odd.translate(_FLIP)[::-1]
    written += "01010" + "".join(_ODD[int(digit)].translate(_FLIP) for digit in right) + "101"
    return np.array([int(module) for module in written], float)


def _digits(read: Read) -> str | None:
    if read.format in ("ean13", "upca"):
        return read.text.zfill(13)
    return read.text if read.format == "ean8" else None


def _strips(view: View, read: Read, count: int) -> Iterator[Line]:
    """The darkness along the code and a quarter beyond either end, from left to right and the other way round.

    Corners are as exact as the library that named them: a code may be higher than wide, or slanted inside of them.
    """
    points = np.asarray(read.quad, float)
    if len(points) < 2:
        return
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    for along in (axes[0], np.array([-axes[0][1], axes[0][0]])):
        down = np.array([-along[1], along[0]])
        length, height = np.ptp((points - middle) @ np.stack([along, down], axis=1), axis=0)
        if length < count:  # less than a pixel a module
            continue
        for thick in (max(height * 0.6, 2.0), max(height * 0.1, 2.0)):
            darkness = 255.0 - _strip(view, middle, along * length * 1.5, down * thick, count)
            yield darkness
            yield darkness[::-1]


def _strip(view: View, middle: Line, across: Line, down: Line, count: int) -> Line:
    """The grays of a rectangle around `middle`, `across` long and `down` high, averaged over its height."""
    size = (count * SAMPLES * 3 // 2, ROWS)
    corner = middle - across / 2 - down / 2
    affine = np.stack([across / size[0], down / size[1], corner], axis=1)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(view.gray, affine, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    averaged: Line = np.asarray(strip, float).mean(axis=0)
    return averaged


def _placed(strip: Line, bars: Line) -> Line | None:
    """The darkness of the code alone, `SAMPLES` a module: where its bars are found best, flat or else bent. None where
    they are not.
    """
    wanted = np.repeat(bars, SAMPLES) - bars.mean()
    wanted /= np.linalg.norm(wanted)
    at = (np.arange(len(wanted)) + 0.5) / len(wanted)
    bend = at * (1 - at)
    shapes = np.stack([1 - at, at, bend * (2 * at - 1), bend]) * (len(strip) * 2 / 3)
    best, found, place = -1.0, strip[:0], np.array([0.25, 1.25, 0.0, 0.0])
    for sure, search in ((SURE, _FLAT), (SURE_BENT, _BENT)):
        for steps in search:
            tries = itertools.product(*(np.linspace(-reach, reach, count) for count, reach in steps))
            for tried in [place + step for step in tries]:
                line = np.interp(tried @ shapes, np.arange(len(strip)), strip)
                level = line - line.mean()
                likeness = float(level @ wanted) / (float(np.linalg.norm(level)) + 1e-9)
                if likeness > best:
                    best, found, place = likeness, line, tried
        if best >= sure:
            return found
        if best < NEARLY:
            break
    return None


def _rest(line: Line, text: str) -> float:
    """How much of the digits' differences in darkness is not explained by their dark modules and a slope of the light:
    0 is nothing, 1 is all.
    """
    bars = modules(text)
    half = len(text) // 2
    cells = [3 + 7 * place for place in range(half)] + [8 + 7 * half + 7 * place for place in range(half)]
    seen = np.array([line[cell * SAMPLES : (cell + 7) * SAMPLES].mean() for cell in cells])
    dark = np.array([bars[cell : cell + 7].sum() for cell in cells])
    known = np.stack([np.ones(len(cells)), dark, np.arange(len(cells))], axis=1)
    fitted, *_ = np.linalg.lstsq(known, seen, rcond=None)
    rest = np.sqrt(((seen - known @ fitted) ** 2).mean())
    return float(rest / (seen.std() + 1e-9))
