"""A kiosk without a window, at a real gateway: what somebody touches, with the jobs that follow done at once."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import msgspec

from kiosk_ui import flow
from kiosk_ui.gateway import results
from kiosk_ui.screen import Moment
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.wire import begin, take


class Walk:
    """Somebody at one screen. Jobs are done in the order in which they were begun."""

    def __init__(self, gateway: str, code: str, language: str = "zh-CN") -> None:
        body = json.loads(make_body([make_coupon(0)], languages=[language]))
        body["service"] = {"gateway": gateway, "code": code}
        self.state = take(begin(), json.dumps(body).encode())

    def _moment(self) -> Moment:
        return Moment(time.monotonic(), datetime.now(UTC))

    def _become(self, state: flow.State) -> Any:
        self.state = state
        while self.state.jobs:
            (key, job), *rest = self.state.jobs
            self.state = msgspec.structs.replace(self.state, jobs=tuple(rest))
            for result in results(job):
                if result is not None:
                    self.state = flow.take_result(self.state, key, result, self._moment())
        return self.seen

    @property
    def seen(self) -> Any:
        """The view of what stands in front."""
        return flow.view(self.state, self.state.front, self._moment())

    def open(self, place: Any) -> Any:
        """A key that leads to a place; what is seen then."""
        return self._become(flow.open_place(self.state, place, self._moment()))

    def touch(self, action: str, argument: str = "") -> Any:
        """A key of what stands in front; what is seen then."""
        return self._become(flow.act(self.state, action, argument, self._moment()))

    def back(self) -> Any:
        """The way back; what is seen then."""
        return self._become(flow.back(self.state, self._moment()))

    def second(self) -> Any:
        """A second goes by; what is seen then."""
        return self._become(flow.pass_time(self.state, self._moment()))
