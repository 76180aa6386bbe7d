"""Codes by SMS: how they go out over HTTP, what they cost, and when they end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from edge.domain.callers import Caller
from edge.errors import JournalFull, Refusal
from edge.gateway import phone_verification as proving_module
from edge.gateway.linking import BothClocks
from edge.gateway.phone_verification import HttpSms, PhoneVerification, SimulatedSms, sender_of
from edge.settings.sms import SmsSettings
from tests.callers import by

NUMBER = "+8613800138000"


class Provider(HTTPServer):
    """An SMS provider on this machine: what it was asked, and what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.answer = (200, '{"ok": true}')
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, said = self.server.answer
        if not status:
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", said)
        self.end_headers()
        self.wfile.write(said.encode())

    do_GET = do_POST  # noqa: N815 - the name that the library asks for

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setattr(proving_module, "PATIENCE_S", 60.0)
    made = Provider()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def settings(provider: Provider, **more: Any) -> SmsSettings:
    body = '{"to": "{number}", "text": "{code} ist Ihr Code"}'
    wanted = {"url": f"{provider.url}/send", "headers": {"Authorization": "Bearer s3cret"}, "body": body, **more}
    return SmsSettings(kind="http", **wanted)


async def test_a_provider_is_asked_as_the_template_says(provider: Provider) -> None:
    await HttpSms(settings(provider, expect='"ok": true')).send(NUMBER, "012345")
    ((method, path, headers, body),) = provider.asked
    assert (method, path, headers["Authorization"]) == ("POST", "/send", "Bearer s3cret")
    assert json.loads(body) == {"to": NUMBER, "text": "012345 ist Ihr Code"}
    url = f"{provider.url}/?to={{number}}&plain={{digits}}&c={{code}}"
    await HttpSms(settings(provider, method="GET", url=url, body="")).send(NUMBER, "012345")
    assert provider.asked[1][1] == "/?to=%2B8613800138000&plain=8613800138000&c=012345"


@pytest.mark.parametrize("answer", [(500, ""), (401, ""), (200, '{"ok": false}'), (0, "")])
async def test_what_did_not_go_out_is_said_and_costs_nobody_a_crash(
    provider: Provider, answer: tuple[int, str]
) -> None:
    provider.answer = answer
    proving = PhoneVerification(HttpSms(settings(provider, expect='"ok": true')))
    with pytest.raises(Refusal, match="no_sms"):
        await proving.send(by("anna"), "index", NUMBER)
    with pytest.raises(Refusal, match="code_expired"), proving.check(by("anna"), "000000"):
        pass


async def test_a_provider_sends_the_key_and_the_number_nowhere_else(provider: Provider) -> None:
    provider.answer = (302, f"{provider.url}/elsewhere")
    with pytest.raises(Refusal, match="no_sms"):
        await PhoneVerification(HttpSms(settings(provider))).send(by("anna"), "index", NUMBER)
    assert [path for _, path, *_ in provider.asked] == ["/send"]


async def test_a_provider_that_is_not_there() -> None:
    gone = SmsSettings(kind="http", url="http://127.0.0.1:9/{code}")
    with pytest.raises(Refusal, match="no_sms"):
        await PhoneVerification(HttpSms(gone)).send(by("anna"), "index", NUMBER)


async def one(proving: PhoneVerification, who: Caller, index: str = "index") -> str:
    await proving.send(who, index, NUMBER)
    assert isinstance(proving.sender, SimulatedSms)
    return proving.sender.sent[-1][2]


@pytest.mark.parametrize("later", [BothClocks(301, 1000), BothClocks(1, 1301)])
async def test_a_code_ends_by_whichever_clock_is_first(later: BothClocks) -> None:
    now = [BothClocks(0, 1000)]
    proving = PhoneVerification(SimulatedSms(), lambda: now[0])
    code = await one(proving, by("anna"))
    now[0] = later
    with pytest.raises(Refusal, match="code_expired"), proving.check(by("anna"), code):
        pass


async def test_a_code_is_its_own_phones_and_good_once() -> None:
    proving = PhoneVerification(SimulatedSms())
    code = await one(proving, by("anna"))
    with pytest.raises(Refusal, match="code_expired"), proving.check(by("ben"), code):
        pass
    with proving.check(by("anna"), f" {code[:3]} {code[3:]} ") as index:
        assert index == "index"
    with pytest.raises(Refusal, match="code_expired"), proving.check(by("anna"), code):
        pass


async def test_a_code_that_came_to_nothing_is_good_still_but_no_newer_one_is_lost() -> None:
    proving = PhoneVerification(SimulatedSms())
    code = await one(proving, by("anna"))
    for _ in range(proving_module.GUESSES + 1):
        with pytest.raises(JournalFull), proving.check(by("anna"), code):
            raise JournalFull
    newer = code
    with pytest.raises(JournalFull):  # noqa: PT012, SIM117 - it is sent while the first is being used
        with proving.check(by("anna"), code):
            while newer == code:
                newer = await one(proving, by("anna"))
            raise JournalFull
    with proving.check(by("anna"), newer) as index:
        assert index == "index"


async def test_a_number_is_not_flooded_from_many_phones() -> None:
    now = [BothClocks(0, 1000)]
    proving = PhoneVerification(SimulatedSms(), lambda: now[0])
    sent, refused = 0, []
    for step in range(60):
        now[0] = BothClocks(step * 300.0, 1000 + step * 300.0)
        try:
            await one(proving, by(f"phone-{step}"))
            sent += 1
        except Refusal as refusal:
            refused.append((refusal.code, refusal.details["seconds"] > 0))
    assert sent == 10, "ten a day, whoever asks"
    assert set(refused) == {("too_many_proofs", True)}


def test_which_way_out_there_is() -> None:
    assert sender_of(SmsSettings(), demo=False) is None
    assert isinstance(sender_of(SmsSettings(), demo=True), SimulatedSms)
    assert sender_of(SmsSettings(kind="none"), demo=True) is None
    with pytest.raises(ValueError, match="http needs a url"):
        SmsSettings(kind="http", url="http://sms.example/send")
