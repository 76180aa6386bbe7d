from __future__ import annotations

import http.client
import json
from ipaddress import ip_network
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from edge.settings.settings import GatewaySettings
from edge.web.server.forwarding import Forwarding, caller_address, is_nearby
from edge.web.server.hosts import Authority, Hosts
from tests.web.running import RunningStore

GOOD = [
    "127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1234", "localhost.", "[::1]", "[::1]:8080", "127.8.9.1:80",
    "192.168.1.10:8080", "192.168.1.10", "shop.example", "SHOP.example.:8080", "shop.example:443", "till.local:8080",
    "[::ffff:192.168.1.10]:8080", "xn--wgv71a.example", "shop.example:",
]  # fmt: skip
FOREIGN = [
    "rebind.evil.example", "rebind.evil.example:8080", "", " ", "shop.example.evil.example", "evilshop.example", "[::",
    "::1", "[::1]evil", "127.0.0.1.evil.example", "127.1", "0x7f.0.0.1", "2130706433", "0.0.0.0:8080", "192.168.1.11",
    "shop.example@evil.example", "evil.example#shop.example", "shop.example/evil", "localhost:99999", "localhost:8o",
    "localhost:-1", "shop.example,evil.example", "shop.example..", "local host", "[fe80::1%25eth0]",
    "shop.example:80:80", "\xff.example", "localhost:٣", "http://shop.example",
]  # fmt: skip


@pytest.fixture
def hosts() -> Hosts:
    return Hosts("http://Shop.Example.:8080", ["till.local", "日本.example"])


@pytest.mark.parametrize("named", GOOD)
def test_what_this_box_is_called(hosts: Hosts, named: str) -> None:
    assert hosts.knows(named.encode("latin-1"), "192.168.1.10")
    assert hosts.knows(named.encode("latin-1"), "192.168.1.10")


@pytest.mark.parametrize("named", FOREIGN)
def test_what_it_is_not_called(hosts: Hosts, named: str) -> None:
    assert not hosts.knows(named.encode("utf-8"), "192.168.1.10")


def test_spellings_do_not_fill_the_memory(hosts: Hosts) -> None:
    for port in range(2000):
        assert hosts.knows(b"localhost:%d" % port, "127.0.0.1")
    assert len(hosts._good) <= 256


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("http://LocalHost:8080", "localhost.:8080", True),
        ("http://[::1]:8080", "[0:0::1]:8080", True),
        ("https://till.local", "till.local:443", True),
        ("http://till.local", "till.local:443", False),
        ("http://shop.example:8080", "192.168.1.10:8080", True),
        ("https://shop.example:8080", "192.168.1.10:8080", False),
        ("null", "localhost", False),
        ("", "localhost", False),
        ("http://[::", "localhost", False),
        ("http://[::]:x", "localhost", False),
        ("http://", "localhost", False),
        ("file://localhost", "localhost", False),
        ("http://user@localhost", "localhost", False),
        ("http://localhost:99999", "localhost", False),
        ("http://localhost]", "localhost", False),
        ("http://loc\u2100host", "localhost", False),
        ("\xff\xfe", "localhost", False),
    ],
)
def test_an_origin_is_ours_or_not_and_never_breaks(hosts: Hosts, origin: str, host: str, own: bool) -> None:
    assert hosts.is_own_origin(origin, host) is own


def arrived(peer: str | None, proxies: list[str], **headers: str | list[str]) -> HTTPConnection:
    http_settings: dict[str, Any] = {
        "trusted_proxies": tuple(ip_network(each) for each in proxies),
        "hosts": ("shop.example",),
    }
    box = GatewaySettings.model_validate({"http": http_settings})
    lines = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in {"host": "shop.example", **headers}.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    scope: dict[str, Any] = {
        "type": "http", "scheme": "http", "path": "/", "query_string": b"", "headers": lines,
        "client": (peer, 5000) if peer else None, "server": ("192.168.1.10", 8080),
    }  # fmt: skip
    scope["good"] = Forwarding(box).settle(scope)
    return HTTPConnection(scope)


@pytest.mark.parametrize(
    ("peer", "proxies", "named", "address"),
    [
        ("192.168.1.7", [], "9.9.9.9", "192.168.1.7"),
        ("192.168.1.7", ["10.0.0.1"], "9.9.9.9", "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.1"], "192.168.1.7", "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.0/8"], "9.9.9.9, 192.168.1.7, 10.0.0.2", "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.1"], ["9.9.9.9", "192.168.1.7"], "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.1"], "192.168.1.7:4711", "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.1"], "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", ["10.0.0.1"], "2001:DB8:0::7", "2001:db8::7"),
        ("10.0.0.1", ["10.0.0.1"], "::ffff:192.168.1.7", "192.168.1.7"),
        ("10.0.0.1", ["10.0.0.1"], "9.9.9.9, unknown", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.1"], "192.168.1.7, <script>", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.1"], "", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.0/8"], "10.0.0.9", "10.0.0.9"),
        ("::ffff:192.168.1.7", [], "9.9.9.9", "192.168.1.7"),
        ("::ffff:10.0.0.1", ["10.0.0.1"], "192.168.1.7", "192.168.1.7"),
        ("fd00::1", ["fd00::/64"], "192.168.1.7", "192.168.1.7"),
        (None, ["10.0.0.1"], "192.168.1.7", ""),
    ],
)  # fmt: skip
def test_only_a_trusted_proxy_says_who_asks(
    peer: str | None, proxies: list[str], named: str | list[str], address: str
) -> None:
    assert caller_address(arrived(peer, proxies, x_forwarded_for=named)) == address


def test_a_proxys_scheme_and_host_count_only_when_it_is_trusted() -> None:
    said: dict[str, str | list[str]] = {
        "x_forwarded_proto": "http, https",
        "x_forwarded_host": "evil.example, localhost:9",
    }
    trusted = arrived("10.0.0.1", ["10.0.0.1"], **said)
    assert (trusted.url.scheme, trusted.headers["host"], trusted["good"]) == ("https", "localhost:9", True)
    other = arrived("10.0.0.2", ["10.0.0.1"], **said)
    assert (other.url.scheme, other.headers["host"], other["good"]) == ("http", "shop.example", True)
    assert not arrived("10.0.0.1", ["10.0.0.1"], x_forwarded_host="evil.example")["good"]


def test_one_host_and_no_more() -> None:
    assert not arrived("192.168.1.7", [], host=["shop.example", "shop.example"])["good"]
    assert not arrived("192.168.1.7", [], host=[])["good"]


@pytest.mark.parametrize(
    ("peer", "proxies", "headers", "nearby"),
    [
        ("127.0.0.1", [], {"host": "localhost:8080"}, True),
        ("::1", [], {"host": "[::1]:8080"}, True),
        ("::ffff:127.0.0.1", [], {"host": "127.0.0.1"}, True),
        ("127.0.0.1", [], {"host": "shop.example"}, False),
        ("127.0.0.1", [], {"host": "localhost", "x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", [], {"host": "localhost", "forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", ["127.0.0.0/8"], {"host": "localhost"}, False),
        ("127.0.0.1", ["127.0.0.0/8"], {"host": "localhost", "x_forwarded_for": "192.168.1.7"}, False),
        ("192.168.1.7", [], {"host": "localhost"}, False),
        (None, [], {"host": "localhost"}, False),
    ],
)
def test_who_sits_at_this_machine(peer: str | None, proxies: list[str], headers: dict[str, str], nearby: bool) -> None:
    assert is_nearby(arrived(peer, proxies, **headers)) is nearby


def test_an_authority_has_one_form() -> None:
    assert Authority.parse("[2001:0DB8::0001]:80") == ("2001:db8::1", 80)
    assert Authority.parse("a.b:") == ("a.b", None)
    assert Authority("a.b", None).on("https") == ("a.b", 443)


def raw(store: RunningStore, method: str, path: str, headers: list[tuple[str, str]], body: bytes = b"") -> Any:
    connection = http.client.HTTPConnection(store.base.removeprefix("http://"), timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("host", ["rebind.evil.example", "rebind.evil.example:8080", "[::", "127.0.0.1.evil.example"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/wallet"), ("POST", "/staff/act"), ("POST", "/api/v1/carts/unlock")]
)
def test_a_foreign_host_gets_nothing(store: RunningStore, method: str, path: str, host: str, language: str) -> None:
    headers = [("Host", host), ("Origin", f"http://{host}"), ("Accept-Language", language)]
    answer = raw(store, method, path, headers)
    assert answer.status == 421
    said = json.loads(answer.text)
    assert said["code"] == "wrong_host"
    assert host not in answer.text
    assert said["detail"]


def test_a_malformed_origin_is_refused_in_words(store: RunningStore) -> None:
    host = store.base.removeprefix("http://")
    for origin in ("http://[::", "http://[::1", "http://[v1.x]", "http://a]b", "\xff", "http://" + "a" * 5000):
        answer = raw(store, "POST", "/api/v1/members", [("Host", host), ("Origin", origin)])
        assert (answer.status, json.loads(answer.text)["code"]) == (403, "cross_origin")


def test_a_slash_redirect_names_no_host(store: RunningStore) -> None:
    host = store.base.removeprefix("http://")
    answer = raw(store, "GET", "/wallet/?lang=en&x=http://a/b", [("Host", host)])
    assert (answer.status, answer.getheader("location")) == (307, "/wallet?lang=en&x=http://a/b")
    assert raw(store, "GET", "/wallet/", [("Host", "evil.example")]).status == 421
    assert raw(store, "GET", "//evil.example/wallet/", [("Host", host)]).status == 404
