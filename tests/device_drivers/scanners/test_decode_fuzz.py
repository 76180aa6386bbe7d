"""The decoder against anything at all: no crash, no hang; what was written is read back; what is read is text.

`STOREKEEPER_ROUNDS` says how many examples (1,000 in `make test-all`, which also lets atheris look for new ones).
"""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")
pytest.importorskip("zxingcpp")

from device_drivers.scanners.decode import decode  # noqa: E402 - after the parts that may be missing
from device_drivers.scanners.stages import STAGES, Views  # noqa: E402
from device_drivers.scanners.views import whole  # noqa: E402
from device_drivers.scanners.watching import Watcher  # noqa: E402
from tests.device_drivers.scanners.written import (  # noqa: E402
    SAMPLES,
    bgr,
    damaged,
    segno_gray,
    slanted,
    structured_append,
    written,
)
from tests.rounds import rounds  # noqa: E402

ROUNDS = rounds(20)
FEW = settings(
    max_examples=max(25, ROUNDS // 2), deadline=None, derandomize=ROUNDS < 1000, suppress_health_check=list(HealthCheck)
)
"""The same examples each time in `make test`; new ones in `make test-all`."""

pytestmark = pytest.mark.timeout(900 + ROUNDS)


def check_digit(digits: str) -> str:
    """GS1's, for digits without it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def sound(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the decoder promises of every answer."""
    assert isinstance(found, list)
    for symbology, text in found:
        assert isinstance(symbology, str)
        assert isinstance(text, str)
        assert text
        if symbology.upper().replace("-", "") in ("EAN13", "EAN8", "UPCA", "UPCE"):
            assert text.isdigit()
            assert check_digit(text[:-1]) == text[-1]
    assert len(found) == len(set(found))
    return found


def texts(picture: Any) -> list[str]:
    """What the picture says."""
    return [text for _, text in sound(decode(picture))]


# ---- arrays that are no pictures

KINDS = st.sampled_from(["u1", "i1", "u2", "i4", "f4", "f8", "?", "c8", "O", "S3"])
SHAPES = st.one_of(
    st.lists(st.integers(0, 40), min_size=0, max_size=4).map(tuple),
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 5)),
)


def laid_out(array: Any, how: str) -> Any:
    """The same numbers, otherwise in memory."""
    if not array.ndim:
        return array
    if how == "fortran":
        return np.asfortranarray(array)
    if how == "backwards":
        return array[tuple(slice(None, None, -1) for _ in array.shape)]
    if how == "strided":
        return array[tuple(slice(None, None, 2) for _ in array.shape)]
    if how == "read-only":
        array.setflags(write=False)
    return np.broadcast_to(array[:1], array.shape) if how == "broadcast" else array


@FEW
@given(
    shape=SHAPES,
    kind=KINDS,
    how=st.sampled_from(["plain", "fortran", "backwards", "strided", "read-only", "broadcast"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_array_is_read_or_refused(shape: tuple[int, ...], kind: str, how: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    array = laid_out(rng.integers(0, 256, shape).astype(kind), how)
    good = kind == "u1" and array.size and (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4)))
    with contextlib.nullcontext() if good else pytest.raises(ValueError, match="expected"):
        sound(decode(array))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e30])
def test_numbers_that_are_no_gray_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="8 bits"):
        decode(np.full((48, 64, 3), value))


@pytest.mark.parametrize("no_array", [None, "picture", b"\xff\xd8", 7, [[1, 2], [3]]])
def test_what_is_no_array_is_refused(no_array: Any) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)):
        decode(no_array)


@pytest.mark.parametrize(
    "shape",
    [(1, 1, 3), (1, 2), (2, 1), (3, 3, 3), (1, 60_000), (60_000, 1, 3), (3, 20_000, 3), (30_000, 2), (7, 9_000)],
)
@pytest.mark.parametrize("fill", ["noise", "black", "bars"])
def test_pictures_of_extreme_shape(shape: tuple[int, ...], fill: str) -> None:
    array = np.zeros(shape, np.uint8)
    if fill == "noise":
        array = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    elif fill == "bars":
        array[:, ::3] = 255
    assert texts(array) == []


def test_a_picture_is_not_changed() -> None:
    picture = bgr(written("EAN13", "6901234567892"))
    before = picture.copy()
    assert texts(picture) == ["6901234567892"]
    assert (picture == before).all()


def test_layout_in_memory_makes_no_difference() -> None:
    picture = bgr(written("EAN13", "6901234567892"))
    wide = np.zeros((picture.shape[0], picture.shape[1] * 2, 3), np.uint8)
    wide[:, ::2] = picture
    for same in (np.asfortranarray(picture), wide[:, ::2], picture[:, ::-1][:, ::-1], picture[:, :, ::-1]):
        assert texts(same) == ["6901234567892"]


# ---- pictures of everything and nothing


@FEW
@given(
    size=st.tuples(st.integers(1, 240), st.integers(1, 320)),
    grain=st.integers(1, 24),
    levels=st.integers(2, 256),
    seed=st.integers(0, 2**32 - 1),
)
def test_noise_says_nothing_that_is_no_text(size: tuple[int, int], grain: int, levels: int, seed: int) -> None:
    height, width = size
    small = np.random.default_rng(seed).integers(0, levels, (height // grain + 1, width // grain + 1))
    noise = (small * (255 // (levels - 1))).astype(np.uint8).repeat(grain, 0).repeat(grain, 1)[:height, :width]
    sound(decode(bgr(np.ascontiguousarray(noise))))


@FEW
@given(sample=st.sampled_from(SAMPLES), scale=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_damaged_codes_never_break_it(sample: tuple[str, str, dict[str, Any]], scale: int, seed: int) -> None:
    symbology, text, options = sample
    sound(decode(bgr(damaged(written(symbology, text, scale, **options), np.random.default_rng(seed)))))


def stacked(*codes: Any) -> Any:
    """One above the other."""
    width = max(code.shape[1] for code in codes)
    return np.vstack([np.pad(code, ((0, 0), (0, width - code.shape[1])), constant_values=255) for code in codes])


def beside(*codes: Any) -> Any:
    """One beside the other."""
    height = max(code.shape[0] for code in codes)
    return np.hstack([np.pad(code, ((0, height - code.shape[0]), (0, 0)), constant_values=255) for code in codes])


EAN = ("EAN13", "6901234567892")
SERIAL = ("Code128", "SK-2026-000417")


QR = ("QRCode", "https://store.example/t/cart-01.aaaaaaaa")


@pytest.mark.parametrize("laid", [stacked, beside])
@pytest.mark.parametrize(
    "codes",
    [
        (EAN, ("EAN13", "4006381333931")),
        (EAN, QR),
        (EAN, ("DataMatrix", "SN 17")),
        (QR, SERIAL),
    ],
)
def test_every_code_of_a_picture_is_read(laid: Any, codes: tuple[tuple[str, str], ...]) -> None:
    picture = bgr(laid(*(written(*code) for code in codes)))
    assert set(texts(picture)) == {text for _, text in codes}


def test_a_serial_number_beside_an_ean_is_read() -> None:
    assert set(texts(bgr(beside(written(*EAN), written(*SERIAL))))) == {EAN[1], SERIAL[1]}


@pytest.mark.parametrize("codes", [(EAN, SERIAL), (SERIAL, EAN)])
@pytest.mark.parametrize("degrees", [0, 3, -8])
def test_a_serial_number_above_or_below_an_ean_is_read(codes: tuple[tuple[str, str], ...], degrees: float) -> None:
    both = stacked(*(written(*code) for code in codes))
    film = [bgr(slanted(both, degrees, 0.9, seed=number)) for number in range(6)]
    assert set(texts(film[0])) == {EAN[1], SERIAL[1]}
    watcher = Watcher()
    seen = [code.read.text for number, picture in enumerate(film) for code in watcher.take(picture, number / 15)]
    assert sorted(seen) == [EAN[1], SERIAL[1]]


@pytest.mark.parametrize(("text", "degrees"), [("6901234567892", 5.5), ("6901234567892", 6), ("4006381333931", 7)])
def test_a_slant_that_makes_ghosts_is_seen_through(text: str, degrees: float) -> None:
    import zxingcpp

    picture = slanted(written("EAN13", text, 4), degrees, 0.96)
    assert {code.text for code in zxingcpp.read_barcodes(picture)} > {text}, "no ghost any more: choose another slant"
    assert texts(bgr(picture)) == [text]


SMALL_SLANTS = pytest.mark.parametrize(
    ("symbology", "text", "degrees", "zoom"),
    [
        ("EAN13", "9878257777591", 5.730088264231554, 0.5039334680926576),
        ("EAN8", "69024092", -8.45131042815757, 0.5632175565616231),
    ],
)


@SMALL_SLANTS
@pytest.mark.parametrize("pictures", [15, 45])
def test_a_small_code_at_a_slant_that_is_held_still_is_announced_right_or_not_at_all(
    symbology: str, text: str, degrees: float, zoom: float, pictures: int
) -> None:
    film = [bgr(slanted(written(symbology, text, 2), degrees, zoom, seed=number)) for number in range(pictures)]
    watcher = Watcher()
    seen = [code.read.text for number, picture in enumerate(film) for code in watcher.take(picture, number / 15)]
    assert seen in ([], [text])


@pytest.mark.parametrize(
    ("symbology", "text", "degrees", "zoom"),
    [
        ("DataBarOmni", "03170240907678", 13.291811232375277, 0.514421100311373),
        ("DataBarOmni", "08866231712479", 6.5471537567845814, 0.5192856571687181),
        ("DataBarStkOmni", "03277061904586", 8.958756339168321, 0.3598860903502638),
        ("DataBarStkOmni", "01609938298009", 2.97, 0.384),
        ("DataBarStkOmni", "01609938298009", 2.97, 0.42),
        ("DataBarStkOmni", "01609938298009", -2.97, 0.42),
    ],
)
def test_a_small_databar_at_a_slant_is_announced_right_or_not_at_all(
    symbology: str, text: str, degrees: float, zoom: float
) -> None:
    watcher, code = Watcher(), written(symbology, text)
    film = [bgr(slanted(code, degrees, zoom, seed=number)) for number in range(15)]
    seen = [code.read.text for number, picture in enumerate(film) for code in watcher.take(picture, number / 15)]
    assert seen in ([], ["01" + text])
    assert all(text in read.text for read in STAGES["zxing-inverted"](Views(whole(film[1])), ""))


@pytest.mark.parametrize(
    ("symbology", "text", "scale", "degrees", "zoom"),
    [
        ("Code128", 'CYIR"T0', 3, 0.7197361506501494, 0.42286163830216617),
        ("DataBarLtd", "00324147074497", 4, 2.165915098594059, 0.2897133431420601),
    ],
)
def test_what_an_ean_is_held_to_other_linear_codes_are_held_to(
    symbology: str, text: str, scale: int, degrees: float, zoom: float
) -> None:
    watcher, code = Watcher(), written(symbology, text, scale)
    film = [bgr(slanted(code, degrees, zoom, seed=number)) for number in range(15)]
    seen = [code.read.text for number, picture in enumerate(film) for code in watcher.take(picture, number / 15)]
    assert all(found.endswith(text) for found in seen)


@SMALL_SLANTS
def test_a_small_code_at_a_slant_is_read_right_or_not_at_all(
    symbology: str, text: str, degrees: float, zoom: float
) -> None:
    assert texts(bgr(slanted(written(symbology, text, 2), degrees, zoom, seed=1))) in ([], [text])


# ---- the QR codes that pyzbar cannot bear


def test_structured_append_still_breaks_pyzbar() -> None:
    pyzbar = pytest.importorskip("pyzbar.pyzbar")
    with pytest.raises(ValueError, match="not a valid ZBarOrientation"):
        pyzbar.decode(structured_append()[0])


@pytest.mark.parametrize("symbols", [2, 3, 16])
def test_structured_append_breaks_nothing(symbols: int) -> None:
    parts = structured_append("https://store.example/t/cart-01.aaaaaaaa", symbols)
    for part in parts:
        sound(decode(bgr(part)))
    sound(decode(bgr(np.hstack(parts))))


def test_a_code_beside_a_structured_append_is_read() -> None:
    ean = written("EAN13", "6901234567892")
    part = structured_append()[0]
    assert "6901234567892" in texts(bgr(beside(ean, part)))


# ---- what was written is read back

DIGITS = st.text("0123456789", min_size=13, max_size=13)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)


def _trade_number(digits: str, length: int) -> str:
    body = digits[: length - 1]
    return body + check_digit(body)


@FEW
@given(digits=DIGITS, symbology=st.sampled_from(["EAN13", "EAN8", "UPCA", "ITF14", "DataBarOmni", "DataBarLtd"]))
def test_every_trade_number_is_read_back(digits: str, symbology: str) -> None:
    length = {"EAN13": 13, "EAN8": 8, "UPCA": 12}.get(symbology, 14)
    # DataBar Limited holds indicators 0 and 1 only.
    number = _trade_number(("01"[int(digits[0]) % 2] if symbology == "DataBarLtd" else digits[0]) + digits[1:], length)
    wanted = {"UPCA": "0" + number, "DataBarOmni": "01" + number, "DataBarLtd": "01" + number}.get(symbology, number)
    assert texts(bgr(written(symbology, number, 3))) == [wanted]


@FEW
@given(digits=st.text("0123456789", min_size=6, max_size=6), system=st.sampled_from("01"))
def test_every_upc_e_is_read_back_as_the_upc_a_it_stands_for(digits: str, system: str) -> None:
    upc_a = _expanded(system + digits)
    # Numbers with a shorter way to write them are not written this way.
    assume(not (digits[5] == "3" and digits[2] in "012") and not (digits[5] == "4" and digits[3] == "0"))
    assume(not (digits[5] in "56789" and digits[4] == "0"))
    assert texts(bgr(written("UPCE", system + digits + check_digit(upc_a), 3))) == ["0" + upc_a + check_digit(upc_a)]


def _expanded(seven: str) -> str:
    """GS1 General Specifications, 5.2.2.4.2: 7 digits of a UPC-E to 11 of its UPC-A."""
    system, body, last = seven[0], seven[1:6], seven[6]
    if last in "012":
        return f"{system}{body[:2]}{last}0000{body[2:]}"
    if last == "3":
        return f"{system}{body[:3]}00000{body[3:]}"
    if last == "4":
        return f"{system}{body[:4]}00000{body[4]}"
    return f"{system}{body}0000{last}"


@FEW
@given(text=PRINTABLE)
def test_every_code_128_is_read_back(text: str) -> None:
    assert texts(bgr(written("Code128", text, 3))) == [text]


@FEW
@given(batch=st.text("ABCXYZ0189-./", min_size=1, max_size=10), digits=DIGITS, grams=st.integers(0, 999_999))
def test_every_gs1_element_string_is_read_back(batch: str, digits: str, grams: int) -> None:
    number = _trade_number(digits, 14)
    hri, wanted = f"(01){number}(10){batch}(21)7", f"01{number}10{batch}\x1d217"
    for symbology in ("Code128", "DataMatrix"):
        assert texts(bgr(written(symbology, hri, 3, gs1=True))) == [wanted]
    weighed = written("DataBarExp", f"(01){number}(3103){grams:06}", 3, gs1=True)
    assert texts(bgr(weighed)) == [f"01{number}3103{grams:06}"]


@FEW
@given(
    text=st.text(st.characters(codec="gb2312", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40),
    level=st.sampled_from("lmqh"),
)
def test_every_qr_code_is_read_back(text: str, level: str) -> None:
    import segno

    assert texts(bgr(segno_gray(segno.make(text, error=level, micro=False, encoding="utf-8")))) == [text]


@FEW
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60))
def test_every_data_matrix_is_read_back(text: str) -> None:
    assert texts(bgr(written("DataMatrix", text, 4))) == [text]


# ---- new ones, in make test-all
