"""What is in a picture: every kind of code, texts in every charset, GS1; and what must not be believed."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
pytest.importorskip("zxingcpp")
segno = pytest.importorskip("segno")

from device_drivers.scanners import decode, engines  # noqa: E402 - after the parts that may be missing
from device_drivers.scanners.charsets import text_of, text_with_switches  # noqa: E402
from device_drivers.scanners.evidence import believed  # noqa: E402
from device_drivers.scanners.reads import Read, checked  # noqa: E402
from device_drivers.scanners.stages import STAGES, Views  # noqa: E402
from device_drivers.scanners.views import whole  # noqa: E402
from tests.device_drivers.scanners.films import shown  # noqa: E402
from tests.device_drivers.scanners.written import SAMPLES, segno_gray, structured_append, written  # noqa: E402

GTIN = "6901234567892"
WANTED = {
    "EAN13": ("ean13", GTIN),
    "EAN8": ("ean8", "96385074"),
    "UPCA": ("upca", "0036000291452"),
    "UPCE": ("upce", "0042100005264"),
    "ITF14": ("itf", "15400141288763"),
    "DataBarOmni": ("databar", "0106901234567892"),
    "DataBarLtd": ("databar-ltd", "0106901234567892"),
    "DataBarExp": ("databar-exp", "01069012345678923103001234"),
    "DataBarExpStk": ("databar-exp", "01069012345678923103001234"),
    "DataMatrix": ("datamatrix", "010690123456789210AB"),
    "QRCode": ("qr", "https://store.example/t/cart-01.aaaaaaaa"),
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample[0]}-{len(sample[1])}")
def test_every_kind_is_read_in_a_shop(sample: tuple[str, str, dict[str, object]]) -> None:
    symbology, text, options = sample
    picture = shown(written(symbology, text, **options), wide=0.7 if "Exp" in symbology else 0.5)
    if symbology == "Code128":
        wanted = ("code128", "010690123456789210AB\x1d217" if options else text)
    else:
        wanted = WANTED[symbology]
    assert decode.decode(picture) == [wanted]


@pytest.mark.parametrize("turn", [0, 33, 90, 135, 180])
def test_at_any_angle(turn: float) -> None:
    assert decode.decode(shown(written("EAN13", GTIN), turn=turn)) == [("ean13", GTIN)]


def test_without_libzbar0_the_other_two_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "ZBAR_MISSING", "Unable to find zbar shared library")
    view = whole(shown(written("EAN13", GTIN)))
    assert STAGES["zbar"](Views(view), "zbar") == []
    assert decode.decode(view.gray) == [("ean13", GTIN)]


def test_a_structured_append_code_is_read() -> None:
    for picture in structured_append():
        assert [kind for kind, _ in decode.decode(picture)] == ["qr"]
        assert STAGES["zbar"](Views(whole(picture)), "zbar") == []  # where pyzbar raises


class TestText:
    @pytest.mark.parametrize("text", ["会员码:张三|VIP8|2026", "支付金额￥128.50元", "促销:买一送一(满￥99减20)"])
    @pytest.mark.parametrize(
        ("encoding", "eci"), [("utf-8", False), ("utf-8", True), ("gb18030", False), ("gb18030", True)]
    )
    def test_chinese(self, text: str, encoding: str, eci: bool) -> None:
        code = segno.make(text, encoding=encoding, eci=eci, mode="byte", micro=False)
        assert decode.decode(segno_gray(code)) == [("qr", text)]

    def test_hanzi_mode_and_characters_of_four_bytes(self) -> None:
        code = segno.make("会员码", encoding="gb2312", mode="hanzi", micro=False)
        assert decode.decode(segno_gray(code)) == [("qr", "会员码")]
        for eci in (False, True):
            code = segno.make("会员¥㐂码", encoding="gb18030", eci=eci, mode="byte", micro=False)
            assert decode.decode(segno_gray(code)) == [("qr", "会员¥㐂码")]

    @pytest.mark.parametrize(
        ("text", "codec"),
        [
            ("café à la carte", "latin-1"),
            ("Größe: süß, groß", "latin-1"),
            ("Crème brûlée créée", "cp1252"),
            ("Молочный шоколад с орехами", "cp1251"),
            ("T恤 A区 VIP卡 iPhone手机壳", "gb18030"),
            ("好", "gb18030"),
            ("*ﾃﾞｻﾞｲﾝQR*", "shift_jis"),
            ("デザインは日本", "shift_jis"),
            ("棉花与草莓", "gb18030"),
            ("批次七", "gb18030"),
            ("", "utf-8"),
        ],
    )
    def test_without_an_eci(self, text: str, codec: str) -> None:
        assert text_of(text.encode(codec)) == text

    def test_ecis_switch_and_a_lying_one_is_not_believed(self) -> None:
        said = b"a\\\\b\\000026" + "张".encode() + b"\\000029" + "三".encode("gb18030")
        assert text_with_switches(said) == "a\\b张三"
        assert text_with_switches(b"\\000026" + "会员".encode("gb18030")) == "会员"
        assert text_with_switches(b"\\000001" + "ÄÖÜ".encode("latin-1")) == "ÄÖÜ"
        assert text_with_switches(b"\\000020" + "①髙橋".encode("cp932")) == "①髙橋"
        assert text_with_switches(b"\\000028" + "嘅粧".encode("big5hkscs")) == "嘅粧"
        assert text_with_switches(b"\\000030" + "똠".encode("cp949")) == "똠"

    def test_no_bytes_raise(self) -> None:
        rng = np.random.default_rng(5)
        for size in range(200):
            data = rng.bytes(size % 40)
            assert isinstance(text_of(data), str)
            assert isinstance(text_with_switches(data), str)


def read(text: str, engine: str = "zxing", thick: float = 60.0, **more: object) -> Read:
    kind = more.pop("format", "ean13")
    quad = ((10.0, 10.0), (310.0, 10.0), (310.0, 10.0 + thick), (10.0, 10.0 + thick))
    return Read(kind, text, text.encode(), "]E0", quad, engine, **more)  # type: ignore[arg-type]


class TestEvidence:
    def test_one_row_is_not_believed_but_two_engines_are(self) -> None:
        thin = read(GTIN, thick=1.0)
        assert believed([thin]) == []
        assert believed([thin, thin]) == []  # the same eyes again
        assert [code.read.text for code in believed([thin, read(GTIN, "opencv")])] == [GTIN]

    def test_two_codes_at_one_place_are_none(self) -> None:
        other = "4006381333931"
        assert believed([read(GTIN, thick=30), read(other, thick=30)]) == []
        assert [code.read.text for code in believed([read(GTIN, thick=120), read(other, thick=8)])] == [GTIN]

    def test_a_part_of_a_code_loses_to_the_whole(self) -> None:
        part = read("0042100005264", format="upce", thick=15)
        assert [code.read.text for code in believed([part, read(GTIN)])] == [GTIN]

    def test_opencv_alone_is_not_believed(self) -> None:
        assert believed([read(GTIN, "opencv")]) == []

    @pytest.mark.parametrize("digits", ["", "12a", "²", "6901234567893"])
    def test_check_digit(self, digits: str) -> None:
        assert checked(GTIN)
        assert not checked(digits) or digits == ""
