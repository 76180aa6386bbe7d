"""Which parts of Storekeeper this box has: each is an extra of the package, and there when its libraries are."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Final

from operations.diagnosis.findings import Finding, Health, found

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "gateway": (
        "PIL", "acme", "argon2", "barcode", "biip", "cryptography", "fastapi", "httptools", "itsdangerous", "jinja2",
        "phonenumbers", "prometheus_client", "pyrage", "python_multipart", "reportlab", "segno", "sqlite_utils",
        "tomlkit", "tuf", "uvicorn", "uvloop",
    ),
    "sync": ("requests", "sqlite_utils", "zstandard"),
    "cloud": ("cryptography", "fastapi", "jinja2", "sqlite_utils", "uvicorn", "zstandard"),
    "kiosk": ("PIL", "kivy", "segno"),
    "films": ("av",),
    "broker": ("iotcore",),
    "devices": ("PIL", "escpos", "segno", "serialx"),
    "camera": ("biip", "cv2", "numpy", "pyzbar", "zxingcpp"),
    "tracing": ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.sdk"),
}  # fmt: skip
"""By part, the modules that it imports. A test holds this against the package's own list."""


def missing(part: str) -> list[str]:
    """Returns the modules of a part that this box lacks."""
    return [name for name in PARTS[part] if not _is_here(name)]


def _is_here(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package that it would be in is not there
        return False


def parts(needed: tuple[str, ...] = ("gateway",)) -> Iterator[Finding]:
    """One finding that lists what is here; one more for each part that is `needed` and not here."""
    lacking = {part: missing(part) for part in PARTS}
    here = [part for part, modules in lacking.items() if not modules]
    absent = [part for part, modules in lacking.items() if modules]
    yield found(Health.WELL, "parts", "parts", here=", ".join(here) or "none", absent=", ".join(absent) or "none")
    for part in needed:
        if lacking[part]:
            yield found(Health.ILL, "parts", "part_missing", part=part, modules=", ".join(lacking[part][:5]))
