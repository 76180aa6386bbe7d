"""A sentence on the whole screen, and a member who is greeted."""

from __future__ import annotations

from typing import Final

from tests.kiosk_ui.samples.sample import Sample
from tests.kiosk_ui.wire import parse_scene

NOTICE: Final = {
    "scene": {
        "type": "notice",
        "title": {"zh-CN": "这是付款码", "en": "This is a payment code", "de": "Ein Zahlungscode"},
        "note": {
            "zh-CN": "请在收银台出示。",
            "en": "Please show it at the till.",
            "de": "Zeigen Sie ihn an der Kasse, und sonst niemandem.",
        },
        "sign": "till",
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
SAMPLES: Final = (
    Sample(name="notice", message=parse_scene(NOTICE), covers=("normal",)),
    Sample(name="notice-offline", message=parse_scene(NOTICE), offline=True, covers=("offline",)),
    Sample(name="welcome", message=parse_scene(WELCOME), covers=("normal",)),
    Sample(name="welcome-offline", message=parse_scene(WELCOME), offline=True, covers=("offline",)),
)
