"""An authority may answer anything: there is one error for it, and the certificate that works goes on."""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from acme import client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from edge.secrets.certificates import load
from edge.settings.https import HttpsSettings
from operations.certificates import acme_order
from operations.certificates.acme_order import NotIssued
from operations.certificates.phones import Phones
from tests.web.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "shop.example.com"
Answer = tuple[int, dict[str, str], bytes]


class FakeAcme:
    """An authority that proves nothing; each step's answer may be another one."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.instead: dict[str, Any] = {}
        self.polls = 0
        self._csr: x509.CertificateSigningRequest | None = None
        self.names, self.days = [NAME], 90

    def answer(self, path: str, sent: bytes) -> Answer:
        if path == "/finalize":
            payload = json.loads(base64.urlsafe_b64decode(json.loads(sent)["payload"] + "=="))
            self._csr = x509.load_der_x509_csr(base64.urlsafe_b64decode(payload["csr"] + "=="))
        self.polls += path == "/orders/1"
        status, headers, body = self._usual(path)
        instead = self.instead.get(path, {})
        headers |= {"Replay-Nonce": base64.urlsafe_b64encode(b"nonce" * 4).decode()} | instead.get("headers", {})
        if "body" in instead:
            body = instead["body"]
        if isinstance(body, dict):
            body = {name: value for name, value in (body | instead.get("fields", {})).items() if value is not ...}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return instead.get("status", status), {k: v for k, v in headers.items() if v is not None}, content

    def _usual(self, path: str) -> tuple[int, dict[str, str], Any]:
        root, named = self.root, {"type": "dns", "value": NAME}
        state = "valid" if self.instead.get("proven") else "pending"
        challenge = {"type": "dns-01", "url": f"{root}/challenge", "token": "dG9rZW4" * 6, "status": state}
        order = {"identifiers": [named], "authorizations": [f"{root}/authz"], "finalize": f"{root}/finalize"}
        issued = order | {"status": "valid", "certificate": f"{root}/certificate"}
        if path == "/challenge":
            self.instead["proven"] = True
        answers: dict[str, tuple[int, dict[str, str], Any]] = {
            "/dir": (200, {}, {f"new{name}": f"{root}/{name.lower()}" for name in ("Nonce", "Account", "Order")}),
            "/account": (201, {"Location": f"{root}/accounts/1"}, {"status": "valid"}),
            "/order": (201, {"Location": f"{root}/orders/1"}, order | {"status": "pending"}),
            "/authz": (200, {}, {"status": state, "identifier": named, "challenges": [challenge]}),
            "/challenge": (200, {"Link": f'<{root}/authz>;rel="up"'}, challenge),
            "/finalize": (200, {}, order | {"status": "processing"}),
            "/orders/1": (200, {}, issued),
            "/certificate": (200, {"Content-Type": "application/pem-certificate-chain"}, self._signed()),
        }
        return answers.get(path, (200, {}, b""))

    def _signed(self) -> bytes:
        if self._csr is None:
            return b""
        since = datetime.now(UTC) - timedelta(days=100)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
        made = x509.CertificateBuilder(
            subject, subject, self._csr.public_key(), 1, since, since + timedelta(self.days + 100)
        )
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in self.names])
        return made.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def acme() -> Iterator[FakeAcme]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = made.answer(self.path, sent)
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(OSError):
                    self.wfile.write(content)

        do_GET = do_POST = do_HEAD = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = FakeAcme(server.server_port)
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield made
        server.shutdown()
        serving.join(60)


@pytest.fixture
def phones(tmp_path: Path, acme: FakeAcme, monkeypatch: pytest.MonkeyPatch) -> Phones:
    monkeypatch.setattr(acme_order, "ORDER_S", 0.5)
    quick = SimpleNamespace(sleep=lambda seconds: time.sleep(max(seconds / 20, 0.02)))
    monkeypatch.setattr(client, "time", quick)
    settings = {"names": (NAME,), "hook": ("true",), "directory": f"{acme.root}/dir", "wait_s": 0}
    return Phones(HttpsSettings.model_validate({"acme": settings}), tmp_path)


def test_the_fake_authority_issues(phones: Phones) -> None:
    assert phones.renew(0).covers(NAME)


DEEP = b"[" * 100_000
BODIES: list[Any] = [
    None,
    [],
    {},
    7,
    "text",
    b"",
    b"<html>Sign in</html>",
    b"\xff\x00",
    b"{",
    DEEP,
    [[{}]],
    b"9" * 5000,
]
NEW = [f"new{name}" for name in ("Nonce", "Account", "Order")]
WAITS = ["0", "-1", "9" * 30, "9" * 4400, "Mon, 01 Jan 9999 00:00:00 GMT", "Mon, 01 Jan 1970 00:00:00 GMT", "soon", ""]
SAID = "no\x1b[2J\x9b\u202e\n" + "x" * 60_000
ODD: list[tuple[str, dict[str, Any]]] = [
    *((path, {"body": body}) for path in ("/dir", "/account", "/order", "/authz", "/orders/1") for body in BODIES),
    *((path, {"body": body}) for path in ("/challenge", "/finalize", "/certificate") for body in BODIES[:9:2]),
    *(("/dir", {"fields": {name: odd}}) for name in NEW for odd in (..., None, 7, [], "", "x:")),
    *(("/order", {"fields": {"authorizations": odd}}) for odd in (..., None, 7, "x", [None], [7], [[]], ["ftp://x"])),
    *(("/order", {"fields": {name: odd}}) for name in ("finalize", "identifiers", "status") for odd in (..., None, 7)),
    *(("/order", {"headers": {"Location": odd}}) for odd in (None, "", "nowhere")),
    *(("/authz", {"fields": {name: odd}}) for name in ("identifier", "challenges", "status") for odd in (..., 7, [7])),
    *(("/authz", {"fields": {"identifier": {"type": "dns", "value": odd}}}) for odd in ("bank.example.org", "-rf", 7)),
    ("/authz", {"fields": {"challenges": [{"type": "dns-01"}]}}),
    *(("/challenge", {"headers": {"Link": odd}}) for odd in (None, ";;")),
    *(
        (path, {"headers": {"Replay-Nonce": odd}})
        for path in ("/nonce", "/order")
        for odd in (None, "", "\xe4", "a" * 9000)
    ),
    *(("/orders/1", {"fields": {"certificate": odd}}) for odd in (None, 7)),
    *(("/orders/1", {"fields": {"status": odd}}) for odd in ("lost", "invalid")),
    ("/orders/1", {"fields": {"status": "invalid", "error": {"type": "x", "detail": SAID}}}),
    *(("/orders/1", {"fields": {"status": "processing"}, "headers": {"Retry-After": odd}}) for odd in WAITS),
    ("/order", {"status": 500, "body": b""}),
    ("/order", {"status": 429, "body": {"type": 7}}),
    ("/order", {"status": 403, "body": {"type": "urn:ietf:params:acme:error:x", "detail": SAID}}),
    ("/account", {"status": 409, "headers": {"Location": None}}),
]


@pytest.mark.parametrize(("path", "instead"), ODD, ids=range(len(ODD)))
def test_whatever_it_answers_the_certificate_that_works_goes_on(
    phones: Phones, acme: FakeAcme, path: str, instead: dict[str, Any]
) -> None:
    """Keys that were missing, lists, nothing and HTML ended the command with a traceback, and nothing was noted."""
    before = Authority(phones.path.parent / "ca").issue(phones.path, NAME)
    acme.instead[path] = instead
    said = ""
    try:
        phones.renew(1)
    except NotIssued as refused:
        said = str(refused)
    tried = phones.tried()
    assert tried is not None
    assert tried.error == said
    assert said.isprintable()
    assert len(said) < 400
    assert (load(phones.path, phones.path).serial == before) is bool(said)
    assert not phones.path.with_suffix(".new").exists()
    assert acme.polls < 30, "it is not asked without a pause"
    acme.instead = {}
    assert phones.renew(2).serial != before, "and it is tried again"


@pytest.mark.parametrize(("names", "days"), [(["other.example.com"], 90), ([], 90), ([NAME], -1)])
def test_one_that_phones_would_refuse_takes_no_place(
    phones: Phones, acme: FakeAcme, names: list[str], days: int
) -> None:
    """It took the place of one that worked: for other names, or over since yesterday."""
    before = Authority(phones.path.parent / "ca").issue(phones.path, NAME)
    acme.names, acme.days = names, days
    with pytest.raises(NotIssued, match="expected a certificate"):
        phones.renew(round(datetime.now(UTC).timestamp() * 1000))
    assert load(phones.path, phones.path).serial == before
