"""Addresses as people write them into settings and behind --url."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings.addresses import BadAddress, base, broker, public, remark


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("http://192.168.1.10:8080", "http://192.168.1.10:8080"),
        ("https://shop.example/", "https://shop.example"),
        (" HTTP://Shop.Example:80// ", "http://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example.", "http://shop.example"),
        ("http://shop.example:", "http://shop.example"),
        ("<http://shop.example>", "http://shop.example"),
        ("\uff48\uff54\uff54\uff50\uff1a\uff0f\uff0fshop.example", "http://shop.example"),
        ("http://shop。example", "http://shop.example"),
        ("http://shop.example\u200b", "http://shop.example"),
        ("http://鲜汇.example", "http://xn--lswz44h.example"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080"),
    ],
)
def test_a_public_address_has_one_form(text: str, meant: str) -> None:
    assert public(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shop.example", 'did you mean "http://shop.example"?'),
        ("192.168.1.10:8080", 'did you mean "http://192.168.1.10:8080"?'),
        ("http:/shop.example", 'did you mean "http://shop.example"?'),
        ("http//shop.example", 'did you mean "http://shop.example"?'),
        ("ftp://shop.example", "http://192.168.1.10:8080"),
        ("http://x y", "without spaces"),
        ("http://shop\n.example", "without spaces"),
        ("http:\\\\shop.example", "expected an address"),
        ("https://shop.example/store", 'without a path; found "https://shop.example/store"; did you mean "https://sh'),
        ("https://shop.example?a=1", "without ? and #"),
        ("https://shop.example#top", "without ? and #"),
        ("https://li:secret@shop.example", "without a name and password"),
        ("http://shop.example:0", "a port from 1 to 65535"),
        ("http://shop.example:99999", "a port from 1 to 65535"),
        ("http://shop.example:http", "a port from 1 to 65535"),
        ("http://192.168.1.300", "expected an address"),
        ("http://192.168.1", "expected an address"),
        ("http://127.1", "expected an address"),
        ("http://0.0.0.0:8080", "that phones can reach"),
        ("http://[::]:8080", "that phones can reach"),
        ("http://shop_1.example", "expected an address"),
        ("http://-shop.example", "expected an address"),
        ("http://http://shop.example", "without a path"),
        ("javascript:alert(1)", "expected an address"),
        ("http://", "expected an address"),
        ("", "expected an address"),
    ],
)
def test_what_would_make_dead_codes_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BadAddress) as caught:
        public(text)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value), "a password is not repeated"


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://[::1]",
        "http://169.254.3.4",
        "http://store",
        "http://a.local",
    ],
)
def test_what_phones_may_not_reach_gets_a_remark(text: str) -> None:
    assert remark(public(text))
    assert not remark("http://192.168.1.10:8080")
    assert not remark("https://shop.example")


def test_services_may_have_a_path_and_brokers_may_not() -> None:
    assert base("https://cloud.example/stores/") == "https://cloud.example/stores"
    assert broker("mqtts://broker.example:8883") == "mqtts://broker.example:8883"
    for text in ("mqtt://127.0.0.1:99999", "mqtt://broker/x", "http://broker", "mqtt://a:b@broker"):
        with pytest.raises(BadAddress):
            broker(text)


@given(st.text(max_size=40) | st.from_regex(r"\A(https?|mqtt)[:/\\@\[\].%a-z0-9]{0,30}\Z"))
def test_whatever_stands_there_it_is_an_address_or_a_sentence(text: str) -> None:
    with suppress(BadAddress):
        assert public(public(text)) == public(text)
