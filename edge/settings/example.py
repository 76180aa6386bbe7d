"""The example store that comes with Storekeeper: settings, and what a broker's configuration is made from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

INSTALLED: Final = Path("/etc/storekeeper")
"""Where the settings of a box lie that was set up."""
USUAL: Final = Path("config")


def example() -> Path:
    """Its folder: beside the source, or where a wheel puts it."""
    source = Path(__file__).resolve().parents[2] / "config"
    return source if source.is_dir() else Path(sys.prefix) / "share" / "storekeeper" / "config"


def settings_here(asked: Path) -> Path:
    """The folder of settings that was asked for; where that is `config` and there is none, this box's own."""
    return INSTALLED if _nowhere(asked) and (INSTALLED / "gateway.toml").exists() else asked


def settings_of_demo(asked: Path) -> Path:
    """The folder of settings that was asked for; where that is `config` and there is none, the example's."""
    return example() if _nowhere(asked) else asked


def _nowhere(asked: Path) -> bool:
    return asked == USUAL and not asked.exists()
