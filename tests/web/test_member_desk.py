"""Whoever runs the box acts on members through the gateway that runs, by a token that the box's secrets give."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from edge.cli.member_desk import MemberDesk
from edge.domain.members.rules import Newcomer
from edge.errors import Refusal
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from edge.settings.settings import Settings


def at(store: RunningStore) -> Settings:
    """The settings of the store's box, with the port where it answers."""
    box = store.settings.gateway
    http = box.http.model_copy(update={"host": "127.0.0.1", "port": urlsplit(store.base).port})
    return store.settings.model_copy(update={"gateway": box.model_copy(update={"http": http})})


def test_a_list_is_taken_over_and_a_person_erased_while_the_store_is_open(store: RunningStore) -> None:
    desk = MemberDesk(at(store))
    people = [Newcomer(desk.vault.seal(f"+86139001{number:05}"), number) for number in range(130)]
    assert desk.take_in(people, "old.csv") == 130
    assert desk.take_in(people, "old.csv") == 0
    found = desk.persons_of("+8613900100007")
    assert found == [people[7].phone.member]
    assert desk.erase(found, patient=False).erased == tuple(found)
    assert desk.persons_of("+8613900100007") == []
    with pytest.raises(Refusal, match="customer_unknown"):
        desk.erase(found, patient=False)
    others = [each.phone.member for each in people if each.phone.member not in found]
    assert len(desk.erase(others, patient=False).erased) == 129, "many may have typed one number"


def test_nobody_else_reaches_it(store: RunningStore) -> None:
    body = {"members": ["somebody"], "request": "3f1c0f6e-6a58-4b0e-9d53-0d2b9f1c2d3e"}
    for headers in ({}, {"Authorization": "Bearer guess"}):
        answer = Shopper(store).api("POST", "/api/v1/members/erase", body, **headers)
        assert answer.json()["code"] in ("forbidden", "not_found", "operator_only", "login_missing"), answer.text
        assert answer.status_code in (401, 403, 404)
