"""A store whose setup page works on settings of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from edge.cli import floor
from tests.conftest import new_broker
from tests.web.running import CONFIG, RunningStore

if TYPE_CHECKING:
    from pathlib import Path

    from operations.floor.workshop import Workshop


class NewStore(RunningStore):
    """No operator yet, unless somebody is made one in `folder`."""

    def __init__(self, folder: Path, devices: tuple[str, ...] = (), *, demo: bool = False) -> None:
        self.config = folder / "config"
        shutil.copytree(CONFIG, self.config)
        broker = new_broker("mosquitto", folder / "broker")
        broker.start()
        super().__init__(broker, folder, devices, demo=demo)

    def workshop(self) -> Workshop:
        """That of the command line."""
        return floor.workshop(self.config, self.settings)

    def stop(self) -> None:
        """With its broker."""
        super().stop()
        self._broker.stop()
