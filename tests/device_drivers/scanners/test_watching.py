"""Films through the whole pipeline: what is announced, when, how often; and that a shop without a code is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
pytest.importorskip("zxingcpp")

from device_drivers.scanners.gate import Gate, sight  # noqa: E402 - after the parts that may be missing
from device_drivers.scanners.reads import Read  # noqa: E402
from device_drivers.scanners.votes import Ballot, VoteRules  # noqa: E402
from device_drivers.scanners.watching import Watcher  # noqa: E402
from tests.device_drivers.scanners.films import code_free, scenery, shown  # noqa: E402
from tests.device_drivers.scanners.written import SAMPLES, written  # noqa: E402
from tests.rounds import rounds  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

ROUNDS = rounds(30)
GTIN = "6901234567892"
EVERY = 1 / 15


def announced(watcher: Watcher, pictures: Iterable[Any], start: float = 0.0) -> list[tuple[int, str]]:
    """Each announcement with the number of its picture."""
    found = []
    for number, picture in enumerate(pictures):
        found += [(number, seen.read.text) for seen in watcher.take(picture, start + number * EVERY)]
    return found


def held(gray: Any, pictures: int, **where: Any) -> list[Any]:
    """A code in a hand: it moves a little."""
    steps = np.linspace(0.45, 0.55, pictures)
    return [shown(gray, **({"at": (float(x), 0.5)} | where)) for x in steps]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample[0]}-{len(sample[1])}")
def test_every_kind_within_four_pictures_and_once(sample: tuple[str, str, dict[str, Any]]) -> None:
    symbology, text, options = sample
    pictures = held(written(symbology, text, **options), 10, wide=0.7 if "Exp" in symbology else 0.5)
    found = announced(Watcher(), pictures)
    assert len(found) == 1, found
    assert found[0][0] < 4
    assert found[0][0] >= (0 if symbology in ("QRCode", "DataMatrix") else 1), "a linear code needs two pictures"


def test_again_only_after_it_has_left() -> None:
    code, empty = written("EAN13", GTIN), scenery(np.random.default_rng(1), striped=False)
    watcher = Watcher()
    assert announced(watcher, held(code, 12)) == [(1, GTIN)]
    assert announced(watcher, [empty] * 8, start=1) == []
    assert announced(watcher, held(code, 12), start=2) == [], "half a second away is still there"
    assert announced(watcher, [np.roll(empty, n * 9, 1) for n in range(40)], start=3) == []
    assert watcher.present == 0
    assert announced(watcher, held(code, 12), start=6) == [(1, GTIN)]


def test_what_lies_still_is_announced_once() -> None:
    watcher, picture = Watcher(), shown(written("EAN13", GTIN))
    assert announced(watcher, [picture] * 200) == [(1, GTIN)]
    assert watcher.present == 1


@pytest.mark.parametrize("turn", [0, 40])
def test_where_a_code_is_in_a_large_picture(turn: float) -> None:
    """Halved, turned upright, enlarged: whatever found it, the place is that in the picture."""
    pictures = [cv2.resize(shown(written("EAN13", GTIN), at=(0.7, 0.3), turn=turn), (1280, 960)) for _ in range(6)]
    watcher = Watcher()
    seen = [seen for number, picture in enumerate(pictures) for seen in watcher.take(picture, number * EVERY)]
    assert [(round(code.extent.x, -2), round(code.extent.y, -2)) for code in seen] == [(900, 300)]


def test_several_codes_in_one_picture() -> None:
    first, second = written("EAN13", GTIN), written("QRCode", "https://store.example/t/cart-01.aaaaaaaa")
    pictures = []
    for picture, below in zip(held(first, 6, wide=0.4), held(second, 6, wide=0.25), strict=True):
        both = picture.copy()
        both[300:] = below[160:340]
        pictures.append(np.ascontiguousarray(both[:480]))
    assert sorted(text for _, text in announced(Watcher(), pictures)) == [
        GTIN,
        "https://store.example/t/cart-01.aaaaaaaa",
    ]


def test_a_shop_without_a_code_is_silent() -> None:
    frames = ROUNDS * 6 if ROUNDS < 1000 else 54_000  # an hour in `make test-all`
    assert announced(Watcher(), code_free(frames, seed=20)) == []


class TestGate:
    def test_open_while_something_moves_and_once_a_second_else(self) -> None:
        gate, gray = Gate(), np.full((480, 640), 90, np.uint8)
        assert sum(gate.open(gray, number * EVERY) for number in range(30)) == 30
        assert 3 <= sum(gate.open(gray, 2 + number * EVERY) for number in range(60)) <= 5
        moved = gray.copy()
        moved[100:200, 100:200] = 200
        assert gate.open(moved, 6.01)

    def test_the_noise_of_a_camera_is_no_movement(self) -> None:
        gate, rng = Gate(), np.random.default_rng(1)
        noisy = [np.clip(90 + rng.normal(0, 12, (480, 640)), 0, 255).astype(np.uint8) for _ in range(60)]
        assert sum(gate.open(gray, number * EVERY) for number, gray in enumerate(noisy)) < 40

    def test_what_is_wrong_with_a_picture(self) -> None:
        good = cv2.cvtColor(scenery(np.random.default_rng(2)), cv2.COLOR_BGR2GRAY)
        rng = np.random.default_rng(1)
        assert sight(good).trouble is None
        assert sight(np.clip(rng.normal(60, 4, (480, 640)), 0, 255).astype(np.uint8)).trouble == "covered"
        assert sight(np.clip(good * 0.15 + rng.normal(0, 2, good.shape), 0, 255).astype(np.uint8)).trouble == "dark"
        assert sight(cv2.GaussianBlur(good, (0, 0), 25)).trouble == "blurred"


def read(text: str, thick: float, engine: str = "zxing", kind: str = "ean13") -> Read:
    quad = ((10.0, 10.0), (310.0, 10.0), (310.0, 10.0 + thick), (10.0, 10.0 + thick))
    return Read(kind, text, text.encode(), "]E0", quad, engine)  # type: ignore[arg-type]


class TestBallot:
    def pictures(self, ballot: Ballot, read: Read, most: int = 9) -> int:
        """How many pictures it takes."""
        return next((n + 1 for n in range(most) if ballot.cast([read], n * EVERY)), 0)

    def test_short_codes_need_three(self) -> None:
        assert self.pictures(Ballot(VoteRules()), read("0042100005264", 120, kind="upce")) == 3

    def test_a_ghost_that_repeats_is_not_announced(self) -> None:
        ballot = Ballot(VoteRules())
        for number in range(30):
            found = ballot.cast([read("0042100005264", 30, kind="upce"), read(GTIN, 100)], number * EVERY)
            assert [seen.read.text for seen in found] == ([GTIN] if number == 1 else [])

    def test_a_product_of_the_catalogue_needs_one_less_and_another_one_more(self) -> None:
        assert self.pictures(Ballot(VoteRules(), {GTIN.zfill(14)}.__contains__), read(GTIN, 120)) == 1
        assert self.pictures(Ballot(VoteRules(), {GTIN.zfill(14)}.__contains__), read(GTIN, 12)) == 2
        assert self.pictures(Ballot(VoteRules(), lambda _: False), read(GTIN, 120)) == 3
        assert self.pictures(Ballot(VoteRules(), lambda _: False), read("2112345006304", 120)) == 2, "the store's own"

    def test_one_row_is_no_code_however_often_it_comes(self) -> None:
        assert self.pictures(Ballot(VoteRules()), read(GTIN, 2), most=40) == 0
        assert self.pictures(Ballot(VoteRules()), read("0042100005264", 7, kind="upce"), most=40) == 0

    def test_one_row_of_a_code_128_is_none(self) -> None:
        """libzbar0 takes `O` for `(` and `C` for `"`: their edges are alike, as those of 1 and 7 in an EAN."""
        ballot = Ballot(VoteRules())
        for number in range(40):
            ghost = msgspec.structs.replace(read('L(ZAUM"M1575', 0, "zbar", "code128"), rows=2.0)
            assert not ballot.cast([ghost], number * EVERY)

    def test_votes_expire(self) -> None:
        ballot = Ballot(VoteRules())
        assert [ballot.cast([read(GTIN, 120)], at) for at in (0.0, 2.0, 4.0)] == [[], [], []]
