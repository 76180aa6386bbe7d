"""Joining phones and proving a number, once for the form and once for the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.members import joining, numbers
from edge.errors import Refusal
from edge.web import limits
from edge.web.acts import known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.domain.callers import Caller
    from edge.domain.members.members import Browser
    from edge.gateway.linking import Ask
    from edge.web.front import Front


def ask(front: Front, request: Request, code: str) -> tuple[Ask, Browser]:
    """Ask the phone that shows this code. A wrong code counts as a guess. Raises `Refusal`."""
    browser = front.sessions.asking(request)
    try:
        return front.gateway.linking.ask(code, browser), browser
    except Refusal as refusal:
        if refusal.code in limits.GUESSED:
            limits.take(front, request, "guessing")
        raise


async def answer(front: Front, caller: Caller | None, name: str, *, allow: bool) -> None:
    """The phone that was asked allows or denies. Raises `Refusal`."""
    caller = known(caller)
    found = front.gateway.linking.open(name, caller)
    found.state = "allowed" if allow else "denied"  # at once: a second tap finds no open question
    if not allow:
        return
    try:
        found.session = await front.gateway.decide(joining.let_in, caller=caller, asking=found.asking)
    except BaseException:
        found.state = "asked"
        raise


def receive(front: Front, request: Request, response: Response, found: Ask) -> bool:
    """Give a phone that was allowed its session. False while it was not."""
    if found.state != "allowed" or not found.session:
        return False
    if found.asking.caller is None or found.asking.caller.session != found.session:
        front.sessions.let_in(request, response, found.session, found.asking.name)
    return True


async def take_back(front: Front, caller: Caller | None, link: str) -> None:
    """It was not them: what staff confirmed is undone. Raises `Refusal`."""
    await front.gateway.decide(joining.take_back, caller=known(caller), link=link)


async def send_code(front: Front, request: Request) -> int:
    """Send a code to the caller's own number. Returns how many seconds it is good. Raises `Refusal`."""
    caller = known(front.caller(request))
    index, number = number_of(front, caller.member)
    if front.gateway.proving.sender is None:
        raise Refusal("no_sms")
    limits.take(front, request, "proving", member=caller.member)
    return await front.gateway.proving.send(caller, index, number)


async def prove(front: Front, request: Request, code: str) -> bool:
    """The code came back: the number is the caller's. Returns whether somebody of before is one with the caller now."""
    caller = known(front.caller(request))
    index = front.gateway.proving.check(caller, code)
    return await front.gateway.decide(
        numbers.prove, caller=caller, index=index, proof_ms=front.gateway.sessions.proof_ms
    )


def number_of(front: Front, member: str) -> tuple[str, str]:
    """A member's own number: its index, and itself. Raises `Refusal` no_number where the store keeps none."""
    row = front.gateway.reads.one(
        "SELECT p.number, m.phone_sealed, k.wrapped FROM members m JOIN person_keys k ON k.subject=m.member"
        " JOIN person_numbers p ON p.subject=m.member WHERE m.member=?",
        member,
    )
    if row is None or not row["phone_sealed"]:
        raise Refusal("no_number")
    return row["number"], front.gateway.vault.unseal(member, row["phone_sealed"], row["wrapped"])
