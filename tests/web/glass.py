"""A kiosk without a window, against a running store: its own flow, screens and jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from device_drivers.contract import Service
from kiosk_ui import flow
from kiosk_ui.gateway import results
from kiosk_ui.screen import Moment, Screens
from kiosk_ui.screens.registry import SCREENS
from tests.kiosk_ui.bodies import make_body
from tests.kiosk_ui.wire import parse
from tests.web.running import wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.running import RunningStore


class Glass:
    """A kiosk without a window: the test is its clock and runs its jobs, one step at a time."""

    def __init__(self, store: RunningStore, screen: str = "screen-baby") -> None:
        code = store.gateway.lookup.codes.service(screen)
        wall = parse(make_body([]))
        wall = type(wall)(
            **{**{f: getattr(wall, f) for f in wall.__struct_fields__}, "service": Service(store.base, code)}
        )
        self.at = 1000.0
        self.jobs: dict[int, Iterator[Any]] = {}
        state = flow.begin(Screens(SCREENS), self.at)
        self.state = flow.show_backdrop(state, state.screens.of(wall), wall, self.at)

    @property
    def moment(self) -> Moment:
        return Moment(self.at, datetime.now(UTC))

    def take(self, state: flow.State) -> None:
        """Takes a new state and its jobs."""
        for key, job in state.jobs:
            self.jobs[key] = results(job)
        self.state = flow.changed(state, jobs=())
        self.jobs = {key: job for key, job in self.jobs.items() if key in flow.working(self.state)}

    def step(self) -> None:
        """One result of each job."""
        for key, job in list(self.jobs.items()):
            try:
                found = next(job)
            except StopIteration:
                self.jobs.pop(key, None)
                continue
            if found is not None:
                self.take(flow.take_result(self.state, key, found, self.moment))

    def touch(self, action: str, argument: str = "") -> None:
        self.take(flow.act(self.state, action, argument, self.moment))

    def pass_s(self, seconds: float) -> None:
        self.at += seconds
        self.take(flow.pass_time(self.state, self.moment))

    def open(self, place: Any) -> None:
        self.take(flow.open_place(self.state, place, self.moment))

    def served_by(self, service: Service) -> None:
        """The gateway says that it is elsewhere."""
        wall = msgspec.structs.replace(self.state.backdrop.message, service=service)
        self.state = flow.show_backdrop(self.state, self.state.backdrop.screen, wall, self.at)

    @property
    def memory(self) -> Any:
        return self.state.front.memory

    @property
    def view(self) -> Any:
        return flow.view(self.state, self.state.front, self.moment)

    def until(self, so: Any) -> None:
        def stepped() -> bool:
            self.step()
            return bool(so())

        wait(stepped)
