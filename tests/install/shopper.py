"""A shopper with a phone in the store's WiFi."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests

from edge.secrets.vault import Vault, operator_token

SHOP: Final = "http://127.0.0.1:8080"
INSIDE: Final = "http://127.0.0.1:8081"


def wait(found: Callable[[], Any], seconds: float = 240) -> Any:
    """What it finds, once it is something."""
    end = time.monotonic() + seconds
    while not (last := found()):
        assert time.monotonic() < end, f"still {last!r} after {seconds} s"
        time.sleep(0.2)
    return last


def away(key: bytes) -> list[str]:
    """Devices that the store does not reach; what is wrong with the store itself, where it is closed. `key` is its."""
    said = {"Authorization": f"Bearer {operator_token(Vault(key))}"}
    try:
        answer = requests.get(f"{INSIDE}/api/v1/box", headers=said, timeout=30)
        answer.raise_for_status()
    except requests.RequestException as error:
        return [str(error)]
    return [each["id"] for each in answer.json()["devices"] if not (each["online"] and each["heard"])]


class Shopper:
    """`codes`: address of the code on each sticker."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes = {place: address.rpartition("/")[2] for place, address in codes.items()}
        self._phone = requests.Session()
        self._phone.headers["Accept-Language"] = "en"

    def register(self, place: str) -> None:
        """Once, at any code."""
        self._phone.get(f"{SHOP}/t/{self._codes[place]}", timeout=60).raise_for_status()
        phone = f"+49151{uuid.uuid4().int % 10**8:08d}"
        self.ask("POST", "members", code=self._codes[place], phone=phone, consents={"service": True})

    def unlock(self, cart: str) -> str:
        """How far it came."""
        return str(self.ask("POST", "carts/unlock", code=self._codes[cart])["stage"])

    def deposit(self, bank: str) -> dict[str, Any]:
        """Asks for a door, and for a slip."""
        return self.ask("POST", "lockers/deposit", code=self._codes[bank], size="M", slip=True)

    def opening(self, opening: str) -> dict[str, Any]:
        """How it goes on."""
        return self.ask("GET", f"lockers/openings/{opening}")

    def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Of the API."""
        body = {**body, "request": str(uuid.uuid4())} if body else {}
        answer = self._phone.request(method, f"{SHOP}/api/v1/{path}", json=body or None, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found
