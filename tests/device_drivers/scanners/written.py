"""Pictures of codes for tests, made by code: gray, 0 is black, with their quiet zone. Never a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import segno
import zxingcpp

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

SAMPLES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("EAN13", "6901234567892", {}),
    ("EAN8", "96385074", {}),
    ("UPCA", "036000291452", {}),
    ("UPCE", "04252614", {}),
    ("Code128", "SK-2026-000417", {}),
    ("Code128", "(01)06901234567892(10)AB(21)7", {"gs1": True}),
    ("ITF14", "15400141288763", {}),
    ("DataBarOmni", "06901234567892", {}),
    ("DataBarLtd", "06901234567892", {}),
    ("DataBarExp", "(01)06901234567892(3103)001234", {"gs1": True}),
    ("DataBarExpStk", "(01)06901234567892(3103)001234", {"gs1": True}),
    ("QRCode", "https://store.example/t/cart-01.aaaaaaaa", {}),
    ("DataMatrix", "(01)06901234567892(10)AB", {"gs1": True}),
)
"""One of each symbology: zxing-cpp's name of it, the text, the writer's options."""


def written(symbology: str, text: str, scale: int = 3, **options: Any) -> Gray:
    """The code as zxing-cpp writes it, `scale` pixels a module, with ten modules of white around."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology), **options)
    return np.pad(np.array(code.to_image(scale=scale), np.uint8), 10 * scale, constant_values=255)


def segno_gray(code: segno.QRCode, scale: int = 4) -> Gray:
    """A code of segno's as a picture."""
    rows = code.matrix_iter(scale=scale, border=4)
    return np.array([[0 if dark else 255 for dark in row] for row in rows], np.uint8)


def structured_append(text: str = "STOREKEEPER", symbols: int = 2) -> list[Gray]:
    """One text over several QR codes. pyzbar raises ValueError at any one of them alone: it has no orientation."""
    return [segno_gray(code) for code in segno.make_sequence(text, symbol_count=symbols, error="m")]


def bgr(gray: Gray) -> NDArray[np.uint8]:
    """As a camera gives it."""
    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)


def damaged(gray: Gray, rng: Generator, most: int = 3) -> Gray:
    """The picture after one to `most` accidents chosen at random; every accident leaves a gray picture."""
    for _ in range(int(rng.integers(1, most + 1))):
        gray = np.ascontiguousarray(ACCIDENTS[int(rng.integers(len(ACCIDENTS)))](gray, rng), np.uint8)
    return gray


def _turned(gray: Gray, rng: Generator) -> Any:
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-180, 180)), float(rng.uniform(0.4, 1.4)))
    return cv2.warpAffine(gray, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _leaning(gray: Gray, rng: Generator) -> Any:
    height, width = gray.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.25, 0.25, (4, 2)).astype(np.float32) * (width, height)
    homography = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return cv2.warpPerspective(gray, homography, (width, height), borderValue=int(rng.integers(256)))


def _soft(gray: Gray, rng: Generator) -> Any:
    return cv2.GaussianBlur(gray, (0, 0), float(rng.uniform(0.3, 4)))


def _noisy(gray: Gray, rng: Generator) -> Any:
    return np.clip(gray + rng.normal(0, rng.uniform(2, 80), gray.shape), 0, 255)


def _dark(gray: Gray, rng: Generator) -> Any:
    return np.clip(gray * rng.uniform(0.02, 1) + rng.uniform(-20, 60), 0, 255)


def _cut(gray: Gray, rng: Generator) -> Any:
    height, width = gray.shape
    top, left = int(rng.integers(height)), int(rng.integers(width))
    return gray[top : top + int(rng.integers(1, height + 1)), left : left + int(rng.integers(1, width + 1))]


def _covered(gray: Gray, rng: Generator) -> Any:
    height, width = gray.shape
    top, left = int(rng.integers(height)), int(rng.integers(width))
    gray = gray.copy()
    gray[top : top + height // 3 + 1, left : left + width // 3 + 1] = int(rng.integers(256))
    return gray


def _striped(gray: Gray, rng: Generator) -> Any:
    """A broken camera: rows of it twice, or bits upside down."""
    rows = np.sort(rng.integers(0, gray.shape[0], gray.shape[0]))
    return gray[rows] ^ np.uint8(rng.integers(256))


def _doubled(gray: Gray, rng: Generator) -> Any:
    return np.hstack([gray, np.roll(gray, int(rng.integers(gray.shape[0])), 0)])[:, : gray.shape[1] + 40]


ACCIDENTS = (_turned, _leaning, _soft, _noisy, _dark, _cut, _covered, _striped, _doubled)


def slanted(gray: Gray, degrees: float, zoom: float, seed: int = 0) -> Gray:
    """A sharp code held at a slant: 960×720, little noise. At some slants zxing-cpp reads a wrong code in it, with a
    right check digit, in every frame.
    """
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    turn[:, 2] += (480 - width / 2, 360 - height / 2)
    turned = cv2.warpAffine(gray, turn, (960, 720), flags=cv2.INTER_AREA, borderValue=235) * 0.9 + 10
    noise = np.random.default_rng(seed).normal(0, 2.5, turned.shape)
    return np.asarray(np.clip(turned + noise, 0, 255), np.uint8)
