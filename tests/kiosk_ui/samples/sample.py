"""One state of one screen, to be measured and filmed; a module of this folder lists those of its screen: `SAMPLES`."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_ui import flow
from kiosk_ui.places import StillThere
from kiosk_ui.session import begun
from kiosk_ui.state import OpenScreen, State
from tests.kiosk_ui import samples
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.wire import parse

ANSWER_S = 24.5
"""What is left to answer whether somebody is still there."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A screen with what it shows."""

    name: str
    """`search-empty`: the screen, then what is special about it."""
    message: Any
    """A place (`kiosk_ui.places`), a scene of the gateway, or a body of `desired`."""
    memory: Callable[[float], Any] | None = None
    """What the screen remembers, made at this second of the monotonic clock; None: what it begins with. No job runs."""
    told: Callable[[str], Any] | None = None
    """The same, as the gateway told it in this language."""
    wall: Any = None
    """What stands behind a place or a scene; None: a wall of four offers."""
    offline: bool = False
    """The broker is away."""
    covers: tuple[str, ...] = ()
    """What this one stands for: `normal`, `empty`, `offline`, `long`, `one`, `sixty`."""


def every() -> list[Sample]:
    """All of them, of every module of this folder."""
    found: list[Sample] = []
    for module in pkgutil.iter_modules(samples.__path__):
        if module.name != "sample":
            found += importlib.import_module(f"{samples.__name__}.{module.name}").SAMPLES
    return found


def wall(count: int = 4, **changes: Any) -> Any:
    """Offers without a countdown and with codes that stay: the same picture at any hour."""
    coupons = [make_coupon(place, ends_at=None, code_until="2099-01-01T00:00:00Z") for place in range(count)]
    return parse(make_body(coupons, **({"languages": ["zh-CN", "en", "de"]} | changes)))


def state(kiosk: Any, sample: Sample, language: str = "zh-CN", **session: Any) -> State:
    """The kiosk's state that shows it; `session` is how whoever stands there wants it: `letters="large"`."""
    at = time.monotonic()
    found = flow.begin(kiosk.screens, at)
    behind = sample.wall if sample.wall is not None else wall()
    found = flow.show_backdrop(found, kiosk.screens.of(behind), behind, at)
    screen, message = kiosk.screens.of(sample.message), sample.message
    if isinstance(message, StillThere):
        message = StillThere(at + ANSWER_S)
    memory = sample.told(language) if sample.told else sample.memory(at) if sample.memory else screen.start(at)
    shown = OpenScreen(screen, message, memory, kiosk.flow.keys + 1)  # no key is given twice
    if hasattr(sample.message, "languages"):
        found = msgspec.structs.replace(found, backdrop=shown, keys=shown.key)
    elif isinstance(message, StillThere):
        found = msgspec.structs.replace(found, question=shown, keys=shown.key)
    elif hasattr(sample.message, "seconds"):
        found = msgspec.structs.replace(found, scene=shown, scene_until=at + 3600, keys=shown.key)
    else:
        found = msgspec.structs.replace(found, stack=(shown,), keys=shown.key)
    who = msgspec.structs.replace(begun(found.session, at), language=language, chosen=True, **session)
    lost_at = at - 60 if sample.offline else None
    return msgspec.structs.replace(found, session=who, touched_at=at, lost_at=lost_at)
