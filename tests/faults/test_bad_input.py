"""What a store must not fall for, asked of the real gateway over HTTP by many at once; each answer in both languages.

What one shopper alone can do wrong has its tests in `tests/web`.
"""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.domain.touchpoints.codes import Codes
from edge.secrets.vault import Vault
from tests.faults.floor import HOLD, lines
from tests.faults.house import CARTS, PLENTY, House, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


LANGUAGES = ("zh-CN", "en")
CROWD = 8


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("bad-input") / "house", ttl_ms=60_000) as opened:
        until(opened.open, what=opened.last_words)
        yield opened


@pytest.fixture(scope="module")
def codes(house: House) -> Codes:
    """The codes of a store with the same key: what its stickers and screens show, now and in the past."""
    vault = Vault.open(house.data / "secrets" / "store.key")
    return Codes(vault.derive("codes"), "s001", lambda _: None)


def number() -> str:
    return f"139{uuid.uuid4().int % 10**8:08d}"


def post(
    house: House, path: str, body: dict[str, Any], phone: requests.Session | None = None, language: str = "en"
) -> requests.Response:
    whole = {"request": str(uuid.uuid4()), **body}
    return (phone or requests).post(house.base + path, json=whole, headers={"Accept-Language": language}, timeout=60)


def registering(house: House, **more: Any) -> dict[str, Any]:
    return {"code": house.code("poster-door"), "phone": number(), "consents": {"service": True}, **more}


def member(house: House) -> requests.Session:
    phone = requests.Session()
    assert post(house, "/api/v1/members", registering(house), phone).status_code == 201
    return phone


def at_once(*calls: Callable[[], requests.Response]) -> list[requests.Response]:
    """All calls in the same moment, as near as a machine comes to it."""
    gate = threading.Barrier(len(calls))

    def call(one: Callable[[], requests.Response]) -> requests.Response:
        gate.wait(60)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def refused(house: House, path: str, body: dict[str, Any], status: int, code: str, **how: Any) -> dict[str, str]:
    """Refused in every language with the same status and code, and a sentence of that language; none is recorded."""
    before = house.rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
    said = {}
    for language in LANGUAGES:
        answer = post(house, path, body, language=language, **how)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        said[language] = answer.json()["detail"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in said["zh-CN"])
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in said["en"])
    asked = "SELECT type FROM entries WHERE sequence > ? AND (type LIKE 'member.%' OR type LIKE '%granted%')"
    assert house.rows(asked, before) == []
    return said


def spoiled(code: str) -> str:
    """The same code with one sign changed in what is signed for."""
    place = len(code) - 3
    return code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]


@pytest.mark.parametrize("what", ["unlock", "claim", "register"])
@pytest.mark.parametrize(
    ("how", "status", "code"), [("unknown", 404, "code_unknown"), ("tampered", 403, "code_tampered")]
)
def test_a_code_that_is_not_ours(house: House, what: str, how: str, status: int, code: str) -> None:
    genuine = house.code({"unlock": "cart-01", "claim": "shelf", "register": "poster-door"}[what])
    bad = spoiled(genuine) if how == "tampered" else "0nothing-of-ours"
    phone = None if what == "register" else member(house)
    bodies = {
        "unlock": ("/api/v1/carts/unlock", {"code": bad}),
        "claim": ("/api/v1/coupons/claim", {"code": bad, "coupon": PLENTY}),
        "register": ("/api/v1/members", registering(house, code=bad)),
    }
    refused(house, *bodies[what], status, code, phone=phone)


def test_a_screens_code_of_yesterday(house: House, codes: Codes) -> None:
    old = codes.rotating("shelf", PLENTY, int(time.time() * 1000) - 86_400_000)
    said = refused(house, "/api/v1/coupons/claim", {"code": old}, 410, "code_expired", phone=member(house))
    assert "expired" in said["en"]
    refused(house, "/api/v1/members", registering(house, code=old), 410, "code_expired")


def test_no_consent(house: House) -> None:
    said = refused(
        house, "/api/v1/members", registering(house, consents={"service": False, "marketing": True}), 422,
        "consent_missing",
    )  # fmt: skip
    assert "consent" in said["en"]
    assert "同意" in said["zh-CN"]


def test_one_number_in_five_spellings_at_once_is_five_browsers(house: House) -> None:
    digits = number()
    spellings = [
        digits,
        f"{digits[:3]} {digits[3:7]} {digits[7:]}",
        f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
        f"+86 {digits}",
        f"0086{digits}".translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}),
    ]
    body = registering(house)
    answers = at_once(
        *(lambda phone=each: post(house, "/api/v1/members", {**body, "phone": phone}) for each in spellings)  # type: ignore[misc]
    )
    assert {answer.status_code for answer in answers} == {201}, "known or not, the answer is the same"
    people = {answer.json()["member"] for answer in answers}
    assert len(people) == 5, "a typed number is nobody's"
    marks = ",".join(f"'{member}'" for member in people)
    assert len(house.rows(f"SELECT DISTINCT number FROM person_numbers WHERE subject IN ({marks})")) == 1
    assert digits not in str(house.rows("SELECT body FROM entries"))


def test_the_same_registration_sent_many_times_at_once(house: House) -> None:
    body = {**registering(house), "request": str(uuid.uuid4())}
    answers = at_once(*[lambda: post(house, "/api/v1/members", body)] * CROWD)
    assert {answer.status_code for answer in answers} == {201}
    (only,) = {answer.json()["member"] for answer in answers}
    facts = house.rows("SELECT type FROM entries WHERE CAST(body AS TEXT) LIKE ?", f"%{body['request']}%")
    assert [fact["type"] for fact in facts].count("member.registered.v1") == 1, only


def test_the_same_claim_sent_many_times_at_once(house: House) -> None:
    phone = member(house)
    body = {"code": house.code("shelf"), "coupon": PLENTY, "request": str(uuid.uuid4())}
    answers = at_once(*[lambda: post(house, "/api/v1/coupons/claim", body, phone)] * CROWD)
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["already"] for answer in answers) == [False] + [True] * (CROWD - 1)
    assert len(house.rows("SELECT 1 FROM entries WHERE CAST(body AS TEXT) LIKE ?", f"%{body['request']}%")) == 1


def test_many_shoppers_scan_one_cart_in_the_same_moment(house: House) -> None:
    phones = [member(house) for _ in range(CROWD)]
    free = until(lambda: [row["cart"] for row in house.rows("SELECT cart FROM carts WHERE state='docked'")])[0]
    (house.floor / HOLD).touch()  # who comes late on a busy machine finds it out, and not back again
    body, moved = {"code": house.code(free)}, len(actuations(house, free))
    answers = at_once(
        *(
            lambda phone=each, language=LANGUAGES[place % 2]: post(  # type: ignore[misc]
                house, "/api/v1/carts/unlock", body, phone, language
            )
            for place, each in enumerate(phones)
        )
    )
    losers = [answer for answer in answers if answer.status_code == 409]
    assert len(losers) == CROWD - 1, [answer.text for answer in answers]
    assert {answer.json()["code"] for answer in losers} <= {"cart_busy", "cart_out"}
    (winner,) = (answer for answer in answers if answer not in losers)
    assert winner.status_code == 200
    assert len(actuations(house, free)) == moved + 1
    (house.floor / HOLD).unlink()


def test_a_request_id_of_somebody_else(house: House) -> None:
    request = str(uuid.uuid4())
    first = post(house, "/api/v1/carts/unlock", {"code": house.code("cart-09"), "request": request}, member(house))
    assert first.status_code == 200
    before = len(actuations(house, "cart-09"))
    refused(
        house, "/api/v1/carts/unlock", {"code": house.code("cart-09"), "request": request}, 400, "bad_request",
        phone=member(house),
    )  # fmt: skip
    assert len(actuations(house, "cart-09")) == before


def actuations(house: House, cart: str) -> list[dict[str, Any]]:
    assert cart in CARTS
    return [line for line in lines(house.ground(cart)) if line["what"] == "actuated"]
