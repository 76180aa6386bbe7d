"""The library that speaks WeChat Pay, with what it leaves open closed. Only stores with WeChat Pay have it."""

# ruff: noqa: PLC0415, SLF001 - it is imported when it is used, and has no other place for its address

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from edge.settings.payments import WechatSettings

FRESH_S: Final = 300
"""Older answers and news are not genuine: whoever recorded them may send them again."""
PROBE: Final = "WECHATPAY/SIGNTEST/"
"""So begin signatures by which WeChat Pay tests whether anybody looks at them."""


def is_installed() -> bool:
    """Whether this box has it."""
    return importlib.util.find_spec("wechatpayv3") is not None


def kind(name: str) -> Any:
    """A way to pay, as the library calls it."""
    from wechatpayv3 import WeChatPayType

    return WeChatPayType[name]


def made(settings: WechatSettings, folder: Path, clock: Callable[[], float], timeout_s: tuple[float, float]) -> Any:
    """The library, with what it leaves open closed. Raises `Exception` where there is no certificate to be had."""
    from wechatpayv3 import WeChatPay, WeChatPayType, core

    core.requests = _exchanges(sum(timeout_s))

    class Checked(core.Core):  # type: ignore[misc]
        """Looks how old an answer is, and at the address that the settings say."""

        @property
        def _gate_way(self) -> str:
            """Where WeChat Pay is reached."""
            return settings.url

        @_gate_way.setter
        def _gate_way(self, _: str) -> None:
            """The library's own address is not asked."""

        def _verify_signature(self, headers: Mapping[str, str], body: str) -> bool:
            found = {name.lower(): value for name, value in headers.items()}
            stamp, signature = found.get("wechatpay-timestamp", ""), found.get("wechatpay-signature", "")
            if not stamp.isdecimal() or abs(clock() - int(stamp)) >= FRESH_S or signature.startswith(PROBE):
                return False
            return bool(super()._verify_signature(found, body))

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = (
        {"public_key": settings.public_key.read_text("utf-8"), "public_key_id": settings.public_key_id}
        if (settings.public_key)
        else {}
    )
    library = WeChatPay.__new__(WeChatPay)
    library._type, library._mchid, library._appid = WeChatPayType.NATIVE, settings.mchid, settings.appid
    library._notify_url, library._partner_mode = settings.notify_url, False
    library._core = Checked(
        mchid=settings.mchid,
        cert_serial_no=settings.serial,
        private_key=settings.key.read_text("utf-8"),
        apiv3_key=settings.api_key.read_text("utf-8").strip(),
        cert_dir=str(folder),
        timeout=timeout_s,
        **keys,
    )
    return library


def _exchanges(whole_s: float) -> SimpleNamespace:
    """`requests` as the library calls it, but for what has no end."""
    from edge.http_client.requests_session import session

    def ask(method: str, **more: Any) -> Any:
        with session(whole_s) as line:
            return line.request(method, **more)

    return SimpleNamespace(**{verb: partial(ask, verb.upper()) for verb in ("get", "post", "patch", "put", "delete")})
