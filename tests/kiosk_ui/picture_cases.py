"""Every picture that a kiosk shows, in each language and both sizes of text: its geometry, its contrast, and how it
looked when somebody last approved of it. Run by `test_pictures.py` in a process of its own.

Where a change of a picture is wanted: `KIOSK_APPROVE=1 make test ARGS="tests/kiosk_ui/test_pictures.py"` writes the new
references; look at old and new side by side, and name both in the commit.
"""

from __future__ import annotations

import itertools
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pytest
from PIL import Image

from device_drivers.contract import BankKeypad
from kiosk_ui import flow
from kiosk_ui.screens.bank.handlers import Memory
from kiosk_ui.screens.bank.progress import Progress
from tests.kiosk_ui import geometry
from tests.kiosk_ui.bodies import make_body, make_coupon, make_product
from tests.kiosk_ui.window_cases import SIZE, frames, kiosk, picture
from tests.kiosk_ui.wire import parse, parse_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["kiosk"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFERENCES: Final = Path(__file__).with_name("references")
SMALL: Final = (270, 480)
"""What a reference is: enough to see a key of another size, a picture in another place, words in another colour."""
TOLERANCE: Final = 20.0
"""Mean difference of the worst block of 15 by 15 pixels, of 255; another graphics driver smooths edges otherwise."""
LEAST_TARGET: Final = 60

NOTICE: Final = {
    "scene": {
        "type": "notice",
        "title": {"zh-CN": "这是付款码", "en": "This is a payment code", "de": "Ein Zahlungscode"},
        "note": {
            "zh-CN": "请在收银台出示。",
            "en": "Please show it at the till.",
            "de": "Zeigen Sie ihn an der Kasse, und sonst niemandem.",
        },
    }
}
WELCOME: Final = {
    "scene": {
        "type": "welcome",
        "title": {"zh-CN": "欢迎光临", "en": "Welcome back", "de": "Willkommen zurück"},
        "note": {
            "zh-CN": "您的券包里有 3 张优惠券。",
            "en": "Coupons in your wallet: 3.",
            "de": "Sie haben 3 Coupons.",
        },
        "coupons": 3,
    }
}
KEYPAD: Final = msgspec.json.encode(
    {
        "schema": 1,
        "store": {"name": {"zh-CN": "鲜汇生活", "en": "Fresh Life", "de": "Frisch & Gut"}},
        "languages": ["zh-CN", "en"],
        "bank": {
            "id": "locker-a",
            "name": {"zh-CN": "入口储物柜", "en": "Lockers at the entrance", "de": "Schließfächer am Eingang"},
            "code": "http://192.168.1.20:8080/t/locker-a.k3m9x2pq",
            "url": "http://192.168.1.20:8080/t/locker-a.k3m9x2pq",
            "gateway": "http://127.0.0.1:9",
        },
    }
)


def _wall(count: int, **changes: Any) -> Callable[[Any], None]:
    """Coupons without a countdown and with codes that stay: a picture that is the same at any hour."""
    now = datetime.now(UTC)
    coupons = [make_coupon(place, now, 3600, ends_at=None) for place in range(count)]
    return lambda kiosk: kiosk.show_backdrop(parse(make_body(coupons, **changes)))


def _scene(arguments: dict[str, Any]) -> Callable[[Any], None]:
    def show(kiosk: Any) -> None:
        _wall(4)(kiosk)
        kiosk.show_scene(parse_scene(arguments))

    return show


def _pad(digits: str = "", said: Progress | None = None) -> Callable[[Any], None]:
    def show(kiosk: Any) -> None:
        keypad = parse(KEYPAD)
        assert isinstance(keypad, BankKeypad)
        kiosk.show_backdrop(keypad)
        entry = Memory(digits, progress=said, progress_at=time.monotonic())
        backdrop = msgspec.structs.replace(kiosk.flow.backdrop, memory=entry)
        kiosk.become(msgspec.structs.replace(kiosk.flow, backdrop=backdrop))

    return show


LONG_NAME: Final = {
    "zh-CN": "有机全脂巴氏杀菌鲜牛奶家庭装特浓三点八蛋白",
    "en": "Organic whole pasteurised milk, family size",
    "de": "Pasteurisierte Bio-Vollmilch in der Familienpackung",
}
SCENES: Final[dict[str, Callable[[Any], None]]] = {
    "wall": _wall(4),
    "wall-pages": _wall(7),
    "wall-empty": _wall(0),
    "product": _scene(make_product()),
    "product-long": _scene(make_product(name=LONG_NAME, price=129_900, was=259_900)),
    "notice": _scene(NOTICE),
    "welcome": _scene(WELCOME),
    "bank-digits": _pad("482"),
    "bank-ready": _pad("482913"),
    "bank-open": _pad(
        said=Progress("ok", "05 号柜已打开，请取出全部物品并关好柜门。", door="05"),
    ),
    "bank-wrong": _pad(
        said=Progress("bad", "Those digits open nothing at this locker.", "Please check them.", done=True)
    ),
}


@pytest.fixture(params=["zh-CN", "en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["", "large"])
def large(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("name", SCENES)
async def test_a_picture_is_in_order(kiosk: Any, name: str, language: str, large: bool) -> None:
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    SCENES[name](kiosk)
    if language == "en":
        kiosk.switch_language()
    elif language != kiosk.flow.language:
        session = msgspec.structs.replace(kiosk.flow.session, language=language, chosen=True)
        kiosk.become(msgspec.structs.replace(kiosk.flow, session=session))
    if large:
        kiosk.switch_letters()
    kiosk._timer.cancel()  # no scene ends and no page turns on a slow machine
    await frames(7)
    full = f"{name}-{language}{'-large' if large else ''}"
    image = picture(kiosk, f"picture-{full}")
    mistakes = [
        *_uneven(kiosk),
        *_small(kiosk),
        *_overlapping(kiosk),
        *_cut(kiosk),
        *geometry.pale(kiosk, image),
        *_changed(image, full),
    ]
    assert mistakes == []


def _keys(kiosk: Any) -> list[Any]:
    from kiosk_ui.widgets.shapes import Key

    return [widget for widget in geometry.visible(kiosk.root) if isinstance(widget, Key) and not widget.disabled]


def _uneven(kiosk: Any) -> Iterator[str]:
    """Keys of one block are of one size."""
    for key in _keys(kiosk):
        same = [other for other in key.parent.children if other.__class__ in {each.__class__ for each in _keys(kiosk)}]
        if type(key.parent).__name__ == "GridLayout":
            sizes = {(round(other.width), round(other.height)) for other in same}
            if len(sizes) > 1:
                yield f"keys of one block have sizes {sorted(sizes)}"
                return


def _small(kiosk: Any) -> Iterator[str]:
    for key in _keys(kiosk):
        if min(key.size) < LEAST_TARGET:
            yield f"{type(key).__name__} is {key.width:.0f} x {key.height:.0f} px"


def _overlapping(kiosk: Any) -> Iterator[str]:
    for one, other in itertools.combinations(_keys(kiosk), 2):
        a, b = geometry.box(one), geometry.box(other)
        if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1:
            yield f"{type(one).__name__} lies on {type(other).__name__}"


def _texts(kiosk: Any) -> Iterator[tuple[Any, tuple[float, float, float, float]]]:
    """Every text with the box of its letters in the window."""
    for widget in geometry.visible(kiosk.root):
        text = getattr(widget, "text", "")
        if not text or not text.strip() or not hasattr(widget, "texture_size"):
            continue
        x, y = widget.to_window(*widget.center)
        wide, high = widget.texture_size
        yield widget, (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _cut(kiosk: Any) -> Iterator[str]:
    for widget, (left, bottom, right, top) in _texts(kiosk):
        if getattr(widget, "is_shortened", False) or geometry.lost_lines(widget):
            yield f"cut: {widget.text!r}"
        elif left < -1 or bottom < -1 or right > SIZE[0] + 1 or top > SIZE[1] + 1:
            yield f"outside of the glass: {widget.text!r}"
        elif bottom < widget.to_window(0, widget.y)[1] - 6 and widget.height > 1:
            yield f"higher than its place: {widget.text!r}"


def _changed(image: Image.Image, name: str) -> Iterator[str]:
    small = image.resize(SMALL, Image.Resampling.BOX)
    path = REFERENCES / f"{name}.jpg"
    if os.environ.get("KIOSK_APPROVE"):
        REFERENCES.mkdir(exist_ok=True)
        small.save(path, quality=92, subsampling=0)
        return
    if not path.exists():
        yield f"no reference {path.name}: approve of the picture"
        return
    with Image.open(path) as reference:
        wanted = np.asarray(reference.convert("RGB"), float)
    apart = np.abs(np.asarray(small, float) - wanted).mean(axis=2)
    blocks = apart.reshape(SMALL[1] // 15, 15, SMALL[0] // 15, 15).mean(axis=(1, 3))
    row, column = np.unravel_index(int(blocks.argmax()), blocks.shape)
    if blocks.max() > TOLERANCE:
        yield f"differs from {path.name} by {blocks.max():.0f} of 255 around x {column * 60 + 30}, y {row * 60 + 30}"
