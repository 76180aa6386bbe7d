"""Every journey at a screen as a strip of pictures: `python -m tests.kiosk_ui.film` writes `docs/kiosk.md` and them.

Each is a screen in a real window, filled from `samples`; what the gateway would say is in the sample.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from kiosk_ui import app as kiosk_app
from kiosk_ui.fitting import Fitting
from tests.kiosk_ui.samples.sample import Sample, every, state
from tests.kiosk_ui.window_cases import frames, sized, until

ROOT: Final = Path(__file__).parents[2]
PICTURES: Final = ROOT / "docs" / "img" / "kiosk"
PAGE: Final = ROOT / "docs" / "kiosk.md"
SIZE: Final = (1080, 1920)
PART: Final = 0.25
"""Of a screen's size, a picture's."""
WIDTH: Final = 200
WIDTH_WIDE: Final = 280
"""Of a picture on the page."""
HEAD: Final = """# The touch screen, journey by journey

`python -m tests.kiosk_ui.film` draws these screens in a real window and writes this page; they are those that the tests
measure (`tests/kiosk_ui/samples`). `make demo` opens a store whose kiosk stands on the store page, to be touched with
the mouse. How it is for everybody: [accessibility](accessibility.md).
"""


class Step(NamedTuple):
    """One picture."""

    sample: str
    says: str
    how: Mapping[str, bool] = {}
    """How whoever stands there wants the screen."""
    language: str = "zh-CN"
    wide: bool = False
    """On a panel that lies."""

    @property
    def size(self) -> tuple[int, int]:
        """The panel's, in pixels."""
        return SIZE[::-1] if self.wide else SIZE


JOURNEYS: Final[dict[str, tuple[Step, ...]]] = {
    "Coming closer": (
        Step("attract-offer", "What plays while nobody is there, by the clock."),
        Step("attract-day", "The day, and when the store is open."),
        Step("wall", "The offers of the zone, each with its code."),
        Step("home", "A touch: everything that can be done here."),
        Step("offers", "All offers."),
    ),
    "A product": (
        Step("scan", "What to hold where."),
        Step("product-page", "Price, promotion, shelf, what goes with it."),
        Step("product-page", "The same in German.", language="de"),
        Step("product-page-long", "A long name; the price stays whole.", language="en"),
    ),
    "Finding something": (
        Step("search", "Without a keyboard: only letters that lead somewhere are lit."),
        Step("search-empty", "Nothing is called so."),
        Step("map-goods", "Where to."),
        Step("map", "The way there."),
    ),
    "Basket": (
        Step("basket", "What is in it, what was taken off and why."),
        Step("basket-till", "Another way to pay."),
        Step("basket-empty", "Nothing in it yet."),
    ),
    "Coupons and my things": (
        Step("coupon", "One offer as a ticket, with its rules."),
        Step("mine-closed", "Only whoever shows the code on their phone …"),
        Step("mine", "… sees their things, without a name."),
    ),
    "Lockers": (
        Step("lockers-sizes", "What fits, and what it costs, before."),
        Step("lockers-stored", "Stored, and how it is got back."),
        Step("bank-digits", "Six digits open a door."),
        Step("bank-open", "The number of the door, and what to do."),
        Step("bank-wrong", "Why none opened."),
    ),
    "Games": (
        Step("games-wheel-joined", "Every prize with its odds."),
        Step("games-won", "Won."),
    ),
    "Help, and the end": (
        Step("help", "Staff are called …"),
        Step("help-taken", "… and somebody comes."),
        Step("still-there", "Whoever stands still is asked."),
        Step("notice", "A code that has nothing to do here says what it is."),
    ),
    "For everybody": (
        Step("home", "Everything to touch is low.", {"reach": True}),
        Step("home", "Strong colours.", {"contrast": True}, "en"),
        Step("home", "Larger letters.", {"letters": "large"}, "de"),
        Step("product-page", "Low, and read aloud: what is said stands above.", {"reach": True, "speech": True}),
        Step("home", "Both, for the left hand.", {"reach": True, "contrast": True, "left": True}, "de"),
    ),
    "Without the gateway": (
        Step("home-offline", "What still works, and what waits."),
        Step("wall-offline", "Codes that still hold."),
        Step("bank-offline", "A code stays good."),
    ),
    "On a panel that lies": (
        Step("wall", "The offers of the zone.", wide=True),
        Step("product-page", "A product.", wide=True),
        Step("lockers-sizes", "What fits, and what it costs.", wide=True),
        Step("lockers-open", "A door that is open.", wide=True),
        Step("games-wheel-joined", "A game: the wheel, its odds, and who is in.", wide=True),
        Step("games-won", "Won.", language="en", wide=True),
    ),
}


class Silent:
    """A voice that is there and says nothing."""

    able, speaking = True, True

    def say(self, text: str, language: str, volume: int = 100) -> None:
        """See `kiosk_ui.speech.Voice`."""

    def stop(self) -> None:
        """See `kiosk_ui.speech.Voice`."""


async def opened(folder: Path) -> tuple[Any, Any]:
    """The window, and what runs it."""
    fitting = Fitting(width_mm=398)
    options = kiosk_app.Options(device="screen-film", port=0, folder=folder, offscreen=True, size=SIZE, fitting=fitting)
    kiosk_app.check_machine(offscreen=True)
    kiosk_app.prepare(options, offscreen=True)
    from kiosk_ui.window import Kiosk

    kiosk = Kiosk(options, offscreen=True, voice=Silent())
    running = asyncio.ensure_future(kiosk.async_run(async_lib="asyncio"))
    await until(lambda: kiosk.root is not None)
    kiosk._timer.cancel()
    return kiosk, running


async def take(kiosk: Any, sample: Sample, step: Step, path: Path) -> None:
    """One picture."""
    await sized(kiosk, step.size)
    kiosk.become(state(kiosk, sample, step.language, **step.how))
    await frames(8)
    frame = kiosk.frame()
    image = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
    small = (round(image.width * PART), round(image.height * PART))
    image.resize(small, Image.Resampling.LANCZOS).save(path, quality=82)


async def film() -> list[str]:
    """Every strip; returns the page's lines."""
    known = {sample.name: sample for sample in every()}
    lines = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        kiosk, running = await opened(Path(folder))
        for number, (title, steps) in enumerate(JOURNEYS.items(), 1):
            there = [step for step in steps if step.sample in known]
            cells = []
            for place, step in enumerate(there, 1):
                name = f"{number:02d}-{place}-{step.sample}.jpg"
                await take(kiosk, known[step.sample], step, PICTURES / name)
                cells.append(
                    f'<img src="img/kiosk/{name}" width="{WIDTH_WIDE if step.wide else WIDTH}" alt="{step.says}">'
                )
            if there:
                lines += strip(title, cells, [step.says for step in there])
        kiosk.stop()
        await running
    return lines


def strip(title: str, cells: list[str], said: list[str]) -> list[str]:
    """One journey as a table."""
    row = "| {} |".format
    numbers = [str(place) for place in range(1, len(cells) + 1)]
    table = [row(" | ".join(each)) for each in (numbers, ["---"] * len(cells), cells, said)]
    return [f"## {title}", "", *table, ""]


def main() -> None:
    """Draws the pictures and writes the page."""
    os.environ |= {"SDL_VIDEODRIVER": "offscreen", "KIVY_NO_ARGS": "1"}
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    lines = asyncio.run(film())
    PAGE.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
