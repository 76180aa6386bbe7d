"""A bank of lockers by plain forms and by the API, on simulated doors."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.lockers.facts import ParcelBegun, ParcelMoved, ParcelReminderDue
from edge.journal import id_text
from edge.web.views import parcels as parcel_views
from tests.callers import stands_alone
from tests.keyboards import wide
from tests.web.running import RunningStore, Shopper, wait
from words.languages import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

BANK = "locker-a"


@pytest.fixture(autouse=True)
def _tidy(store: RunningStore) -> Iterator[None]:
    """Every door closed, empty and nobody's again: the store is one for all tests."""
    yield
    store.act(BANK, "fix")
    wait(lambda: settled(store))
    for row in rows(store, "SELECT * FROM doors WHERE bank=? AND (shut='open' OR occupied)", BANK):
        store.act(BANK, f"empty-{row['door']}")
        store.act(BANK, f"close-{row['door']}")
    wait(lambda: all(row["shut"] == "closed" for row in rows(store, "SELECT shut FROM doors WHERE bank=?", BANK)))

    def clear(tx: Any) -> None:
        from edge.domain.lockers.facts import ParcelMoved

        for row in tx.all("SELECT * FROM parcels WHERE state NOT IN ('cancelled', 'collected', 'cleared')"):
            who = {name: row[name] for name in ("parcel", "bank", "door", "member")}
            tx.emit(ParcelMoved(**who, event="closed", state="cleared"))

    store.do(store.gateway.decide(clear))


def settled(store: RunningStore) -> bool:
    """Whether each door that was told to open stands open, and the store knows of it: a door springs open a little
    after its bank has answered.
    """
    bank = store._host.agents[BANK]._driver
    if any(when - time.monotonic() < 1 for when, *_ in list(bank._world._due)):
        return False
    told = {row["door"]: row["shut"] for row in rows(store, "SELECT door, shut FROM doors WHERE bank=?", BANK)}
    open_ = rows(store, "SELECT 1 FROM openings WHERE bank=? AND state='granted'", BANK)
    return not open_ and told == {name: door.door for name, door in bank.state().doors.items()}


def rows(store: RunningStore, sql: str, *params: Any) -> list[Any]:
    return store.gateway.reads.all(sql, *params)


def parcel(store: RunningStore, opening: str) -> Any:
    found = rows(store, "SELECT p.* FROM openings o JOIN parcels p ON p.parcel=o.parcel WHERE o.grant_id=?", opening)
    return found[0]


def opening_of(answer: requests.Response) -> str:
    found = re.search(r"opening=([0-9a-f-]+)", answer.url)
    assert found, answer.text
    return found[1]


def keep(store: RunningStore, member: Shopper, **form: str) -> tuple[str, str]:
    """A parcel of this member behind its door: its opening, and the door."""
    answer = member.fill(store.code(BANK), do="deposit", **{"size": "S", **form})
    opening = opening_of(answer)
    door = parcel(store, opening)["door"]
    wait(lambda: parcel(store, opening)["state"] == "filling")
    store.use_door(BANK, door, "fill")
    wait(lambda: parcel(store, opening)["state"] == "kept")
    return opening, door


def test_deposit_and_collect_by_forms(store: RunningStore, member: Shopper) -> None:
    opening, door = keep(store, member)
    page = member.scan(store.code(BANK)).text
    digits = store.gateway.lookup.codes.digits(parcel(store, opening)["seed"])
    assert f"{digits[:3]}<i> </i>{digits[3:]}" in page
    assert f"Collect · open locker {door}" in page
    assert "Open again to add more" in page
    was = member.get(f"{store.base}/t/{store.code(BANK)}?opening={opening}").text
    out = opening_of(member.fill(store.code(BANK), do="take", parcel=parcel(store, opening)["parcel"]))
    wait(lambda: parcel(store, opening)["state"] == "taking")
    store.use_door(BANK, door, "empty")
    wait(lambda: parcel(store, opening)["state"] == "emptied")
    page = member.get(f"{store.base}/t/{store.code(BANK)}?opening={out}").text
    assert "Collected. Thank you" in page
    assert "Open it once more" in page
    kept = f"Stored in locker {door}"
    assert kept in was
    assert kept not in member.get(f"{store.base}/t/{store.code(BANK)}?opening={opening}").text, "it was collected"


def test_a_parcel_in_a_bank_that_the_store_has_no_more_closes_none_of_its_owner_s_pages(
    store: RunningStore, member: Shopper
) -> None:
    """Settings were changed by hand while it lay there."""
    opening, _ = keep(store, member)
    owner = parcel(store, opening)["member"]

    def elsewhere(tx: Any) -> None:
        begun = ParcelBegun(bank="locker-gone", door="07", size="S", member=owner, seed=f"gone-{uuid.uuid4()}")
        named = {"parcel": id_text(tx.emit(begun)), "bank": "locker-gone", "door": "07", "member": owner}
        due_ms = tx.now + 3_600_000
        tx.emit(ParcelMoved(**named, event="closed", state="kept", due_ms=due_ms))
        tx.emit(ParcelReminderDue(**named, number=1, due_ms=due_ms))

    store.do(store.gateway.decide(elsewhere))
    for path in (f"/t/{store.code(BANK)}", "/", "/wallet", "/offline", "/me/reminders"):
        answer = member.get(f"{store.base}{path}", headers={"Accept-Language": "en"})
        assert answer.status_code == 200, path
        assert "locker-gone" in answer.text, path


def test_whoever_uses_the_browser_next_sees_no_door_of_the_one_before(store: RunningStore, member: Shopper) -> None:
    door = parcel(store, opening_of(member.fill(store.code(BANK), do="deposit", size="S")))["door"]
    ours = f"Locker {door}"
    assert ours in member.get(f"{store.base}/help").text
    member.post(f"{store.base}/me/leave", data={"where": "here"}, timeout=60)
    assert ours not in member.get(f"{store.base}/help").text


def test_the_page_refreshes_itself_without_a_script_until_the_door_is_closed(
    store: RunningStore, member: Shopper
) -> None:
    moving = member.fill(store.code(BANK), do="deposit", size="S")
    assert '<noscript><meta http-equiv="refresh"' in moving.text
    door = parcel(store, opening_of(moving))["door"]
    wait(lambda: parcel(store, opening_of(moving))["state"] == "filling")
    assert f"Locker {door} is open. Put your things in" in member.get(moving.url).text
    store.use_door(BANK, door, "fill")
    wait(lambda: parcel(store, opening_of(moving))["state"] == "kept")
    assert "refresh" not in member.get(moving.url).text


def test_six_digits_open_for_a_stranger(store: RunningStore, member: Shopper) -> None:
    opening, door = keep(store, member)
    stranger = Shopper(store)
    page = stranger.scan(store.code(BANK)).text
    assert 'name="digits"' in page
    assert 'name="phone"' in page
    assert 'name="size"' not in page
    refused = stranger.fill(store.code(BANK), do="digits", digits="12 34")
    assert refused.status_code == 403
    assert "not a pickup code" in refused.text
    digits = store.gateway.lookup.codes.digits(parcel(store, opening)["seed"])
    as_typed = wide(digits)
    out = stranger.fill(store.code(BANK), do="digits", digits=f"{as_typed[:3]}－{as_typed[3:]}。")
    assert opening_of(out)
    wait(lambda: parcel(store, opening)["state"] == "taking")
    assert f"Locker {door} is open" in stranger.get(out.url).text
    assert not stands_alone(digits, stranger.get(out.url).text)


def test_a_parcel_s_own_qr_opens_its_door(store: RunningStore, member: Shopper) -> None:
    opening, door = keep(store, member)
    code = store.gateway.lookup.codes.collect(BANK, parcel(store, opening)["seed"])
    assert member.get(f"{store.base}/qr/{code}.svg").ok
    stranger = Shopper(store)
    page = stranger.scan(code)
    assert f"Something for you in locker {door}" in page.text
    assert 'name="phone"' not in page.text
    assert opening_of(stranger.fill(code, do="code"))
    wait(lambda: parcel(store, opening)["state"] == "taking")
    tampered = code[:-1] + ("a" if code[-1] != "a" else "b")
    assert stranger.scan(tampered).status_code == 403


def test_a_shared_code_and_its_end(store: RunningStore, member: Shopper) -> None:
    opening, _ = keep(store, member)
    name = parcel(store, opening)["parcel"]
    page = member.fill(store.code(BANK), do="share", parcel=name).text
    shared = rows(store, "SELECT seed FROM parcel_codes WHERE parcel=? AND shared", name)[0]["seed"]
    assert store.gateway.lookup.codes.digits(shared)[3:] in page
    member.fill(store.code(BANK), do="unshare", parcel=name)
    code = store.gateway.lookup.codes.collect(BANK, shared)
    assert "collected already" in Shopper(store).scan(code).text
    assert Shopper(store).fill(code, do="code").status_code == 404


def test_the_page_of_a_late_parcel_s_code_tells_the_fee_and_how_it_is_paid(
    store: RunningStore, member: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, door = keep(store, member)
    code = store.gateway.lookup.codes.collect(BANK, parcel(store, opening)["seed"])
    assert "Fee so far" not in Shopper(store).scan(code).text
    monkeypatch.setattr(parcel_views, "fee", lambda *_: 400)  # what a day later would be due
    page = Shopper(store).scan(code).text
    assert "Fee so far: ¥4.00." in page
    assert f"at the till, where you say locker {door}" in page
    from_before = Shopper(store).fill(code, do="code")
    assert "Fee so far: ¥4.00." in from_before.text
    assert 'name="fee" value="400"' in from_before.text
    assert opening_of(Shopper(store).fill(code, do="code", fee="400"))


def test_a_page_from_before_the_fee_tells_it_before_the_door_opens(
    store: RunningStore, member: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, _ = keep(store, member)
    name = parcel(store, opening)["parcel"]
    monkeypatch.setattr(parcel_views, "fee", lambda *_: 400)  # what a day later would be due
    before = len(rows(store, "SELECT 1 FROM openings"))
    told = member.fill(store.code(BANK), do="take", parcel=name)
    assert "Fee so far: ¥4.00." in told.text
    assert told.text.count('name="fee" value="400"') == 1
    assert len(rows(store, "SELECT 1 FROM openings")) == before
    assert opening_of(member.fill(store.code(BANK), do="take", parcel=name, fee="400"))


def test_a_late_fee_is_told_by_the_api_however_a_parcel_is_collected(
    store: RunningStore, member: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, _ = keep(store, member)
    row = parcel(store, opening)
    code = store.gateway.lookup.codes.collect(BANK, row["seed"])
    monkeypatch.setattr(parcel_views, "fee", lambda *_: 400)  # what a day later would be due
    before = len(rows(store, "SELECT 1 FROM openings"))
    for asked in ({"parcel": row["parcel"]}, {"code": code}, {"code": code, "agreed": 399}):
        told = member.api("POST", "/api/v1/lockers/collect", {**asked, "request": str(uuid.uuid4())})
        assert (told.status_code, told.json()["asks"]) == (200, 400)
    assert len(rows(store, "SELECT 1 FROM openings")) == before
    agreed = {"code": code, "agreed": 400, "request": str(uuid.uuid4())}
    assert member.api("POST", "/api/v1/lockers/collect", agreed).status_code == 202


def test_a_jammed_door_says_so_and_the_next_try_gets_another(store: RunningStore, member: Shopper) -> None:
    store.act(BANK, "jam-01")
    first = member.fill(store.code(BANK), do="deposit", size="S")
    wait(lambda: parcel(store, opening_of(first))["state"] == "cancelled")
    page = member.get(first.url).text
    assert "Locker 01 did not open, it is stuck." in page
    assert "you get another locker" in page
    second = member.fill(store.code(BANK), do="deposit", size="S")
    assert parcel(store, opening_of(second))["door"] == "02"


def test_closed_with_nothing_inside_asks(store: RunningStore, member: Shopper) -> None:
    answer = member.fill(store.code(BANK), do="deposit", size="M", low="yes")
    row = parcel(store, opening_of(answer))
    assert row["door"] == "09", "a low door, because it was asked for"
    wait(lambda: rows(store, "SELECT shut FROM doors WHERE bank=? AND door='09'", BANK)[0]["shut"] == "open")
    store.act(BANK, "close-09")
    wait(lambda: parcel(store, opening_of(answer))["state"] == "unsure")
    assert "Did you put something in?" in member.get(answer.url).text
    member.fill(store.code(BANK), do="empty", parcel=row["parcel"])
    assert parcel(store, opening_of(answer))["state"] == "cancelled"


@pytest.mark.parametrize("language", known())
def test_the_page_is_light(store: RunningStore, language: str) -> None:
    member = Shopper(store, language)
    member.register(store.code(BANK))
    for _ in range(3):
        keep(store, member)
    page = member.scan(store.code(BANK))
    assert len(page.content) < 26 * 1024
    assert int(page.headers["content-length"]) < 9 * 1024, "what goes over the air, packed"


def test_nobody_sees_or_opens_another_s_parcel(store: RunningStore, member: Shopper) -> None:
    opening, door = keep(store, member)
    other = Shopper(store)
    other.register(store.code(BANK))
    page = other.scan(store.code(BANK)).text
    assert f"open locker {door}" not in page
    for do in ("take", "again", "share", "inside"):
        answer = other.fill(store.code(BANK), do=do, parcel=parcel(store, opening)["parcel"])
        assert answer.status_code == 404, do
    assert parcel(store, opening)["state"] == "kept"


def test_a_page_of_another_purpose_opens_no_door(store: RunningStore, member: Shopper) -> None:
    assert member.fill(store.code("poster-door"), do="deposit", size="S").status_code == 409
    assert member.fill(store.code(BANK), do="code").status_code == 404
    assert member.fill(store.code(BANK), do="deposit", size="Q").status_code == 400


def test_the_api_from_deposit_to_collection(store: RunningStore, member: Shopper) -> None:
    body = {"code": store.code(BANK), "size": "L", "request": str(uuid.uuid4())}
    asked = member.api("POST", "/api/v1/lockers/deposit", body)
    assert asked.status_code == 202
    where = asked.headers["Location"]
    assert asked.json()["stage"] in ("asked", "sent", "open")
    assert member.api("POST", "/api/v1/lockers/deposit", body).json()["opening"] == asked.json()["opening"]
    door = asked.json()["door"]
    wait(lambda: member.api("GET", where).json()["stage"] == "open")
    store.use_door(BANK, door, "fill")
    wait(lambda: member.api("GET", where).json()["done"])
    mine = member.api("GET", "/api/v1/lockers/parcels").json()
    assert [each["door"] for each in mine] == [door]
    banks = {bank["id"]: bank for bank in member.api("GET", "/api/v1/lockers").json()}
    states = {each["name"]: each["state"] for each in banks[BANK]["doors"]}
    assert (states[door], states["01"]) == ("used", "free")
    board = member.api("GET", "/api/v1/store").json()
    assert next(each for each in board["devices"] if each["id"] == BANK)["doors"][door] == "used"
    stranger = Shopper(store)
    stranger.scan(store.code(BANK))
    shared = member.api("POST", f"/api/v1/lockers/parcels/{mine[0]['id']}/share", {"request": str(uuid.uuid4())}).json()
    taken = stranger.api(
        "POST",
        "/api/v1/lockers/collect",
        {"code": store.code(BANK), "digits": shared["digits"], "request": str(uuid.uuid4())},
    )
    assert taken.status_code == 202
    wait(lambda: stranger.api("GET", taken.headers["Location"]).json()["stage"] == "open")
    assert stranger.api("GET", "/api/v1/lockers/parcels").status_code == 401
    assert stranger.api("GET", "/api/v1/lockers/openings/nothing").status_code == 404


def test_a_stream_ends_when_the_door_is_closed(store: RunningStore, member: Shopper) -> None:
    body = {"code": store.code(BANK), "size": "S", "request": str(uuid.uuid4())}
    asked = member.api("POST", "/api/v1/lockers/deposit", body).json()
    wait(
        lambda: rows(store, "SELECT shut FROM doors WHERE bank=? AND door=?", BANK, asked["door"])[0]["shut"] == "open"
    )
    with member.get(
        f"{store.base}/api/v1/lockers/openings/{asked['opening']}/events", stream=True, timeout=60
    ) as lines:
        seen = ""
        for line in lines.iter_lines(decode_unicode=True):
            seen += line
            if '"stage":"open"' in line:
                store.use_door(BANK, asked["door"], "fill")
    assert '"stage":"closed"' in seen


def test_a_cart_blinks_when_it_is_looked_for(store: RunningStore, member: Shopper) -> None:
    page = member.fill(store.code("cart-02"), do="find")
    assert "blinking light" in page.text
    assert rows(store, "SELECT 1 FROM entries WHERE type='cart.find_asked.v1'")
