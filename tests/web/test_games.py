"""Games on phones: joining the round of a screen, playing, and checking that it was fair."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.gateway import rounds
from tests.web.running import Shopper, wait

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.running import RunningStore


def member(store: RunningStore, language: str = "en") -> Shopper:
    shopper = Shopper(store, language)
    assert shopper.register(store.code("poster-door")).ok
    return shopper


def opened(store: RunningStore, screen: str = "screen-baby", game: str = "family") -> str:
    """The round that a screen shows."""
    rounds = store.gateway.parts.rounds
    return rounds.open(screen, str(uuid.uuid4()), "baby", game).id


def send(shopper: Shopper, store: RunningStore, name: str, **form: object) -> str:
    return shopper.post(f"{store.base}/play/{name}", data=form, timeout=60).text


def told(shopper: Shopper, store: RunningStore, name: str) -> dict[str, Any] | None:
    """How it came out, once the phone says so."""
    found: dict[str, Any] = shopper.get(f"{store.base}/play/{name}/state", timeout=60).json()
    return found if found["stage"] == "shown" else None


@pytest.fixture(autouse=True)
def _screens_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """No screen asks after these rounds: they go on, however slow this machine is."""
    monkeypatch.setattr(rounds, "AWAY_S", 3600.0)


def test_two_phones_play_at_one_screen_and_one_wins(store: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SPIN_S", 3600.0)
    name = opened(store)
    anna, ben = member(store), member(store)
    assert "The odds" in anna.get(f"{store.base}/play/{name}", timeout=60).text
    assert "You are in" in send(anna, store, name, do="join")
    assert "Strawberry" in anna.get(f"{store.base}/play/{name}", timeout=60).text
    assert "Apple" in send(ben, store, name, do="join")
    for shopper in (anna, ben):
        for _ in range(3):
            send(shopper, store, name, do="shake", amount=34)
    first = anna.get(f"{store.base}/play/{name}/state", timeout=60).json()
    assert (first["stage"], first["outcome"]) == ("drawing", None)  # the screen still turns
    monkeypatch.setattr(rounds, "SPIN_S", 0.0)
    state = wait(lambda: told(anna, store, name))
    assert state["outcome"]["seat"] in ("strawberry", "apple")
    pages = [shopper.get(f"{store.base}/play/{name}", timeout=60).text for shopper in (anna, ben)]
    assert sum("The draw fell on the" in page for page in pages) == 1
    assert "Check that it was fair" in pages[0]
    theirs, others = (shopper.api("GET", "/api/v1/me/data") for shopper in (anna, ben))
    assert theirs.json()["you"][0]["id"] in theirs.text
    assert others.json()["you"][0]["id"] not in theirs.text, "who plays with strangers is told of none of them"


@pytest.mark.parametrize("language", ["zh-CN", "de"])
def test_a_stranger_is_told_what_to_do(store: RunningStore, language: str) -> None:
    name = opened(store)
    page = Shopper(store, language).get(f"{store.base}/play/{name}", timeout=60)
    assert page.ok
    assert "/t/screen-baby." in page.text
    gone = Shopper(store, language).get(f"{store.base}/play/{'0' * 16}", timeout=60)
    assert gone.status_code == 404
    refused = Shopper(store, language).post(
        f"{store.base}/play/{name}", data={"do": "join"}, headers={"Accept": "application/json"}, timeout=60
    )
    assert (refused.status_code, refused.json()["code"]) == (401, "not_registered")


def test_anybody_can_check_every_draw(store: RunningStore, tmp_path: Path) -> None:
    for _ in range(3):
        name, shopper = opened(store, game="wheel"), member(store)
        send(shopper, store, name, do="join")
        for _ in range(3):
            send(shopper, store, name, do="shake", amount=34)
    page = Shopper(store, "en").get(f"{store.base}/fair/wheel", timeout=60)
    assert "Draw 3" in page.text
    whole = Shopper(store).get(f"{store.base}/fair/wheel/plays.json", timeout=60)
    (tmp_path / "plays.json").write_text(whole.text, "utf-8")
    (tmp_path / "verify.py").write_text(
        Shopper(store).get(f"{store.base}/fair/wheel/verify.py", timeout=60).text, "utf-8"
    )
    run = [sys.executable, "-I", "verify.py", "plays.json"]
    good = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, "are as root" in good.stdout) == (0, True)
    drawn = whole.json()
    assert {"member", "players_ids"}.isdisjoint(drawn["plays"][0])
    forged = whole.text.replace(f'"ticket":{drawn["plays"][1]["ticket"]},', '"ticket":5,')
    (tmp_path / "plays.json").write_text(forged, "utf-8")
    bad = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (bad.returncode, "draw 2: another ticket" in bad.stdout) == (1, True)
    assert Shopper(store).get(f"{store.base}/fair/no-such", timeout=60).status_code == 404
