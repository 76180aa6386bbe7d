"""Whatever is on the other side of an exchange drips, has no end, or does not listen: the exchange ends."""

from __future__ import annotations

import socket
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge.errors import Refusal
from edge.gateway import identities, phone_verification
from edge.gateway.identities import WeChat
from edge.gateway.payments.wechat import WechatPort
from edge.gateway.phone_verification import HttpSms
from edge.http_client import requests_session
from edge.http_client.exchanges import SLOWEST, opener
from edge.settings.aliases import AliasSettings
from edge.settings.payments import WechatSettings
from edge.settings.sms import SmsSettings
from operations.certificates import acme_order
from operations.certificates.acme_order import AcmeOrder, NotIssued
from operations.updates import source
from sync import client
from sync.client import CloudUnreachable, HttpCloud
from sync.messages import Hello, LeaseWish

WHOLE_S = 0.4
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
DRIP_S = 0.02
BODY = b'{"ok":true,"pad":"' + b"x" * 300 + b'"}'
ANSWER = HEAD % len(BODY) + BODY
"""Byte by byte it takes far longer than `WHOLE_S`; a read of it never takes as long."""


@contextmanager
def other_side(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that reads nothing but the first piece, and answers as it likes."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                peer, _ = server.accept()
                with peer, suppress(OSError):
                    peer.recv(4096)
                    answer(peer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        serving.join(60)


def dripping(whole: bytes, before: bytes = b"") -> Callable[[socket.socket], None]:
    def answer(peer: socket.socket) -> None:
        peer.sendall(before)
        for place in range(len(whole)):
            peer.sendall(whole[place : place + 1])
            time.sleep(DRIP_S)

    return answer


DRIPS = {
    "the body": dripping(BODY, HEAD % len(BODY)),
    "the head": dripping(ANSWER),
    "headers": dripping(b"A: b\r\n" * 80 + b"\r\n", b"HTTP/1.1 200 OK\r\n"),
    "chunks": dripping(b"1\r\n{\r\n" * 80 + b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "without a length": dripping(BODY, b"HTTP/1.0 200 OK\r\n\r\n"),
    "what is between": dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + ANSWER),
}


def by_opener(url: str) -> None:
    with opener().open(url, timeout=WHOLE_S) as answer:
        answer.read(len(BODY))


def by_session(url: str) -> None:
    assert requests_session.session(WHOLE_S).get(url, timeout=60).content


@pytest.mark.parametrize("ask", [by_opener, by_session])
@pytest.mark.parametrize("how", DRIPS)
def test_what_drips_comes_to_an_end(how: str, ask: Callable[[str], None]) -> None:
    """Each byte came in time, and the whole of it never."""
    with other_side(DRIPS[how]) as url, pytest.raises((OSError, requests.RequestException)):
        ask(url)


@pytest.mark.parametrize("ask", [by_opener, by_session])
def test_what_comes_at_once_is_taken(ask: Callable[[str], None]) -> None:
    with other_side(lambda peer: peer.sendall(ANSWER)) as url:
        ask(url)


def test_what_is_large_may_take_longer() -> None:
    """Slow, but never slower than anybody's line."""
    pieces, pause_s = 8, WHOLE_S / 4

    def answer(peer: socket.socket) -> None:
        peer.sendall(HEAD % (pieces * SLOWEST))
        for _ in range(pieces):
            peer.sendall(b"x" * SLOWEST)
            time.sleep(pause_s)

    with other_side(answer) as url, opener().open(url, timeout=WHOLE_S) as found:
        assert len(found.read()) == pieces * SLOWEST


def test_whoever_does_not_listen_is_left() -> None:
    def answer(peer: socket.socket) -> None:
        while peer.recv(1) and not left.is_set():
            time.sleep(DRIP_S)

    left = threading.Event()
    with other_side(answer) as url:
        with pytest.raises(requests.RequestException):
            requests_session.session(WHOLE_S).post(url, data=b"x" * 64 * 1024 * 1024, timeout=60)
        left.set()


def test_an_answer_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests_session, "MOST", 1024 * 1024)

    def answer(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(4096):
            peer.sendall(b"x" * SLOWEST)

    with other_side(answer) as url, pytest.raises(requests.RequestException):
        by_session(url)


def test_the_time_is_for_each_exchange_and_not_for_the_line() -> None:
    """A line that is kept is used for hours."""

    def answer(peer: socket.socket) -> None:
        for _ in range(4):
            peer.sendall(ANSWER)
            peer.recv(4096)

    with other_side(answer) as url, requests_session.session(WHOLE_S) as line:
        for _ in range(4):
            assert line.get(url, timeout=60).content == BODY
            time.sleep(WHOLE_S / 2)


async def sms(url: str, _: Path) -> None:
    settings = SmsSettings.model_validate({"kind": "http", "url": url, "body": "{number} {code}"})
    await HttpSms(settings).send("+8613800138000", "012345")


async def wechat_login(url: str, _: Path) -> None:
    settings = AliasSettings(wechat_appid="wx1", wechat_secret="s", wechat_api=url)  # type: ignore[arg-type]
    await WeChat(settings).identify("code")


async def cloud(url: str, _: Path) -> None:
    HttpCloud(url, "s001", "token").hello(Hello("11" * 16, 0, []))


async def lease(url: str, _: Path) -> None:
    HttpCloud(url, "s001", "token").lease(LeaseWish("11" * 16, "milk", 1))


async def read_back(url: str, _: Path) -> None:
    HttpCloud(url, "s001", "token").read("/streams", 1024)


async def acme(url: str, folder: Path) -> None:
    acme_order.fetch(AcmeOrder(("shop.example.com",), ("true",), f"{url}/dir", folder / "account.pem"))


async def update(url: str, _: Path) -> None:
    answer, _start = source.opened(url)
    with answer:
        answer.read()


ENDS: dict[Any, tuple[type[Exception], ...]] = {
    sms: (OSError,),
    wechat_login: (Refusal,),
    cloud: (CloudUnreachable,),
    lease: (CloudUnreachable,),
    read_back: (CloudUnreachable,),
    acme: (NotIssued,),
    update: (OSError, source.Gone),
}


@pytest.mark.parametrize("ask", ENDS, ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("how", ["the body", "the head"])
async def test_whatever_this_box_asks_ends(
    ask: Callable[[str, Path], Any], how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (identities, phone_verification, source):
        monkeypatch.setattr(module, "PATIENCE_S", WHOLE_S)
    monkeypatch.setattr(acme_order, "ANSWER_S", WHOLE_S)
    monkeypatch.setattr(client, "WHOLE_S", WHOLE_S)
    with other_side(DRIPS[how]) as url, pytest.raises(ENDS[ask]):
        await ask(url, tmp_path)


async def test_a_payment_is_in_doubt_and_not_waited_for(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files = {"key": pem, "public_key": public, "api_key": b"k" * 32}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with other_side(DRIPS["the body"]) as url:
        who = {"mchid": "1900000001", "appid": "wx" + "1" * 16, "serial": "A" * 40, "url": url}
        said = {"public_key_id": "PUB_KEY_ID_0114232134", "notify_url": "https://shop.example.com/pay"}
        settings = WechatSettings.model_validate(who | said | {name: tmp_path / name for name in files})
        port = WechatPort(settings, tmp_path / "wechat", timeout_s=(WHOLE_S / 2, WHOLE_S / 2))
        status, _ = await port._call("query", out_trade_no="1")
    assert status == 0


def test_a_redirect_is_not_followed() -> None:
    elsewhere = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with other_side(lambda peer: peer.sendall(elsewhere)) as url, pytest.raises(urllib.error.HTTPError):
        by_opener(url)
