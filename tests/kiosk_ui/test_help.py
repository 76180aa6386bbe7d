"""Calling staff to a screen, without a window: why nobody is called now is what the gateway says."""

from __future__ import annotations

import msgspec

from device_drivers.contract import Service
from kiosk_ui import flow, places
from kiosk_ui.state import changed
from tests.kiosk_ui.bodies import make_body
from tests.kiosk_ui.test_basket import gateway, moment, see, worked
from tests.kiosk_ui.wire import begin, take


def test_why_nobody_is_called_is_what_the_gateway_says() -> None:
    state = take(begin(), make_body([]))
    with gateway() as (counter, address):
        wall = msgspec.structs.replace(state.backdrop.message, service=Service(address, "code"))
        state = flow.open_place(
            changed(state, backdrop=msgspec.structs.replace(state.backdrop, message=wall)), places.Help(), moment(0)
        )
        counter.status, counter.answer = 429, {"code": "too_many_calls", "detail": "呼叫过于频繁", "seconds": 480}
        state = worked(flow.act(changed(state, jobs=()), "call", "", moment(1)))
        assert (see(state).said, see(state).tone, see(state).call) == ("呼叫过于频繁", "bad", "")
        assert see(flow.switch_language(state, 2)).said.startswith("Our staff have been called many times.")
