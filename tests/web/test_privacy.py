"""What a shopper may know, take back and have destroyed: by the pages and by the API."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.baskets.facts import BasketOpened
from edge.domain.games.facts import GamePlayed, GameRevealed
from edge.domain.ledger.facts import PromoterBound
from edge.domain.members import consents
from edge.domain.members.consent_texts import PublishedText
from edge.domain.orders.facts import OrderPaid
from edge.domain.payments.facts import PaymentAsked, PaymentFailed
from edge.journal import Entry, id_text
from edge.web.views.personal_data import details_of, without_others
from tests.journal.test_other_builds import UNREADABLE
from tests.web.running import Shopper, new_phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.journal import Tx
    from tests.web.running import RunningStore


def known(store: RunningStore, phone: str | None = None, language: str = "en", **form: str) -> Shopper:
    shopper = Shopper(store, language)
    assert shopper.register(store.code("poster-door"), phone, **form).ok
    return shopper


def me(shopper: Shopper, path: str, method: str = "GET", **body: object) -> object:
    asked = {"request": str(uuid.uuid4()), **body} if body or method == "POST" else None
    return shopper.api(method, f"/api/v1/me/{path}", asked)


def form(shopper: Shopper, **fields: str) -> object:
    fields.setdefault("request", str(uuid.uuid4()))
    return shopper.post(f"{shopper.store.base}/me/privacy", data=fields, timeout=60)


def newer(store: RunningStore, text: str, version: str) -> None:
    """A later version of a text comes into force."""
    texts = [
        PublishedText(each.text, each.purpose, version if each.text == text else each.version, each.digest)
        for each in store.gateway.people.legal.published()
    ]
    store.do(store.gateway.decide(consents.publish, texts))


@pytest.fixture
def later(store: RunningStore) -> Iterator[RunningStore]:
    """A store where a new version may come into force; the shipped ones hold again afterwards."""
    yield store
    store.do(store.gateway.decide(consents.publish, store.gateway.people.legal.published()))


class TestThePage:
    def test_it_says_what_is_stored_and_hides_most_of_the_number(self, store: RunningStore) -> None:
        shopper = known(store, "13866668000")
        page = shopper.get(f"{store.base}/me/privacy", timeout=60)
        assert page.status_code == 200
        assert "138****8000" in page.text
        assert "13866668000" not in page.text
        assert page.headers["Cache-Control"] == "no-store"

    def test_a_code_s_tag_is_said_for_who_wants_news_and_forgotten_with_that(self, store: RunningStore) -> None:
        curious, quiet = Shopper(store), Shopper(store)
        assert curious.register(store.code("shelf-baby"), marketing="yes").ok
        assert quiet.register(store.code("shelf-baby")).ok
        said = "You are interested in: Mother &amp; baby"
        assert said in curious.get(f"{store.base}/me/privacy", timeout=60).text
        assert said not in quiet.get(f"{store.base}/me/privacy", timeout=60).text
        assert [each["tag"] for each in curious.get(f"{store.base}/me/privacy/data").json()["you"][0]["tags"]] == [
            "baby"
        ]
        assert said not in form(curious, do="withdraw", purpose="marketing").text

    def test_a_stranger_sees_that_there_is_nothing(self, store: RunningStore) -> None:
        page = Shopper(store).get(f"{store.base}/me/privacy", timeout=60)
        assert "There is no data of yours on this phone" in page.text

    @pytest.mark.parametrize("path", ["", "/erase"])
    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_both_pages_in_both_languages(self, store: RunningStore, path: str, language: str) -> None:
        assert known(store, language=language).get(f"{store.base}/me/privacy{path}", timeout=60).status_code == 200

    def test_marketing_is_switched_by_itself(self, store: RunningStore) -> None:
        shopper = known(store, marketing="yes")
        assert "Switched off, at once." in form(shopper, do="withdraw", purpose="marketing").text
        states = {state["purpose"]: state for state in me(shopper, "consents").json()}
        assert (states["marketing"]["given"], states["service"]["given"]) == (False, True)
        assert form(shopper, do="agree", purpose="marketing", version=states["marketing"]["wanted"]).ok
        assert {state["purpose"]: state["current"] for state in me(shopper, "consents").json()}["marketing"]

    def test_withdrawing_the_service_leads_to_the_choice(self, store: RunningStore) -> None:
        shopper = known(store)
        page = form(shopper, do="withdraw", purpose="service")
        assert page.url.endswith("/me/privacy/erase")
        assert "You have stopped using the service" in page.text
        assert "Erase it now, for good" in page.text
        assert shopper.unlock("cart-05").json()["code"] == "consent_missing"

    def test_erasing_ends_the_session(self, store: RunningStore) -> None:
        shopper = known(store)
        page = form(shopper, do="erase")
        assert "Your data has been erased." in page.text
        twice = form(shopper, do="erase")
        assert (twice.status_code, "There is no data of yours on this phone" in twice.text) == (200, True)
        assert "sk_member" not in shopper.cookies
        assert me(shopper, "consents").status_code == 401


class TestANewText:
    def test_it_asks_once_and_goes_on_with_the_same_tap(self, later: RunningStore) -> None:
        shopper = known(later)
        newer(later, "privacy", "2099-01-01")
        code = later.code("cart-04")
        asked = shopper.fill(code, do="unlock")
        assert asked.status_code == 409
        assert 'href="/privacy"' in asked.text
        assert "There is a new version" in asked.text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.text))
        assert fields["do"] == "unlock"
        assert fields["agreed"] == "2099-01-01"
        done = shopper.post(f"{later.base}/t/{code}", data=fields, timeout=60)
        assert "grant=" in done.url
        later.bring_back("cart-04")

    def test_the_api_says_which_version(self, later: RunningStore) -> None:
        shopper = known(later)
        newer(later, "terms", "2099-02-02")
        refused = shopper.unlock("cart-05").json()
        assert (refused["code"], refused["version"]) == ("consent_outdated", "2099-02-02")
        stale = me(shopper, "consents", "POST", purpose="service", given=True, version="2026-11-26")
        assert stale.json()["code"] == "consent_outdated"
        assert me(shopper, "consents", "POST", purpose="service", given=True, version="2099-02-02").ok
        assert {s["purpose"]: s["current"] for s in me(shopper, "consents").json()}["service"]

    def test_a_new_marketing_text_holds_up_nothing(self, later: RunningStore) -> None:
        shopper = known(later, marketing="yes")
        newer(later, "marketing", "2099-03-03")
        claimed = shopper.api(
            "POST", "/api/v1/coupons/claim", {"code": later.shown("diapers-l"), "request": str(uuid.uuid4())}
        ).json()
        assert claimed.get("code") not in ("consent_outdated", "consent_missing")


class TestTheDownload:
    def test_it_is_complete_and_in_words(self, store: RunningStore) -> None:
        shopper = known(store, "13866667777")
        shopper.scan(store.code("shelf-fruit"))
        found = shopper.get(f"{store.base}/me/privacy/data", timeout=60)
        assert "attachment" in found.headers["Content-Disposition"]
        data = json.loads(found.text)
        assert data["you"][0]["number"] == "+8613866667777"
        assert {each["to"] for each in data["agreed_to"]} == {"The service", "Messages with offers"}
        kinds = [each["kind"] for each in data["what_happened"]]
        assert {"member.registered.v1", "consent.given.v1", "session.opened.v1"} <= set(kinds)
        assert all(each["what"] and each["at"] for each in data["what_happened"])
        assert data["phones"]
        named = store.gateway.reads.one(
            "SELECT count(*) FROM entries WHERE instr(CAST(body AS TEXT), ?)", data["you"][0]["id"]
        )[0]
        assert len(kinds) >= named

    @pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
    def test_a_fact_that_nobody_can_read_ends_no_download(self, body: bytes) -> None:
        """One of a later build that named the person, in a form that no JSON has or no reader goes down into."""
        entry = Entry(1, b"", bytes(16), "cart.lent.v1", 0, 0, b"", body, b"")
        assert len(json.dumps(details_of(entry, set(), "?"), allow_nan=False).encode()) < 200

    def test_it_names_nobody_else(self, store: RunningStore) -> None:
        first, second = known(store, "13866660001"), known(store, "13866660002")
        mine = me(first, "data").json()
        other = me(second, "data").json()["you"][0]["id"]
        assert other not in json.dumps(mine)
        assert "13866660002" not in json.dumps(mine)

    def test_it_holds_what_the_tables_keep_when_facts_have_left_the_journal(self, store: RunningStore) -> None:
        shopper = known(store)
        form = {"do": "off", "about": "points", "request": str(uuid.uuid4())}
        assert shopper.post(f"{store.base}/me/reminders", data=form, timeout=60).ok
        data = me(shopper, "data").json()
        assert (data["you"][0]["not_reminded_of"], data["you"][0]["also_known_by"]) == (["points"], [])
        here = {name: data["here_now"][name] for name in ("points", "level", "late_fees")}
        assert (here, data["orders"]) == ({"points": 0, "level": "member", "late_fees": 0}, [])

    def test_payments_games_and_whose_badge_it_was_stay_in_it_when_their_facts_are_gone(
        self, store: RunningStore
    ) -> None:
        shopper = known(store)
        (person,) = me(shopper, "data").json()["you"]
        member, other = person["id"], str(uuid.uuid4())

        def live(tx: Tx) -> None:
            tx.emit(PromoterBound(promoter="li", member=member, touchpoint="badge-li"))
            for basket, amount in ((member, 1280), (other, 90)):
                tx.emit(BasketOpened(basket=basket, member=member))
                asked = PaymentAsked(
                    basket=basket, quote="q", amount=amount, currency="CNY", port="counter", request=basket, until_ms=1
                )
                tx.emit(PaymentFailed(payment=id_text(tx.emit(asked)), basket=basket, reason="declined"))
            tx.emit(
                OrderPaid(
                    basket=other, currency="CNY", total=90, shelf=90, discount=0, lines=(), quote="q", as_of_ms=1,
                    member=member,
                )
            )  # fmt: skip
            for number, who in enumerate((member, other), 1):
                play = {"game": "wheel", "run": 900, "number": number, "day": "2026-11-26"}
                tx.emit(GamePlayed(**play, request=f"{member}-{number}", players=(member, other)))
                tx.emit(GameRevealed(**play, seed="00", ticket=1, seat=0, member=who, prize="", why="nothing", cost=0))

        store.do(store.gateway.decide(live))
        data = me(shopper, "data").json()
        assert data["you"][0]["brought_by"]["promoter"] == "li"
        assert [(each["amount"], each["state"]) for each in data["payments"]] == [(1280, "failed"), (90, "failed")]
        assert [each["game"] for each in data["games"]] == ["wheel"], "the second fell on another"

    def test_whom_one_played_with_is_nobody(self) -> None:
        own, another = str(uuid.uuid4()), str(uuid.uuid4())
        for value, shown in (([own, another], [own, "?"]), (another, "?"), (own, own), ([], [])):
            assert without_others("players", value, {own}, "?") == shown
        assert without_others("values", {"member": another, "n": 1}, {own}, "?") == {"member": "?", "n": 1}
        assert without_others("request", another, {own}, "?") == another

    def test_a_stranger_gets_nothing(self, store: RunningStore) -> None:
        assert Shopper(store).api("GET", "/api/v1/me/data").status_code == 401


class TestTheApi:
    def test_erasing_is_refused_while_something_is_in_the_store_or_waits_for_it(self, store: RunningStore) -> None:
        shopper = known(store)
        body = {"code": store.code("locker-a"), "size": "S", "request": str(uuid.uuid4())}
        opened = shopper.api("POST", "/api/v1/lockers/deposit", body).json()
        refused = me(shopper, "erase", "POST")
        assert (refused.status_code, refused.json()["code"]) == (409, "erase_waits")
        waits = me(shopper, "erase", "POST", wait=True).json()
        assert (waits["erased"], waits["waits_for"][0]["door"]) == (False, opened["door"])
        page = shopper.get(f"{store.base}/me/privacy/erase", timeout=60)
        assert f"door {opened['door']}" in page.text
        assert me(shopper, "erase", "DELETE").status_code == 204
        assert me(shopper, "consents").ok

    def test_a_form_with_an_older_text_is_sent_back(self, store: RunningStore) -> None:
        body = {
            "code": store.code("poster-door"),
            "phone": new_phone(),
            "consents": {"service": True, "version": "2026-11"},
            "request": str(uuid.uuid4()),
        }
        assert Shopper(store).api("POST", "/api/v1/members", body).json()["code"] == "consent_outdated"
