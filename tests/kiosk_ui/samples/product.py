"""A product that somebody held to the scanner."""

from __future__ import annotations

from typing import Final

from tests.kiosk_ui.bodies import make_product
from tests.kiosk_ui.samples.sample import Sample
from tests.kiosk_ui.wire import parse_scene

LONG_NAME: Final = {
    "zh-CN": "有机全脂巴氏杀菌鲜牛奶家庭装特浓三点八蛋白",
    "en": "Organic whole pasteurised milk, family size",
    "de": "Pasteurisierte Bio-Vollmilch in der Familienpackung",
}
SAMPLES: Final = (
    Sample(name="product", message=parse_scene(make_product()), covers=("normal",)),
    Sample(name="product-offline", message=parse_scene(make_product()), offline=True, covers=("offline",)),
    Sample(
        name="product-long",
        message=parse_scene(make_product(name=LONG_NAME, price=129_900, was=259_900)),
        covers=("long",),
    ),
)
