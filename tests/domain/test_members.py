"""A browser is a person of its own, and nothing of the person is in clear."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from edge.domain.callers import Caller, Proof
from edge.domain.members import birthdays, joining, sessions
from edge.domain.members import decisions as members
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import Consents, MemberRecognised
from edge.domain.members.phones import parse_phone
from edge.domain.members.rules import AGAIN_MS, LIFE_MS, UNDO_MS, Browser, Registration
from edge.errors import Refusal
from edge.secrets.vault import Vault, VaultError
from tests.callers import browser_of, by
from tests.domain.conftest import join

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Tx
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock

PHONE = "13800138000"
FIVE_SPELLINGS = ("13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "138 0013 8000", "(+86)138-0013-8000")


async def register(
    store: Journal, vault: Vault, text: str, request: str, browser: Browser | None = None, **consent: bool
) -> Registration:
    return await store.write(
        members.make_member,
        sealed=vault.seal(parse_phone(text)),
        consents=Consents(service=consent.get("service", True), marketing=consent.get("marketing", False)),
        language="zh-CN",
        touchpoint="cart-01",
        request=request,
        browser=browser or Browser(f"b-{request}", f"s-{request}"),
    )


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path / "secrets" / "store.key")


async def test_a_number_that_is_typed_again_is_another_person(store: Journal, vault: Vault) -> None:
    found = [await register(store, vault, text, f"r{n}") for n, text in enumerate(FIVE_SPELLINGS)]
    assert len({registration.member for registration in found}) == len(FIVE_SPELLINGS)
    numbers = store.reads.all("SELECT DISTINCT number FROM person_numbers")
    assert len(numbers) == 1, "five spellings are one number all the same"


@pytest.mark.parametrize(
    "text", ["", "12", "hello", "+86 138", "138001380001380013800", "１２３", "\x00", "+999999999999"]
)
def test_what_is_no_number_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refusal, match="bad_phone"):
        parse_phone(text)


async def test_the_same_request_is_one_person(store: Journal, vault: Vault) -> None:
    phone = Browser("b1", "s1")
    first = await register(store, vault, PHONE, "r1", phone)
    before = store.sequence
    again = await register(store, vault, PHONE, "r1", Browser("b1", "s2"))
    assert first == again, "the first answer may have been lost on its way: it is given again, its session too"
    assert store.sequence == before
    other = await register(store, vault, PHONE, "r1", Browser("b2", "s3"))
    assert other.member != first.member, "another browser that knows the request is somebody else"


async def test_who_keeps_no_cookies_may_send_a_request_again_for_a_while(
    store: Journal, vault: Vault, clock: SetClock
) -> None:
    first = await register(store, vault, PHONE, "r1", Browser("b1", "s1", named=False))
    clock.now += 9 * 60_000
    assert await register(store, vault, PHONE, "r1", Browser("b2", "s2", named=False)) == first
    assert (await register(store, vault, "13900139000", "r1", Browser("b3", "s3", named=False))).member != first.member
    clock.now += 2 * 60_000
    assert (await register(store, vault, PHONE, "r1", Browser("b4", "s4", named=False))).member != first.member


async def test_a_browser_that_names_its_number_again_is_who_it_was(store: Journal, vault: Vault) -> None:
    first = await register(store, vault, PHONE, "r1", Browser("b1", "s1"))
    known = Caller(first.member, "b1", Proof.DEVICE, "s1")
    assert await register(store, vault, PHONE, "r2", Browser("b1", "s2", caller=known)) == first
    other = await register(store, vault, "13900139000", "r3", Browser("b1", "s3", caller=known))
    assert other.member != first.member
    assert member_queries.session(store.reads, "s1") is None, "the browser is somebody else from then on"


async def test_who_registers_while_another_phone_is_asked_keeps_what_they_have(store: Journal, vault: Vault) -> None:
    old = await register(store, vault, PHONE, "r1")
    asking = Browser("b2", "s2", named=False)  # it got its name with the answer
    own = await register(store, vault, "13900139000", "r2", Browser("b2", "another tab"))
    caller = Caller(old.member, "b-r1", Proof.DEVICE, old.session)
    assert await store.write(joining.let_in, caller=caller, asking=asking) == "another tab"
    assert member_queries.related(store.reads, old.member, own.member)
    assert await store.write(joining.let_in, caller=caller, asking=Browser("b3", "s3")) == "s3"


async def test_two_tabs_that_register_one_number_are_one_person(store: Journal, vault: Vault, clock: SetClock) -> None:
    first = await register(store, vault, PHONE, "r1", Browser("b1", "s1"))
    assert await register(store, vault, PHONE, "r2", Browser("b1", "s2")) == first
    assert await register(store, vault, "13900139000", "r3", Browser("b1", "s3")) != first
    assert await register(store, vault, PHONE, "r4", Browser("b2", "s4")) != first
    assert await register(store, vault, PHONE, "r5", Browser("b1", "s5", named=False)) != first
    clock.now += LIFE_MS
    assert await register(store, vault, PHONE, "r6", Browser("b1", "s6")) != first, "its login is over"


async def test_a_browser_is_one_guest_and_who_is_somebody_stays_that(store: Journal, vault: Vault) -> None:
    async def come(name: str, phone: Browser) -> str:
        made = await store.write(
            members.come_as_guest, member=name, language="en", touchpoint="cart-01", request=name, browser=phone
        )
        return made.member

    phone = Browser("b1", "s1")
    assert await come("first", phone) == "first"
    assert await come("second", Browser("b1", "s2")) == "first", "a tap on a page that was opened before"
    assert await come("third", Browser("b1", "s3", named=False)) == "third", "a name that was made just now"
    anna = await register(store, vault, PHONE, "r1")
    caller = Caller(anna.member, "b9", Proof.VERIFIED, anna.session)
    assert await come("fourth", Browser("b9", "s4", caller=caller)) == anna.member


async def test_two_first_taps_of_a_browser_without_a_name_are_one_guest(store: Journal, clock: SetClock) -> None:
    async def come(request: str, phone: Browser) -> Registration:
        return await store.write(
            members.come_as_guest,
            member=phone.session,
            language="en",
            touchpoint="cart-01",
            request=request,
            browser=phone,
        )

    first = await come("r1", Browser("b1", "s1", named=False))
    assert first == Registration("s1", "s1", "b1")
    assert await come("r1", Browser("b2", "s2", named=False)) == first, "the name that the first tap got, too"
    assert (await come("r1", Browser("b3", "s3"))).member == "s3", "who has a name is known by that alone"
    assert (await come("r2", Browser("b4", "s4", named=False))).member == "s4"
    clock.now += AGAIN_MS
    assert (await come("r1", Browser("b5", "s5", named=False))).member == "s5", "a request is no key for ever"


async def test_what_is_too_old_to_act_for_anybody_is_ended(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await store.write(sessions.issue_pass, caller=by(anna), fresh="PASS")
    clock.now += LIFE_MS - 1
    ben = await store.write(join, 2)
    await store.write(sessions.on_tick)
    assert len(member_queries.phones_of(store.reads, anna)) == 1
    clock.now += 1
    await store.write(sessions.on_tick)
    assert member_queries.phones_of(store.reads, anna) == []
    assert store.reads.all("SELECT 1 FROM passes") == []
    assert len(member_queries.phones_of(store.reads, ben)) == 1


async def test_whose_session_was_ended_registers_anew(store: Journal, vault: Vault) -> None:
    first = await register(store, vault, PHONE, "r1", Browser("b1", "s1"))
    caller = Caller(first.member, "b1", Proof.DEVICE, "s1")
    assert await store.write(sessions.leave, caller=caller)
    assert not await store.write(sessions.leave, caller=caller)
    again = await register(store, vault, PHONE, "r1", Browser("b1", "s2"))
    assert again.member != first.member, "a request that is sent again does not undo the logging out"


async def test_nobody_else_s_consent_is_touched(store: Journal, vault: Vault) -> None:
    first = await register(store, vault, PHONE, "r1", marketing=False)
    await register(store, vault, PHONE, "r2", marketing=True)
    row = store.reads.one("SELECT marketing FROM members WHERE member=?", first.member)
    assert row["marketing"] == 0


async def test_a_member_who_was_recognised_before_still_is(store: Journal, vault: Vault) -> None:
    """Facts of before apply as they did."""
    first = await register(store, vault, PHONE, "r1", marketing=True)

    def came_back(tx: Tx) -> None:
        agreed = Consents(service=True, marketing=False)
        tx.emit(
            MemberRecognised(member=first.member, language="en", consents=agreed, touchpoint="cart-01", request="r2")
        )

    await store.write(came_back)
    row = store.reads.one("SELECT language, marketing, request FROM members WHERE member=?", first.member)
    assert tuple(row) == ("en", 0, "r2")


async def test_without_consent_nothing_is_kept(store: Journal, vault: Vault) -> None:
    before = store.sequence
    with pytest.raises(Refusal, match="consent_missing"):
        await register(store, vault, PHONE, "r1", service=False, marketing=True)
    assert store.sequence == before


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_no_byte_on_the_disk_tells_the_number(store: Journal, vault: Vault, tmp_path: Path) -> None:
    await register(store, vault, PHONE, "r1", marketing=True)
    assert store.path in files_below(tmp_path)
    for path, content in files_below(tmp_path).items():
        assert b"3800138000" not in content, path


async def test_the_store_can_read_the_number_until_the_key_is_destroyed(store: Journal, vault: Vault) -> None:
    member = (await register(store, vault, PHONE, "r1")).member
    other = (await register(store, vault, "13900139000", "r2")).member
    database = sqlite3.connect(store.path)
    keys = dict(database.execute("SELECT subject, wrapped FROM person_keys").fetchall())
    sealed = store.reads.one("SELECT phone_sealed FROM members WHERE member=?", member)["phone_sealed"]
    assert vault.unseal(member, sealed, keys[member]) == "+8613800138000"
    with pytest.raises(VaultError):
        vault.unseal(member, sealed, keys[other])


def test_the_store_key_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "store.key"
    assert Vault.open(path).index("+1") == Vault.open(path).index("+1")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(VaultError, match="expected 32 bytes, got 5"):
        Vault.open(path)


async def test_whom_staff_let_in_today_neither_sees_the_owner_s_birthday_nor_has_it_forgotten(
    store: Journal, clock: SetClock
) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await store.write(birthdays.name, caller=by(anna), month=5, day=17)
    session = browser_of(ben).session
    await store.write(joining.confirm, staff="li", session=session, owner=anna, evidence="member_card", most=1)
    assert not await store.write(birthdays.forget, caller=by(ben))
    assert birthdays.birthday(store.reads, ben) == ""
    clock.now += UNDO_MS + 1
    assert birthdays.birthday(store.reads, ben) == "05-17"
    assert await store.write(birthdays.forget, caller=by(ben))
    assert birthdays.birthday(store.reads, anna) == ""
