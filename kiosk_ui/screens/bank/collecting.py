"""Asks for the door of six digits at a bank, which has an interface of its own, by the bank's code."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from device_drivers.contract import BankKeypad, Service
from kiosk_ui import openings
from kiosk_ui.gateway import Gateway, results
from kiosk_ui.gateway_routes import GatewayRoutes
from kiosk_ui.screens.bank import progress
from kiosk_ui.screens.bank.progress import BankOpening, Progress


def collect(
    keypad: BankKeypad, digits: str, agreed: int, language: str, routes: GatewayRoutes
) -> Iterator[Progress | None]:
    """Sends the digits, and the late fee that was agreed to. Yields each new thing that the gateway says, and None each
    time that there is nothing new.
    """
    body = {"code": keypad.bank.code, "digits": digits, "agreed": agreed, "request": str(uuid.uuid4())}
    gateway = _gateway(keypad, language, routes)
    return _progress(partial(openings.ask, gateway, "lockers/collect", body, BankOpening))


def look(keypad: BankKeypad, opening: str, language: str, routes: GatewayRoutes) -> Iterator[Progress | None]:
    """What is known of a door that was opened, in another language, and what is new about it, as of `collect`."""
    gateway = _gateway(keypad, language, routes)
    return _progress(lambda: openings.follow(gateway, gateway.get(f"lockers/openings/{opening}", BankOpening)))


def _gateway(keypad: BankKeypad, language: str, routes: GatewayRoutes) -> Gateway:
    direct = keypad.service.direct if keypad.service else ()
    return Gateway(Service(keypad.bank.gateway, "", direct), language, "", routes, "/api/v1/")


def _progress(job: Callable[[], Iterator[Any]]) -> Iterator[Progress | None]:
    return (None if said is None else progress.of(said) for said in results(job))
