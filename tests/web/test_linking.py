"""Two phones become one person's: the old one allows it, staff confirm it, or the number is proven. And how it ends."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from edge.domain.callers import Caller, Proof
from edge.domain.members.decisions import import_members
from edge.domain.members.rules import MAX_PERSONS, Newcomer
from edge.errors import Refusal
from edge.gateway.bounds import Bounds
from edge.gateway.linking import MAX_KNOWN, BothClocks, Linking, spelled
from edge.gateway.phone_verification import PhoneVerification, SimulatedSms
from edge.settings.bounds import ActBounds, Bound, BoundsSettings
from edge.web.actions import phones
from edge.web.language import Texts
from edge.web.problems import Problem
from tests.callers import browser_of, by
from tests.keyboards import wide
from tests.web.running import Colleague, RunningStore, Shopper, new_phone
from tests.web.test_lockers import _tidy, keep
from tests.web.test_lockers import parcel as parcel_of
from tests.web.test_sessions import deposit, register

__all__ = ["_tidy"]


def parcels(shopper: Shopper) -> list[str]:
    return [each["id"] for each in shopper.api("GET", "/api/v1/lockers/parcels").json()]


def member_of(store: RunningStore, shopper: Shopper, phone: str = "") -> str:
    return str(register(store, shopper, phone or new_phone()).json()["member"])


def offer(shopper: Shopper) -> str:
    return str(shopper.api("POST", "/api/v1/link/codes").json()["code"])


def ask(new: Shopper, code: str) -> Any:
    return new.api("POST", "/api/v1/link/asks", {"code": code})


def join(old: Shopper, new: Shopper) -> None:
    asked = ask(new, offer(old)).json()
    (open_ask,) = old.api("GET", "/api/v1/link/asks").json()
    assert (open_ask["ask"], open_ask["digits"]) == (asked["ask"], asked["digits"])
    assert old.api("POST", f"/api/v1/link/asks/{asked['ask']}/allow").status_code == 204
    assert new.api("GET", f"/api/v1/link/asks/{asked['ask']}").json()["state"] == "allowed"


def test_a_phone_without_anything_is_let_in(store: RunningStore) -> None:
    old, new = Shopper(store), Shopper(store)
    member_of(store, old)
    parcel = deposit(store, old)["parcel"]
    asked = ask(new, offer(old)).json()
    assert new.api("GET", "/api/v1/lockers/parcels").json()["code"] == "not_registered", "not before it is allowed"
    assert new.api("GET", f"/api/v1/link/asks/{asked['ask']}").json()["state"] == "asked"
    assert old.api("POST", f"/api/v1/link/asks/{asked['ask']}/allow").status_code == 204
    assert old.api("POST", f"/api/v1/link/asks/{asked['ask']}/allow").status_code == 404, "answered once"
    assert new.api("GET", f"/api/v1/link/asks/{asked['ask']}").json()["state"] == "allowed"
    assert parcels(new) == [parcel]
    assert len(old.api("GET", "/api/v1/sessions").json()) == 2


def test_two_persons_become_one_and_keep_what_they_have(store: RunningStore) -> None:
    old, new = Shopper(store), Shopper(store)
    first, second = member_of(store, old), member_of(store, new)
    theirs, ours = (parcel_of(store, keep(store, each)[0])["parcel"] for each in (old, new))
    join(old, new)
    assert set(parcels(new)) == set(parcels(old)) == {theirs, ours}
    assert first != second
    take = {"parcel": theirs, "request": str(uuid.uuid4())}
    assert new.api("POST", "/api/v1/lockers/collect", take).status_code == 202
    assert new.unlock("cart-03").ok
    assert old.unlock("cart-04").json()["code"] == "already_has_cart", "one cart a person, whichever phone asks"
    assert old.unlock("cart-03").ok, "their own cart once more"
    store.bring_back("cart-03")


def test_what_is_denied_or_guessed_opens_nothing(store: RunningStore) -> None:
    old, new = Shopper(store), Shopper(store)
    member_of(store, old)
    code = offer(old)
    asked = ask(new, code).json()
    assert old.api("POST", f"/api/v1/link/asks/{asked['ask']}/deny").status_code == 204
    assert new.api("GET", f"/api/v1/link/asks/{asked['ask']}").json()["state"] == "denied"
    assert new.api("GET", "/api/v1/sessions").status_code == 401
    assert ask(new, code).json()["code"] == "code_unknown", "a code is good once"
    assert ask(old, offer(old)).json()["code"] == "wrong_purpose", "one's own"
    stranger = Shopper(store)
    member_of(store, stranger)
    again = ask(new, offer(old)).json()
    assert stranger.api("POST", f"/api/v1/link/asks/{again['ask']}/allow").json()["code"] == "not_found"
    assert stranger.api("GET", f"/api/v1/link/asks/{again['ask']}").json()["code"] == "not_found"
    guesses = [ask(stranger, "AAAA-AAAA").json()["code"] for _ in range(15)]
    assert guesses[-1] == "too_many_guesses"


def test_the_pages_do_it_without_a_script(store: RunningStore) -> None:
    old, new = Shopper(store), Shopper(store, "zh-CN")
    member_of(store, old)
    code = re.search(r'class="code">([0-9A-Z-]{9})<', old.get(f"{store.base}/link").text)
    assert code
    waiting = new.post(f"{store.base}/link", data={"do": "ask", "code": code[1].lower()}, timeout=60)
    digits = re.search(r'class="two-digits">(\d\d)<', waiting.text)
    assert digits
    asked = old.get(f"{store.base}/link").text
    assert f'class="two-digits">{digits[1]}<' in asked
    name = re.search(r'name="do" value="allow"><input type="hidden" name="name" value="([^"]+)"', asked)
    assert name
    done = old.post(f"{store.base}/link", data={"do": "allow", "name": name[1]}, timeout=60)
    assert "The new phone is logged in" in done.text
    twice = old.post(f"{store.base}/link", data={"do": "allow", "name": name[1]}, timeout=60)
    assert (twice.status_code, "The new phone is logged in" in twice.text) == (200, True), "a second tap"
    assert "登录成功" in new.get(waiting.url).text
    assert len(new.api("GET", "/api/v1/sessions").json()) == 2
    gone = new.post(f"{store.base}/link", data={"do": "leave"}, timeout=60)
    assert "已退出登录" in gone.text
    assert "已退出登录" in new.post(f"{store.base}/link", data={"do": "leave"}, timeout=60).text, "a second tap"
    wrong = new.post(f"{store.base}/link", data={"do": "ask", "code": "WRNG-0000"}, timeout=60)
    assert (wrong.status_code, "WRNG-0000" in wrong.text) == (404, True)


def test_scanning_the_code_asks_only_after_a_tap(store: RunningStore) -> None:
    old, new = Shopper(store), Shopper(store)
    member_of(store, old)
    url = old.api("POST", "/api/v1/link/codes").json()["url"]
    for _ in range(3):
        assert "Ask my old phone" in new.get(url).text
    assert old.api("GET", "/api/v1/link/asks").json() == []
    asked = ask(new, url)
    assert asked.status_code == 202
    assert ask(new, url).json() == asked.json(), "a second tap"
    assert ask(Shopper(store), url).json()["code"] == "code_unknown", "nobody else's"
    assert len(old.api("GET", "/api/v1/link/asks").json()) == 1


def test_new_codes_log_the_other_phones_out(store: RunningStore) -> None:
    """A phone that stayed logged in would make a good code at once."""
    first, second = Shopper(store), Shopper(store)
    member_of(store, first)
    join(first, second)
    name = first.get(f"{store.base}/wallet/code").text.split('"pass": "')[1].split('"')[0]
    assert second.post(f"{store.base}/wallet/code", timeout=60).ok
    old = {"text": store.gateway.lookup.passes.code(name, _now())}
    assert second.api("POST", "/api/v1/codes/read", old).json()["readings"][0]["refused"] == "code_unknown"
    assert '"pass"' not in first.get(f"{store.base}/wallet/code").text
    assert first.unlock("cart-03").status_code == 401


def _now() -> int:
    import time

    return time.time_ns() // 1_000_000


# Staff


@pytest.fixture
def kept(store: RunningStore) -> tuple[Shopper, str]:
    """An old phone whose parcel lies in the bank, and the six digits of its slip."""
    old = Shopper(store)
    member_of(store, old)
    opening, _ = keep(store, old)
    return old, store.gateway.lookup.codes.digits(parcel_of(store, opening)["seed"])


def confirm(li: Colleague, code: str, evidence: str, proof: str) -> Any:
    return li.does("confirm_member", "member", code=code, evidence=evidence, proof=proof)


def test_staff_confirm_by_a_slip_and_nothing_of_before_opens(
    store: RunningStore, li: Colleague, kept: tuple[Shopper, str]
) -> None:
    old, digits = kept
    new = Shopper(store)
    member_of(store, new)
    before = parcels(old)
    assert confirm(li, offer(new), "parcel_slip", "000001").status_code == 403
    assert confirm(li, offer(new), "hearsay", digits).status_code == 400
    assert confirm(li, offer(new), "parcel_slip", digits).ok
    assert parcels(new) == [], "never what was put in before"
    take = {"parcel": before[0], "request": str(uuid.uuid4())}
    assert new.api("POST", "/api/v1/lockers/collect", take).json()["code"] == "parcel_unknown"
    later = deposit(store, old)["parcel"]
    assert parcels(new) == [later], "what is put in from now on is both phones'"
    assert "Staff just logged another phone in" in old.get(f"{store.base}/wallet").text
    assert "Staff just logged another phone in" not in new.get(f"{store.base}/wallet").text
    assert len(new.api("GET", "/api/v1/sessions").json()) == 1, "it does not decide about the others for a day"
    assert new.api("DELETE", "/api/v1/sessions").status_code == 204
    assert len(old.api("GET", "/api/v1/sessions").json()) == 1


def test_staff_confirm_by_the_card_of_the_old_system(store: RunningStore, li: Colleague) -> None:
    """What was imported with the card is the new phone's from then on; another card opens nobody."""
    card, vault = uuid.uuid4().hex[:12], store.gateway.parts.vault
    person = Newcomer(vault.seal(f"+86{new_phone()}"), card=vault.card_index(card), points=120)
    store.do(store.gateway.decide(import_members, people=[person], source="old.csv", proof_ms=0))
    new = Shopper(store)
    member = member_of(store, new)
    assert confirm(li, offer(new), "member_card", card[::-1]).status_code == 403
    assert confirm(li, offer(new), "member_card", f" {card} ").ok
    kin = store.gateway.reads.all("SELECT other FROM kin WHERE member=? AND other<>member", member)
    assert [each["other"] for each in kin] == [person.phone.member]


def test_what_staff_confirmed_is_taken_back(
    store: RunningStore, li: Colleague, wang: Colleague, kept: tuple[Shopper, str]
) -> None:
    old, digits = kept
    new = Shopper(store)
    member_of(store, new)
    assert confirm(li, offer(new), "parcel_slip", digits).ok
    later = deposit(store, new)["parcel"]
    link = store.gateway.reads.one("SELECT link FROM links WHERE parted_ms IS NULL AND how='staff' ORDER BY at_ms DESC")
    assert new.api("DELETE", f"/api/v1/links/{link['link']}").json()["code"] == "not_found"
    assert li.does("take_back_member", link["link"]).status_code == 403
    page = old.get(f"{store.base}/link").text
    assert "with a parcel slip" in page
    assert "Undone" in old.post(f"{store.base}/link", data={"do": "take_back", "name": link["link"]}, timeout=60).text
    assert later not in parcels(old)
    assert parcels(new) == [later]
    assert "Staff just logged" not in old.get(f"{store.base}/wallet").text
    third = Shopper(store)
    member_of(store, third)
    assert confirm(li, offer(third), "old_phone", offer(old)).ok
    link = store.gateway.reads.one("SELECT link FROM links WHERE parted_ms IS NULL AND how='staff' ORDER BY at_ms DESC")
    assert wang.does("take_back_member", link["link"]).ok
    assert store.gateway.reads.one("SELECT parted_ms FROM links WHERE link=?", link["link"])["parted_ms"]


def test_what_staff_may_not_confirm_uses_no_code_up(store: RunningStore, li: Colleague) -> None:
    old, gone, new = Shopper(store), Shopper(store), Shopper(store)
    for phone in (old, gone, new):
        member_of(store, phone)
    proof, code = offer(old), offer(gone)
    assert gone.api("DELETE", "/api/v1/session").ok
    assert confirm(li, code, "old_phone", proof).status_code == 401
    assert confirm(li, proof, "old_phone", proof).status_code == 403, "its own code says nothing of a phone"
    assert confirm(li, offer(new), "old_phone", proof).ok
    assert confirm(li, offer(new), "old_phone", proof).status_code == 403, "it was good once"


def test_staff_cannot_guess_a_slip_s_digits(
    store: RunningStore, li: Colleague, wang: Colleague, kept: tuple[Shopper, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = BoundsSettings(confirming=ActBounds(address=Bound(burst=2, per_minute=0.01)))
    monkeypatch.setattr(store.gateway.people.bounds, "_sides", Bounds(few)._sides)
    _, digits = kept
    new = Shopper(store)
    member_of(store, new)
    assert confirm(li, offer(new), "hearsay", digits).status_code == 400
    for wrong in ("000001", "000002"):
        assert confirm(li, offer(new), "parcel_slip", wrong).status_code == 403
    for tried in ("000003", digits):
        refused = confirm(li, offer(new), "parcel_slip", tried)
        assert (refused.status_code, "Too many wrong codes. Please try again in" in refused.text) == (429, True)
    assert confirm(wang, offer(new), "parcel_slip", digits).ok, "nobody else is held up"


def test_the_code_of_a_lost_phone_dies_with_its_session(store: RunningStore, li: Colleague) -> None:
    lost, other, thief = Shopper(store), Shopper(store), Shopper(store)
    for phone in (lost, other, thief):
        member_of(store, phone)
    join(lost, other)
    proof = offer(lost)
    (session,) = (each for each in other.api("GET", "/api/v1/sessions").json() if not each["here"])
    assert other.api("DELETE", f"/api/v1/sessions/{session['session']}").ok
    assert confirm(li, offer(thief), "old_phone", proof).status_code == 403


# The number


def text_of(store: RunningStore, phone: str) -> str:
    sent: Any = store.gateway.people.phone_verification.sender
    return str(next(code for _, number, code in reversed(sent.sent) if number == f"+86{phone}"))


def prove(store: RunningStore, shopper: Shopper, phone: str) -> Any:
    assert shopper.api("POST", "/api/v1/number/code").status_code == 202
    return shopper.api("POST", "/api/v1/number/proof", {"code": text_of(store, phone)})


def test_a_number_that_both_proved_is_one_person(store: RunningStore) -> None:
    phone = new_phone()
    old, new, thief = Shopper(store), Shopper(store), Shopper(store)
    for shopper in (old, new, thief):
        member_of(store, shopper, phone)
    parcel = deposit(store, old)["parcel"]
    assert prove(store, old, phone).json() == {"joined": False}
    assert prove(store, new, phone).json() == {"joined": True}
    assert parcels(new) == [parcel]
    assert parcels(thief) == [], "who only typed it stays outside"
    assert "logged in with your number" in old.get(f"{store.base}/wallet").text
    assert [each["proven_ms"] is not None for each in new.api("GET", "/api/v1/sessions").json()] == [True, True]


def test_a_code_costs_its_guesses(store: RunningStore) -> None:
    phone = new_phone()
    shopper = Shopper(store)
    member_of(store, shopper, phone)
    assert shopper.api("POST", "/api/v1/number/proof", {"code": "123456"}).json()["code"] == "code_expired"
    assert shopper.api("POST", "/api/v1/number/code").status_code == 202
    right = text_of(store, phone)
    wrong = "000000" if right != "000000" else "111111"
    said = [shopper.api("POST", "/api/v1/number/proof", {"code": wrong}).json()["code"] for _ in range(5)]
    assert said == ["proof_wrong"] * 5
    assert shopper.api("POST", "/api/v1/number/proof", {"code": right}).json()["code"] == "code_expired"
    codes = [shopper.api("POST", "/api/v1/number/code").status_code for _ in range(4)]
    assert codes[-1] == 429
    page = shopper.post(f"{store.base}/link", data={"do": "prove", "code": right}, timeout=60)
    assert (page.status_code, "That code is not right" in page.text) == (403, True), "it was another's before"


async def test_an_address_may_guess_so_often_whatever_numbers_it_has() -> None:
    """What is right, and a code that has ended, cost nothing."""

    async def decide(*_: Any, **__: Any) -> bool:
        return False

    sms = SimulatedSms()
    bounds = Bounds(BoundsSettings(confirming=ActBounds(address=Bound(burst=3, per_minute=1))), lambda: 0.0)
    sessions = SimpleNamespace(proof_ms=0)
    web: Any = SimpleNamespace(
        bounds=bounds, phone_verification=PhoneVerification(sms), decide=decide, sessions=sessions,
        browser=lambda _: None, caller=lambda request: request.phone,
    )  # fmt: skip

    async def sent(phone: str, beside: int = 0) -> str:
        await web.phone_verification.send(Caller(phone, phone, Proof.DEVICE, phone), phone, "+8613800138000")
        return f"{(int(sms.sent[-1][2]) + beside) % 10**6:06d}"

    async def said(phone: str, code: str, address: str = "10.0.0.1") -> str:
        caller = Caller(phone, phone, Proof.DEVICE, phone)
        request: Any = SimpleNamespace(phone=caller, scope={"client": (address, 1)})
        try:
            return str(await phones.prove(web, request, code))
        except Refusal as refusal:
            return refusal.code

    assert [await said(f"right-{n}", await sent(f"right-{n}")) for n in range(4)] == ["False"] * 4
    assert [await said("nobody", "123456") for _ in range(4)] == ["code_expired"] * 4
    wrong = [await said(f"wrong-{n}", await sent(f"wrong-{n}", 1)) for n in range(5)]
    assert wrong == ["proof_wrong"] * 3 + ["too_many_guesses"] * 2
    assert await said("elsewhere", await sent("elsewhere", 1), "10.0.0.2") == "proof_wrong"


def test_a_code_ends_by_whichever_clock_is_first(store: RunningStore) -> None:
    now = [BothClocks(0, 1000)]
    linking = Linking(b"k" * 32, lambda: now[0])
    caller = store.gateway.people.sessions.caller("nobody")
    assert caller is None
    for later in (BothClocks(61, 1000), BothClocks(1, 1061)):
        now[0] = BothClocks(0, 1000)
        code, seconds = linking.offer(by("anna"))
        assert (len(code), seconds) == (8, 60)
        now[0] = later
        with pytest.raises(Exception, match="code_expired"):
            linking.ask(code, browser_of("ben"))


@pytest.mark.parametrize("written", [wide, "{}。".format, "\u200b{}".format, "https://s.example/link/{}/".format])
def test_a_code_of_a_phone_is_read_as_people_write_it(written: Callable[[str], str]) -> None:
    linking = Linking(b"key")
    caller = Caller("m1", "b1", Proof.DEVICE, "s1")
    code, _ = linking.offer(caller)
    assert linking.whose(written(spelled(code))) == caller


@pytest.mark.parametrize("written", [wide, "{}。".format, lambda code: f"{code[:3]}-{code[3:]}"])
async def test_a_code_by_sms_is_read_as_people_write_it(written: Callable[[str], str]) -> None:
    sms = SimulatedSms()
    proving, caller = PhoneVerification(sms), Caller("m1", "b1", Proof.DEVICE, "s1")
    await proving.send(caller, "index", "+8613800138000")
    with proving.check(caller, written(sms.sent[-1][2])) as index:
        assert index == "index"


def test_a_script_s_questions_push_out_nobody_s() -> None:
    linking = Linking(b"key")
    anna, script = by("anna"), by("script")
    asked = linking.ask(linking.offer(anna)[0], browser_of("ben"))
    for _ in range(MAX_KNOWN + 1):
        linking.ask(linking.offer(script)[0], browser_of("another"))
    assert linking.asked_of(anna) == [asked]
    digits = [each.digits for each in linking.asked_of(script)]
    assert len(set(digits)) == len(digits), "people tell by them which phone asks"
    assert len(linking.asked_of(script)) == MAX_PERSONS
    with pytest.raises(Refusal) as refused:
        linking.ask(linking.offer(anna)[0], msgspec.structs.replace(browser_of("anna"), caller=anna))
    said = Problem.of(refused.value).sentence(Texts.load(["en"]), "en")
    assert said == "That is this phone's own code. Please enter the one that your other phone shows."
