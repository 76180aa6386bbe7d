"""What happened to the box goes on record through the gateway, and staff see it until somebody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from edge.cli.box import record
from edge.domain.box.facts import SettingsRolledBack
from edge.secrets.vault import operator_token
from tests.web.conftest import STAFF_PIN
from tests.web.running import Colleague

if TYPE_CHECKING:
    from tests.web.running import RunningStore

BACK = SettingsRolledBack(number=7, back_to=6, because="devices_away", which="cart-01, cart-02", by="chen")
FACTS = "/api/v1/box/facts"


def own(store: RunningStore) -> dict[str, str]:
    """What the box's own command line sends."""
    return {"Authorization": f"Bearer {operator_token(store.gateway.parts.vault)}"}


def test_a_roll_back_stands_before_staff_until_they_have_seen_it(real: RunningStore) -> None:
    li = Colleague(real)
    li.come("li", STAFF_PIN)
    port = int(real.base.rpartition(":")[2])
    http = real.settings.gateway.http.model_copy(update={"port": port, "host": "127.0.0.1"})
    gateway = real.settings.gateway.model_copy(update={"http": http})
    settings = real.settings.model_copy(update={"gateway": gateway})
    assert record(settings, BACK, real.gateway.nouns)
    assert not record(settings, BACK, real.gateway.nouns), "the same again"
    said = "New settings (release 7) were taken back: devices did not come back: cart-01, cart-02"
    assert said in li.page()
    li.does("note_box", "settings/")
    assert said not in li.page()


@pytest.mark.parametrize(
    "body",
    [
        {"type": "settings.applied.v1", "fact": {"number": "four"}},
        {"type": "settings.applied.v1", "fact": {}},
        {"type": "member.registered.v1", "fact": {"member": "m"}},
        {"type": "settings.applied.v1"},
    ],
)
def test_what_is_no_fact_of_the_box_is_refused(real: RunningStore, body: dict[str, object]) -> None:
    answer = requests.post(real.base + FACTS, json=body, headers=own(real), timeout=60)
    assert answer.status_code in (400, 422)


def test_nobody_else_writes_it(real: RunningStore) -> None:
    body = {"type": "settings.applied.v1", "fact": {"number": 1, "sha256": "a", "by": "x"}}
    li = Colleague(real)
    li.come("li", STAFF_PIN)
    assert requests.post(real.base + FACTS, json=body, timeout=60).status_code == 401
    assert li.post(real.base + FACTS, json=body, timeout=60).status_code == 403
