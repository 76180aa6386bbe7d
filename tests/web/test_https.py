"""https for phones: a given certificate, renewed under way, broken, expired; http goes on beside it."""

from __future__ import annotations

import asyncio
import base64
import errno
import socket
import ssl
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.bootstrap.gateway import open_gateway, with_public_url
from edge.gateway import phone_certificate
from edge.secrets import operators
from edge.secrets.certificates import REASONS, Unusable, load
from edge.settings.https import HttpsSettings
from edge.web.server import tls_listener
from edge.web.server.listeners import Listeners
from tests.conftest import new_broker
from tests.web.authority import Authority
from tests.web.conftest import PASSWORD
from tests.web.running import RunningStore, wait
from words.sentences import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.settings.settings import Settings

PAGE = {"Accept": "text/html", "Accept-Language": "en"}
FROM_THE_WIFI = {"X-Forwarded-For": "192.168.1.7"}


class SecureStore(RunningStore):
    """With the listeners of a real gateway. By `https` phones find it as localhost, by `base` as a bare address."""

    def __init__(self, folder: Path, pem: Path, *, inside: bool = False, port: int = 0) -> None:
        self.pem, self._port, self._inside = pem, port, inside
        broker = new_broker("mosquitto", folder / "broker")
        broker.start()
        operators.put(operators.file_of(folder), "chen", "Chen", PASSWORD)
        super().__init__(broker, folder, (), demo=False)

    def _settings(self) -> Settings:
        settings = super()._settings()
        apart = {"inside": "127.0.0.1:0"} if self._inside else {}
        http = settings.gateway.http.model_copy(update={"host": "127.0.0.1", "port": 0, **apart})
        https = HttpsSettings(certificate=self.pem, host="127.0.0.1", port=self._port, **apart)
        box = settings.gateway.model_copy(update={"http": http, "https": https})
        return settings.model_copy(update={"gateway": box})

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with open_gateway(self.settings) as gateway:
            self.gateway = gateway
            listeners = Listeners(gateway.parts, 1)
            self._servers = list(listeners._servers)
            serving = asyncio.create_task(listeners.serve())
            while not listeners.started:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.01)
            ports = [each.servers[0].sockets[0].getsockname()[1] for each in self._servers if each.servers]
            self.base, self.https = (
                f"http://127.0.0.1:{ports[0]}",
                f"https://localhost:{ports[-1 if not self._inside else 1]}",
            )
            self.named = self.base.replace("127.0.0.1", "localhost")
            self.inside = [f"https://localhost:{ports[-1]}", f"http://127.0.0.1:{ports[-2]}"] if self._inside else []
            self._running.set()
            await serving

    def needs(self) -> set[str]:
        return {need.kind for need in self.gateway.parts.certificate.needs(round(time.time() * 1000))}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_certificate, "LOOK_S", 0.05)


def opened(store: SecureStore) -> Iterator[SecureStore]:
    store.start()
    yield store
    store.stop()
    store._broker.stop()


@pytest.fixture
def store(tmp_path: Path, authority: Authority) -> Iterator[SecureStore]:
    authority.issue(tmp_path / "phones.pem", "localhost")
    yield from opened(SecureStore(tmp_path, tmp_path / "phones.pem"))


def phone(authority: Authority) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # where the environment names a bundle, it would win
    session.verify = str(authority.root)
    session.headers.update(PAGE)
    return session


def serial(store: SecureStore, authority: Authority) -> str:
    context = ssl.create_default_context(cafile=str(authority.root))
    port = int(store.https.rpartition(":")[2])
    with (
        socket.create_connection(("localhost", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        found: Any = tls.getpeercert()
        return f"{int(found['serialNumber'], 16):x}"


def test_every_cipher_is_authenticated_and_forgets_its_key(tmp_path: Path) -> None:
    Authority(tmp_path).issue(tmp_path / "phones.pem", "shop.example.com")
    found = load(tmp_path / "phones.pem", tmp_path / "phones.pem").context.get_ciphers()
    assert all(each["aead"] and each["name"].startswith(("TLS_", "ECDHE-")) for each in found)
    assert {each["protocol"] for each in found} == {"TLSv1.2", "TLSv1.3"}


@pytest.mark.parametrize(
    ("part", "found", "instead", "reason"),
    [
        ("CERTIFICATE", b"\x82\x10shop", b"\xa5\x10shop", "no_certificate"),  # a name of a kind that nobody uses
        ("CERTIFICATE", b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x02\x7f", "no_certificate"),
        ("PRIVATE KEY", b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x02\x7f", "no_key"),
    ],
    ids=["name", "public key", "key"],
)
def test_a_kind_that_nobody_here_knows_keeps_no_store_closed(
    tmp_path: Path, part: str, found: bytes, instead: bytes, reason: str
) -> None:
    """The gateway ended with a traceback at each start, and where it ran took up no other certificate any more."""
    path = tmp_path / "phones.pem"
    Authority(tmp_path).issue(path, "shop.example.com")
    before, marked, rest = path.read_text().partition(f"-----BEGIN {part}-----\n")
    body, end, after = rest.partition(f"-----END {part}-----")
    content = base64.b64decode(body)
    assert found in content
    changed = base64.encodebytes(content.replace(found, instead)).decode()
    path.write_text(f"{before}{marked}{changed}{end}{after}")
    with pytest.raises(Unusable) as refused:
        load(path, path)
    assert refused.value.reason == reason


def test_pages_come_by_https_and_by_http(store: SecureStore, authority: Authority) -> None:
    mine = phone(authority)
    code = store.code("poster-door")
    page = mine.get(f"{store.https}/t/{code}", timeout=60)
    assert page.status_code == 200
    mine.post(
        f"{store.https}/t/{code}",
        data={"do": "register", "phone": "13800138000", "service": "yes", "request": str(uuid.uuid4())},
        timeout=60,
    )
    assert {cookie.name: cookie.secure for cookie in mine.cookies if cookie.name == "sk_member"} == {"sk_member": True}
    # A bare address is left alone: without internet that phone may know no names.
    plain = mine.get(f"{store.base}/scan", timeout=60, allow_redirects=False)
    assert plain.status_code == 200
    assert f'href="{store.https}/scan"' in plain.text
    assert 'href="https' not in mine.get(f"{store.https}/scan", timeout=60).text
    # Whoever named the store is led to its certificate, with all that was asked.
    there = mine.get(f"{store.named}/t/{code}?lang=de%0D%0A", timeout=60, allow_redirects=False)
    assert (there.status_code, there.headers["Location"]) == (302, f"{store.https}/t/{code}?lang=de%0D%0A")
    assert "Strict-Transport-Security" not in page.headers
    # Programs are not led about.
    assert requests.get(f"{store.named}/healthz", timeout=60, allow_redirects=False).status_code == 200


def test_operators_log_in_by_https_and_not_by_http_from_the_wifi(store: SecureStore, authority: Authority) -> None:
    login = {"name": "chen", "password": PASSWORD}
    refused = phone(authority).post(f"{store.base}/operator/login", data=login, headers=FROM_THE_WIFI, timeout=60)
    assert refused.status_code == 403
    assert f'href="{store.https}/operator/login"' in refused.text
    mine = phone(authority)
    mine.headers.update(FROM_THE_WIFI)
    assert mine.post(f"{store.https}/operator/login", data=login, timeout=60).url == f"{store.https}/"


def test_a_renewed_certificate_is_taken_up_and_nobody_is_cut_off(store: SecureStore, authority: Authority) -> None:
    before = serial(store, authority)
    mine = phone(authority)
    assert mine.get(f"{store.https}/scan", timeout=60).ok
    after = authority.issue(store.pem, "localhost")
    wait(lambda: serial(store, authority) == after)
    assert before != after
    assert mine.get(f"{store.https}/scan", timeout=60).ok


def test_one_that_cannot_be_used_is_told_and_changes_nothing(store: SecureStore, authority: Authority) -> None:
    before = serial(store, authority)
    good = store.pem.read_bytes()
    authority.issue(store.pem.with_name("other.pem"), "localhost")
    other = store.pem.with_name("other.pem").read_bytes()
    for content, why in (
        (b"", "https_no_certificate"),
        (good[:200], "https_no_certificate"),
        (good.partition(b"-----BEGIN PRIVATE")[0], "https_no_key"),
        (good.partition(b"-----BEGIN PRIVATE")[0] + other[other.index(b"-----BEGIN PRIVATE") :], "https_other_key"),
    ):
        store.pem.write_bytes(content)
        wait(lambda why=why: store.needs() == {why})
        assert serial(store, authority) == before
    store.pem.unlink()
    wait(lambda: store.needs() == {"https_missing"})
    store.pem.write_bytes(good)
    wait(lambda: store.needs() == set())
    assert serial(store, authority) == before


def test_one_that_may_be_read_again_is_served_though_nothing_else_has_changed(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`chmod` mended it, and the store went on saying that it cannot be read until it was started anew."""
    authority.issue(pem := tmp_path / "phones.pem", "localhost")
    found = phone_certificate.PhoneCertificate((pem, pem))

    def refused(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr("edge.secrets.certificates.Path.read_bytes", refused)
        assert not found.look()
    assert found.wrong == "unreadable"
    assert found.look()
    assert found.wrong == ""


def test_an_expired_one_leads_nobody_into_a_warning(store: SecureStore, authority: Authority) -> None:
    authority.issue(store.pem, "localhost", days=30, age_days=31)
    wait(lambda: store.needs() == {"https_expired"})
    page = requests.get(f"{store.named}/scan", headers=PAGE, timeout=60, allow_redirects=False)
    assert page.status_code == 200
    assert "https://" not in page.text
    authority.issue(store.pem, "localhost", days=90, age_days=70)
    wait(lambda: store.needs() == {"https_expires"})


def test_a_handshake_that_never_ends_costs_its_sender_alone(store: SecureStore, authority: Authority) -> None:
    port = int(store.https.rpartition(":")[2])
    silent = [socket.create_connection(("localhost", port)) for _ in range(tls_listener.MAX_OF_ONE + 20)]
    assert phone(authority).get(f"{store.https}/scan", timeout=60).ok
    silent[0].settimeout(60)
    assert silent[0].recv(1) == b""
    for each in silent:
        each.close()
    with socket.create_connection(("localhost", port)) as wrong:
        wrong.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wrong.settimeout(60)
        assert b"200" not in wrong.recv(100)
    assert phone(authority).get(f"{store.https}/scan", timeout=60).ok


def test_a_certificate_may_come_later(tmp_path: Path, authority: Authority) -> None:
    store = SecureStore(tmp_path, tmp_path / "phones.pem")
    for _ in opened(store):
        assert store.needs() == {"https_missing"}
        assert requests.get(f"{store.base}/scan", headers=PAGE, timeout=60).ok
        authority.issue(store.pem, "localhost")
        wait(lambda: store.needs() == set())
        assert phone(authority).get(f"{store.https}/scan", timeout=60).ok


def test_a_port_that_somebody_has_keeps_no_store_closed(tmp_path: Path, authority: Authority) -> None:
    authority.issue(tmp_path / "phones.pem", "localhost")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        store = SecureStore(tmp_path, tmp_path / "phones.pem", port=taken.getsockname()[1])
        for each in opened(store):
            assert requests.get(f"{each.base}/scan", headers=PAGE, timeout=60).ok
            assert each.needs() == {"https_port"}
            assert "https://" not in requests.get(f"{each.named}/scan", headers=PAGE, timeout=60).text


def test_the_inside_has_listeners_of_its_own(tmp_path: Path, authority: Authority) -> None:
    authority.issue(tmp_path / "phones.pem", "localhost")
    for store in opened(SecureStore(tmp_path, tmp_path / "phones.pem", inside=True)):
        mine = phone(authority)
        mine.headers.update(FROM_THE_WIFI)
        found = {base: mine.get(f"{base}/operator", timeout=60).status_code for base in (store.https, *store.inside)}
        assert list(found.values()) == [404, 200, 403]


def test_codes_lead_to_the_certificate(tmp_path: Path, authority: Authority) -> None:
    authority.issue(tmp_path / "phones.pem", "*.example.com", "shop.example.com")
    store = SecureStore(tmp_path, tmp_path / "phones.pem", port=8443)
    store._broker.stop()
    assert with_public_url(store.settings).gateway.public_url == "https://shop.example.com:8443"


def test_every_language_says_what_is_wrong() -> None:
    texts = Texts.load()
    for reason in (*REASONS, "port", "expired", "expires"):
        assert all(f"needs.https_{reason}" in texts.keys(language) for language in texts.languages)
