"""One demo from its first line on the terminal to its last."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from edge.bootstrap.nouns import nouns_of
from edge.bus.brokers import MAX_RETAINED, BrokerError
from edge.cli.demo import window
from edge.cli.demo.demo_folder import AlreadyRunning, DemoFolder, DemoOptions, make_ready, sign, take
from edge.cli.demo.goods import bring
from edge.cli.demo.ports import PortTaken
from edge.cli.demo.shoppers import Crowd
from edge.cli.demo.supervisor import READY_WITHIN, Supervisor
from edge.errors import JournalError
from edge.journal.journal import Journal
from edge.products.mistakes import BadFile
from edge.secrets import store_key
from edge.settings.settings import Settings


async def run(config: Path, settings: Settings, wishes: DemoOptions, console: Console) -> int:
    """Run a demo until it is told to stop; the exit code. Raises `KeyLost`."""
    try:
        lock = take(settings.gateway.data)
    except AlreadyRunning as error:
        console.print(str(error), style="red", markup=False)
        return 1
    with lock:
        logging.getLogger("edge.bus.brokers").setLevel(logging.ERROR)  # Its warning stands in the welcome.
        try:
            if wishes.new_key:
                await _take_key(settings)
            wishes = _with_window(wishes, console)
            place = make_ready(config, settings, wishes)
            sign(lock, place.url)
            await asyncio.to_thread(bring, config, settings)
            supervisor = Supervisor(place, settings.store.id, wishes, lambda text: _tell(console, text))
        except (PortTaken, BrokerError, BadFile, JournalError) as error:
            console.print(str(error), style="red", markup=False)
            return 1
        return await _open(supervisor, place, settings, wishes, console)


async def _open(
    supervisor: Supervisor, place: DemoFolder, settings: Settings, wishes: DemoOptions, console: Console
) -> int:
    supervisor.listen_to_signals()
    crowd = Crowd(place.ports.http, place.data, settings, wishes.shoppers, wishes.seed)
    try:
        with console.status("Opening the store…"):
            ready = await supervisor.start()
        if ready:
            console.print(_welcome(place, settings, wishes))
            crowd.start()
            await supervisor.run()
        elif not supervisor.stopping:
            said = f"The store page did not answer within {READY_WITHIN:.0f} s. Look into {place.logs}"
            console.print(said, style="red")
    finally:
        began = time.monotonic()
        with console.status("Closing the store…"):
            crowd.stop()
            await supervisor.stop()
    if wishes.shoppers and ready:
        console.print(crowd.summary())
    console.print(f"Closed in {time.monotonic() - began:.1f} s. Everything is kept in {place.data}", style="dim")
    return 0 if ready or supervisor.stopping else 1


async def _take_key(settings: Settings) -> None:
    """What the gateway would do with `--new-key`, before the other parts of the demo ask for the key."""
    journal = Journal(settings.gateway.data / "storekeeper.db", nouns_of(settings).all)
    try:
        await store_key.take(journal, settings.gateway.data, new_key=True)
    finally:
        journal.close()


def _with_window(wishes: DemoOptions, console: Console) -> DemoOptions:
    """Without a kiosk where none can be drawn: a simulated screen stands in its place."""
    if not wishes.kiosk:
        return wishes
    lacking = window.missing()
    if not lacking:
        return wishes
    said = f"No touch screen here: {', '.join(lacking)} missing. A simulated one takes its place."
    console.print(said, style="yellow")
    return msgspec.structs.replace(wishes, kiosk=False)


def _tell(console: Console, text: str) -> None:
    console.print(f"{time.strftime('%H:%M:%S')} {text}", style="yellow", markup=False)


def _welcome(place: DemoFolder, settings: Settings, wishes: DemoOptions) -> Panel:
    kinds = [device.kind for device in settings.devices]
    text = Text()
    text.append(" · ".join(dict.fromkeys(settings.store.name.values())), style="bold")
    text.append(" is open\n\n")
    # The inside of a demo is open to this machine alone, by its loopback name.
    here = f"http://localhost:{place.ports.http}"
    text.append(here, style=f"bold underline green link {here}")
    text.append("\n\n")
    if wishes.phones:
        text.append(f"Phones in this WiFi come by the codes, to {place.url}\n")
    text.append(
        f"{len(settings.zones)} zones · {kinds.count('cart')} carts · {kinds.count('locker')} locker banks · "
        f"{kinds.count('printer')} printers · {kinds.count('screen')} screens"
    )
    if wishes.shoppers:
        text.append(f" · {wishes.shoppers} shoppers")
    text.append("\n")
    if place.broker == "embedded":
        text.append("The embedded broker has no rights per topic: it listens on this machine alone.\n", style="dim")
        if 3 * len(settings.devices) > MAX_RETAINED:
            text.append(
                f"With {len(settings.devices)} devices take --broker mosquitto: this one tells the gateway, when it"
                f" starts, of some {MAX_RETAINED // 3} only.\n",
                style="yellow",
            )
    if not wishes.phones:
        text.append("For real phones in this WiFi: storekeeper demo --phones\n", style="dim")
    text.append("Ctrl-C closes the store; everything is kept.", style="dim")
    return Panel(text, border_style="green", padding=(1, 3), expand=False)
