"""What the setup page may ask of the box that its gateway runs on."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from operations.floor import changes, errand
from operations.floor.changes import FloorChange
from operations.floor.errand import Errand, ErrandStatus

Check = Callable[[Path], list[str]]
"""Every mistake in the settings of a folder, those of the drivers among them."""
Print = Callable[[Sequence[str]], bytes]
"""A PDF of the codes with these ids; of all where there is none."""
UNIT: Final = Path("/run/systemd/system")


class Workshop:
    """Of one box. What takes its time blocks: call it in a thread."""

    def __init__(self, config: Path, data: Path, check: Check, print_codes: Print) -> None:
        self._config = config
        self._data = data
        self._check = check
        self.print_codes = print_codes

    def plan(self) -> dict[str, Sequence[dict[str, Any]]]:
        """Returns what stands in the settings. Raises `OSError` and `ValueError`."""
        return changes.plan(self._config)

    def check(self, wanted: Iterable[FloorChange]) -> list[str]:
        """Returns every mistake that the settings would have. Raises `CannotEdit`, `OSError`."""
        with errand.drafted(self._config, wanted) as draft:
            return self._check(draft)

    def apply(self, wanted: Sequence[FloorChange]) -> str:
        """Ask for these changes. Returns the number by which `said` answers."""
        return self._leave(Errand(uuid.uuid4().hex, "apply", changes=list(wanted)))

    def find(self, urls: Sequence[str]) -> str:
        """Ask for hardware that nobody uses yet. Returns the number by which `said` answers."""
        return self._leave(Errand(uuid.uuid4().hex, "find", urls=list(urls)))

    def said(self) -> ErrandStatus | None:
        """Returns the newest answer."""
        return errand.said(self._data)

    def _leave(self, wanted: Errand) -> str:
        errand.leave(self._data, wanted)
        if self._may_act():
            words = [*errand.own_command(), "floor", "do", "--config", str(self._config), "--data", str(self._data)]
            # A session of its own: it goes on while the gateway that asked is started anew.
            subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
        return wanted.number

    def _may_act(self) -> bool:
        """Whether this process may change the settings. Where not, a unit waits for the word (`storekeeper-floor`)."""
        return os.access(self._config, os.W_OK)
