from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.running import RunningStore, Shopper, new_phone, wait

BUDGET = 24 * 1024
"""With its styles and scripts, unpacked: every page has the bar and what shopping needs of the style sheet."""
SENT = 9 * 1024
"""What goes over the air, packed."""


def test_a_new_shopper_registers_and_unlocks_without_a_script(store: RunningStore, shopper: Shopper) -> None:
    code = store.code("cart-01")
    page = shopper.scan(code)
    assert page.status_code == 200
    assert 'name="phone"' in page.text
    assert ">01<" in page.text
    registered = shopper.register(code)
    assert "done=registered" in registered.url
    assert 'name="phone"' not in registered.text
    assert "Unlock this cart" in registered.text
    asked = shopper.fill(code, do="unlock")
    assert "grant=" in asked.url
    assert wait(lambda: "Pull the cart out" in shopper.get(asked.url).text)
    assert 'role="alert"' not in shopper.get(asked.url).text
    assert wait(lambda: shopper.get(asked.url).text.count('class="on"') == 4)
    assert "<h1>Your cart</h1>" in shopper.scan(code).text
    store.bring_back("cart-01")


def test_a_known_shopper_needs_one_tap(store: RunningStore, member: Shopper) -> None:
    page = member.scan(store.code("cart-02"))
    assert 'name="phone"' not in page.text
    assert page.text.count('class="btn') == 1


@pytest.mark.parametrize("phone", ["123", "", "not a number", "+86 138", "<script>"])
def test_a_wrong_number_is_said_in_the_form_and_nothing_is_lost(
    store: RunningStore, shopper: Shopper, phone: str
) -> None:
    page = shopper.fill(store.code("cart-02"), do="register", phone=phone, service="yes", marketing="yes")
    assert page.status_code == 422
    assert "does not look right" in page.text
    assert re.search(r'name="marketing" value="yes" checked', page.text)
    assert "<script>" not in page.text.replace("<script nonce", "")
    assert "sk_member" not in shopper.cookies


def test_no_consent_is_no_registration(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.fill(store.code("cart-02"), do="register", phone=new_phone(), marketing="yes")
    assert page.status_code == 422
    assert "need your consent" in page.text
    assert "sk_member" not in shopper.cookies


def test_five_spellings_are_one_number(store: RunningStore) -> None:
    tail = f"{uuid.uuid4().int % 10**8:08d}"
    spellings = [
        f"138{tail}",
        f"+86138{tail}",
        f"0086 138 {tail[:4]} {tail[4:]}",
        f"138-{tail[:4]}-{tail[4:]}",
        f" (+86) 138 {tail} ",
    ]
    members = set()
    for spelling in spellings:
        answer = Shopper(store).api(
            "POST",
            "/api/v1/members",
            {
                "code": store.code("poster-door"),
                "phone": spelling,
                "consents": {"service": True},
                "request": str(uuid.uuid4()),
            },
        )
        assert answer.status_code == 201
        members.add(answer.json()["member"])
    marks = ",".join("?" * len(members))
    found = store.gateway.reads.all(f"SELECT DISTINCT number FROM person_numbers WHERE subject IN ({marks})", *members)
    assert (len(members), len(found)) == (5, 1), "a person each, because nobody has proven anything"


def test_the_same_form_twice_registers_once(store: RunningStore, shopper: Shopper) -> None:
    before = len(store.facts("member.registered.v1"))
    request, phone = str(uuid.uuid4()), new_phone()
    for _ in range(2):
        assert shopper.register(store.code("badge-li"), phone, request=request).ok
    assert len(store.facts("member.registered.v1")) == before + 1


def test_a_claim_code_survives_registering(store: RunningStore, shopper: Shopper) -> None:
    code = store.shown("diaper-l54")
    page = shopper.scan(code)
    assert "Nappies" in page.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket
    registered = shopper.register(code, ticket=ticket[1])
    assert parse_qs(urlsplit(registered.url).query)["ticket"] == [ticket[1]]
    claimed = shopper.fill(code, do="claim", ticket=ticket[1])
    assert "Saved" in claimed.text
    assert "Nappies" in shopper.get(f"{store.base}/wallet").text
    again = shopper.fill(code, do="claim", ticket=ticket[1])
    assert "already" in again.text


def test_an_expired_code_with_its_ticket_still_claims(store: RunningStore, member: Shopper) -> None:
    code = store.shown("wipes-80x6")
    ticket = re.search(r'name="ticket" value="([^"]+)"', member.scan(code).text)
    assert ticket
    old = store.shown("wipes-80x6", ago_s=300)
    assert member.scan(old).status_code == 410
    assert "Saved" in member.fill(old, do="claim", ticket=ticket[1]).text


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("nonsense", 404, "does not know this code"),
        ("a.b.c.d.e.f", 404, "does not know this code"),
        ("cart-01.zzzzzzzz", 403, "not genuine"),
        ("screen-baby.diaper-l54.rzz.aaaaaaaaaaaaaaaa", 403, "not genuine"),
        ("x" * 3000, 404, "does not know this code"),
    ],
)
def test_a_bad_code_gets_a_friendly_page(shopper: Shopper, code: str, status: int, words: str) -> None:
    page = shopper.scan(code)
    assert page.status_code == status
    assert words in page.text
    assert "What you can do" in page.text
    assert page.headers["content-type"].startswith("text/html")


def test_the_zone_offers_can_be_claimed_from_its_shelf(store: RunningStore, member: Shopper) -> None:
    code = store.code("shelf-dairy")
    page = member.scan(code)
    assert "Fresh milk" in page.text
    assert "Nappies" not in page.text
    saved = member.fill(code, do="claim", coupon="milk-950")
    assert "done=claimed" in saved.url
    assert "Ready to use" in saved.text


def test_the_entrance_shows_offers_but_lets_nobody_claim_from_afar(store: RunningStore, member: Shopper) -> None:
    code = store.code("poster-door")
    page = member.scan(code)
    assert "Nappies" in page.text
    assert "One per person" in page.text
    assert 'value="claim"' not in page.text
    refused = member.fill(code, do="claim", coupon="diaper-l54")
    assert refused.status_code == 409


def test_a_bank_that_is_away_says_so(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.scan(store.code("locker-b")).text
    assert "do not answer" in page
    assert 'name="size"' not in page


def test_a_cart_that_is_away_says_so_before_the_tap(store: RunningStore, member: Shopper) -> None:
    assert "does not answer" in member.scan(store.code("cart-12")).text


def test_titles_from_the_settings_are_escaped(store: RunningStore, member: Shopper) -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    store.offer(
        coupon="evil",
        zone="fresh",
        title={"en": evil, "zh-CN": evil},
        subtitle={"en": evil, "zh-CN": evil},
        price=1,
        was=2,
        stock=9,
        art="../../secret",
        tint="#ffffff",
    )
    for page in (member.scan(store.code("shelf-fruit")), member.get(f"{store.base}/coupons/evil")):
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert "&lt;img" in page.text


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_every_page_fits_the_budget_and_needs_nothing_else(store: RunningStore, language: str) -> None:
    stranger, known = Shopper(store, language), Shopper(store, language)
    known.register(store.code("poster-door"))
    places = ("cart-02", "poster-door", "shelf-fruit", "shelf-baby", "badge-li", "locker-a", "screen-fresh")
    codes = [store.code(place) for place in places] + [store.shown("diaper-l54"), "nonsense"]
    for shopper in (stranger, known):
        for code in codes:
            page = shopper.scan(code)
            assert len(page.content) < BUDGET, (code, len(page.content))
            assert int(page.headers["content-length"]) < SENT, (code, page.headers["content-length"])
            assert f'<html lang="{language}"' in page.text
            assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
            assert 'rel="stylesheet"' not in page.text
            assert page.headers["cache-control"] == "no-store"


def test_the_script_is_es5(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.scan(store.code("cart-02")).text
    script = page[page.rindex("<script") :]
    assert not re.search(r"=>|\blet\b|\bconst\b|\?\.|`|\bawait\b|type=.module", script)


def test_the_language_can_be_switched_and_stays(store: RunningStore, shopper: Shopper) -> None:
    code = store.code("cart-02")
    assert "Take this cart" in shopper.scan(code).text
    assert "开锁取车" in shopper.get(f"{store.base}/t/{code}?lang=zh-CN").text
    assert "开锁取车" in shopper.scan(code).text
    assert "开锁取车" in shopper.get(f"{store.base}/t/{code}?lang=klingon").text


def test_an_altered_cookie_is_nobody(store: RunningStore, member: Shopper) -> None:
    code = store.code("cart-02")
    value = member.cookies["sk_member"]
    # Its last letter may stand for bits that no byte has: what is altered is one in the middle.
    middle = len(value) - 6
    altered = value[:middle] + ("x" if value[middle] != "x" else "y") + value[middle + 1 :]
    for wrong in (altered, "a.b.c", "", '"', value + "x"):
        stranger = Shopper(store)
        stranger.cookies.set("sk_member", wrong)
        assert 'name="phone"' in stranger.scan(code).text
        assert stranger.unlock("cart-02").status_code == 401


def test_a_visitor_cookie_is_no_member_cookie(store: RunningStore, member: Shopper) -> None:
    member.scan(store.code("cart-02"))
    stranger = Shopper(store)
    stranger.cookies.set("sk_member", member.cookies["sk_visitor"])
    assert stranger.unlock("cart-02").status_code == 401


def test_the_cookie_is_out_of_reach(store: RunningStore, shopper: Shopper) -> None:
    answer = shopper.post(
        f"{store.base}/t/{store.code('poster-door')}",
        data={"do": "register", "phone": new_phone(), "service": "yes", "request": str(uuid.uuid4())},
        allow_redirects=False,
        timeout=60,
    )
    cookie = next(each for each in answer.raw.headers.getlist("set-cookie") if each.startswith("sk_member"))
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert f"Max-Age={180 * 86400}" in cookie


def test_leaving_makes_a_stranger(store: RunningStore, member: Shopper) -> None:
    assert member.api("DELETE", "/api/v1/session").status_code == 204
    assert 'name="phone"' in member.scan(store.code("cart-02")).text


@pytest.mark.parametrize(
    "dress",
    [
        "{}。",
        "{}，看看",
        "{}%EF%BC%8C%E7%9C%8B",
        "{}/",
        "{}%20",
        "{})",
        "%EF%BB%BF{}",
        "URL:{}",
        "{}%23top",
        "{}/index.html",
    ],
)
def test_a_code_is_a_page_however_it_arrives(store: RunningStore, shopper: Shopper, dress: str) -> None:
    code = store.code("cart-04")
    page = shopper.scan(dress.format(code))
    assert page.status_code == 200
    assert f'action="/t/{code}"' in page.text
    page = shopper.get(f"{store.base}/T/{code.upper()}?utm_source=wechat")
    assert (page.status_code, urlsplit(page.url).path) == (200, f"/t/{code}")


@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        "see {} now",
        "我的车 {} 谢谢",
        "https://old.example/t/{}。",
        "9 521101 530001",
        "９５２１１０１５３０００１",
    ],
)
def test_what_is_typed_is_read_with_its_blanks_and_without(store: RunningStore, shopper: Shopper, typed: str) -> None:
    code = store.code("cart-04")
    page = shopper.post(f"{store.base}/scan", data={"text": typed.format(code)}, timeout=60)
    assert page.status_code == 200
    assert f"/t/{code}" in page.text or "A product" in page.text or "/p/0" in page.text
