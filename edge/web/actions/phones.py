"""Joining phones and proving a number, once for the form and once for the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.members import joining, numbers
from edge.domain.members import queries as member_queries
from edge.errors import Refusal
from edge.web import limits
from edge.web.actions.shopping import require_caller

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.domain.callers import Caller
    from edge.domain.members.rules import Browser
    from edge.gateway.linking import PendingLink
    from edge.web.web import Web


def ask(web: Web, request: Request, code: str) -> tuple[PendingLink, Browser]:
    """Ask the phone that shows this code. A wrong code counts as a guess. Raises `Refusal`."""
    browser = web.cookies.asking(request)
    try:
        return web.linking.ask(code, browser), browser
    except Refusal as refusal:
        if refusal.code in limits.GUESSED:
            limits.take(web, request, "guessing")
        raise


async def answer(web: Web, caller: Caller | None, name: str, *, allow: bool) -> None:
    """The phone that was asked allows or denies. Raises `Refusal`."""
    caller = require_caller(caller)
    found = web.linking.open(name, caller)
    found.state = "allowed" if allow else "denied"  # at once: a second tap finds no open question
    if not allow:
        return
    try:
        found.session = await web.decide(joining.let_in, caller=caller, asking=found.asking)
    except BaseException:
        found.state = "asked"
        raise


def receive(web: Web, request: Request, response: Response, found: PendingLink) -> bool:
    """Give a phone that was allowed its session. False while it was not."""
    if found.state != "allowed" or not found.session:
        return False
    if found.asking.caller is None or found.asking.caller.session != found.session:
        web.cookies.let_in(request, response, found.session, found.asking.name)
    return True


async def take_back(web: Web, caller: Caller | None, link: str) -> None:
    """It was not them: what staff confirmed is undone. Raises `Refusal`."""
    await web.decide(joining.take_back, caller=require_caller(caller), link=link)


async def send_code(web: Web, request: Request) -> int:
    """Send a code to the caller's own number. Returns how many seconds it is good. Raises `Refusal`."""
    caller = require_caller(web.caller(request))
    index, number = number_of(web, caller.member)
    if web.phone_verification.sender is None:
        raise Refusal("no_sms")
    limits.take(web, request, "proving", member=caller.member)
    return await web.phone_verification.send(caller, index, number)


async def prove(web: Web, request: Request, code: str) -> bool:
    """The code came back: the number is the caller's. Returns whether an earlier person is one with the caller now.

    Wrong digits alone use up what may be entered. Raises `Refusal`: proof_wrong, code_expired, too_many_guesses.
    """
    caller = require_caller(web.caller(request))
    asking = limits.requester(web, request)
    with web.bounds.guess("confirming", asking, "proof_wrong"), web.phone_verification.check(caller, code) as index:
        return await web.decide(numbers.prove, caller=caller, index=index, proof_ms=web.sessions.proof_ms)


def number_of(web: Web, member: str) -> tuple[str, str]:
    """A member's own number: its index, and itself. Raises `Refusal` no_number where the store keeps none."""
    number = member_queries.number_of(web.reads, member)
    if number is None or not number.index:
        raise Refusal("no_number")
    return number.index, web.vault.unseal(member, number.sealed, number.wrapped)
