"""The keypad of a locker bank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.screens.bank.handlers import Memory
from kiosk_ui.screens.bank.progress import Progress
from tests.kiosk_ui.samples.sample import Sample
from tests.kiosk_ui.wire import parse

KEYPAD: Final = parse(
    msgspec.json.encode(
        {
            "schema": 1,
            "store": {"name": {"zh-CN": "鲜汇生活", "en": "Fresh Life", "de": "Frisch & Gut"}},
            "languages": ["zh-CN", "en", "de"],
            "bank": {
                "id": "locker-a",
                "name": {"zh-CN": "入口储物柜", "en": "Lockers at the entrance", "de": "Schließfächer am Eingang"},
                "code": "http://192.168.1.20:8080/t/locker-a.k3m9x2pq",
                "url": "http://192.168.1.20:8080/t/locker-a.k3m9x2pq",
                "gateway": "http://127.0.0.1:9",
            },
        }
    )
)

LONG: Final = "Schließfachanlage für Taschen und Rucksäcke am Eingang der Lebensmittelabteilung"
LONG_NAMED: Final = msgspec.structs.replace(
    KEYPAD, bank=msgspec.structs.replace(KEYPAD.bank, name=dict.fromkeys(("zh-CN", "en", "de"), LONG))
)


def _entry(digits: str = "", said: Progress | None = None) -> Callable[[float], Memory]:
    return lambda at: Memory(digits, progress=said, progress_at=at)


SAMPLES: Final = (
    Sample(name="bank-digits", message=KEYPAD, memory=_entry("482"), covers=("normal",)),
    Sample(name="bank-long", message=LONG_NAMED, memory=_entry("482"), covers=("long",)),
    Sample(name="bank-offline", message=KEYPAD, memory=_entry("482913"), offline=True, covers=("offline",)),
    Sample(
        name="bank-open",
        message=KEYPAD,
        memory=_entry(said=Progress("ok", "05 号柜已打开，请取出全部物品并关好柜门。", door="05")),
    ),
    Sample(
        name="bank-late",
        message=KEYPAD,
        memory=_entry("482913", Progress("ask", "", door="05", done=True, fee=Fee(400, "¥4.00", "05"))),
    ),
    Sample(
        name="bank-wrong",
        message=KEYPAD,
        memory=_entry(said=Progress("bad", "取件码不对，请核对六位数字。", done=True)),
    ),
)
