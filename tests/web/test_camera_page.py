"""Staff aims a camera: one picture on one page, kept nowhere."""

from __future__ import annotations

import base64
import io
import uuid
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from edge.domain.devices.facts import DeviceEnrolled
from edge.gateway import device_views
from tests.edge.conftest import Puppet
from tests.web.running import Colleague, RunningStore, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

CAMERA = "camera-till"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device may be slow to answer, as this machine is."""
    monkeypatch.setattr(device_views, "SNAPSHOT_TTL_MS", 60_000)


@pytest.fixture
def camera(store: RunningStore) -> Iterator[Puppet]:
    gateway = store.gateway
    label = {"zh-CN": "收银摄像头", "en": "Camera at the till"}

    async def enrol() -> None:
        fact = DeviceEnrolled(device=CAMERA, kind="scanner", zone="checkout", label=label, at=(1.0, 1.0))
        await gateway.decide(lambda tx: tx.emit(fact) and None)
        gateway.devices.ingest.know(gateway.reads)

    store.do(enrol())
    puppet = Puppet(store._broker, CAMERA, gateway.settings.store.id)
    wait(lambda: any(each.id == CAMERA and each.online for each in gateway.devices.views()))
    yield puppet
    puppet.stop()


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "#804020").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def look(colleague: Colleague, target: str = CAMERA):  # noqa: ANN201
    form = {"target": target, "request": str(uuid.uuid4())}
    return colleague.post(f"{colleague.store.base}/staff/camera", data=form, timeout=60)


def test_the_picture_is_on_the_page_and_nowhere_else(store: RunningStore, camera: Puppet, li: Colleague) -> None:
    png = picture()
    camera.answer = lambda _: {"outcome": "done", "observed": {"png": png}}
    assert f'<option value="{CAMERA}">' in li.page()
    answer = look(li)
    assert f"data:image/png;base64,{png}" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    bodies = [row["body"] for row in store.gateway.reads.all("SELECT body FROM entries")]
    assert not [body for body in bodies if png.encode() in body]
    act = store.gateway.reads.one("SELECT * FROM staff_acts ORDER BY place DESC LIMIT 1")
    assert (act["staff"], act["action"], act["target"]) == ("li", "aim", CAMERA)
    assert "Look through Camera at the till" in li.page()


@pytest.mark.parametrize(
    "observed", [{}, {"png": "no base64!"}, {"png": base64.b64encode(b"GIF89a").decode()}, {"png": 7}]
)
def test_what_is_no_picture_is_said_to_be_none(camera: Puppet, li: Colleague, observed: dict[str, object]) -> None:
    camera.answer = lambda _: {"outcome": "done", "observed": observed}
    answer = look(li)
    assert answer.status_code == 200
    assert "gives no picture now" in answer.text
    assert "data:image" not in answer.text


def test_only_staff_looks_and_only_through_cameras(store: RunningStore, camera: Puppet, li: Colleague) -> None:
    assert look(Colleague(store)).status_code == 401
    assert look(li, "cart-01").status_code == 404
    assert look(li, "nobody").status_code == 404
    assert camera.commands() == []
