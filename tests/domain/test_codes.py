"""What a code means: every kind, every refusal, ambiguity, and whatever people hold to a camera."""

from __future__ import annotations

import binascii
import string
import time
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.domain.codes import words as code_words
from edge.domain.codes.code_reader import LONGEST, CodeReader, FoundProduct
from edge.domain.codes.gs1_codes import Gs1
from edge.domain.codes.readings import CERTAINTIES, Do, Kind, Next, Reading, Scan
from edge.domain.members import sessions
from edge.domain.members.passes import AHEAD_S, LIFE_S, Passes
from edge.domain.printing import decisions as printing
from edge.domain.touchpoints import queries as touchpoint_queries
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.errors import Refusal
from gs1.in_store import BadRule, InStoreRule, value_check_digit
from gs1.trade import Trade, check_digit
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.test_printing import printers
from tests.rounds import rounds
from words.sentences import has

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.journal import Reads, Tx
    from edge.journal.journal import Journal

ROUNDS = rounds(15)
KEY = b"k" * 32
NOW = SetClock.now
RULES = (InStoreRule("2[01]IIIIIWWWWWC", 3), InStoreRule("21IIIIIVPPPPC", 2))
MILK = "06901234567892"
BANANAS = "02012345000001"
WORDS = {"zh-CN": "牛奶", "en": "Milk"}
ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(codec="ascii"), max_size=60),
    st.text(string.digits, min_size=1, max_size=40),
    st.text("0123456789()\x1d]CdeQE{}", max_size=60),
    st.sampled_from(
        ["https://", "http://store.test/t/", "SK:", "WIFI:", "BEGIN:VCARD", "]C1", "]e0", "(01)", "\x1d01"]
    ).flatmap(lambda start: st.text(max_size=80).map(lambda rest: start + rest)),
)


def ean(twelve: str) -> str:
    return f"{twelve}{check_digit(twelve)}"


@pytest.fixture
def codes(store: Journal) -> Codes:
    return Codes(KEY, "s001", lambda name: touchpoint_queries.touchpoint(store.reads, name))


@pytest.fixture
def own() -> Passes:
    return Passes(KEY, "s001")


def make(codes: Codes, own: Passes, reads: Reads, more: Sequence[str] = ()) -> CodeReader:
    goods = {
        MILK: FoundProduct(WORDS, f"/p/{MILK}"),
        BANANAS: FoundProduct({"zh-CN": "香蕉", "en": "Bananas"}, f"/p/{BANANAS}"),
    } | {gtin: FoundProduct(WORDS, f"/p/{gtin}") for gtin in more}
    return CodeReader(
        codes,
        own,
        reads,
        standards=Gs1(),
        rules=RULES,
        product=lambda trade: goods.get(trade.gtin),
        hosts=["store.test"],
    )


@pytest.fixture
def meanings(store: Journal, codes: Codes, own: Passes) -> CodeReader:
    return make(codes, own, store.reads)


@pytest.fixture
async def member(store: Journal) -> str:
    """Whose pass is PASS2PASS2."""

    def come(tx: Tx) -> str:
        return join(tx, 1)

    name = await store.write(come)
    await store.write(sessions.issue_pass, caller=by(name), fresh="PASS2PASS2")
    return name


def one(meanings: CodeReader, text: str, symbology: str | None = None, now: int = NOW) -> Reading:
    return meanings.read(Scan(text, symbology), now)[0]


def test_half_a_pair_of_utf_16_is_a_text_like_any_other(meanings: CodeReader) -> None:
    assert one(meanings, "\ud8a2 69").kind == "unknown"


def test_our_codes_are_known_in_any_dress(meanings: CodeReader, codes: Codes) -> None:
    sticker = codes.static("cart-01")
    for text in (
        sticker,
        f"http://store.test/t/{sticker}",
        f"https://10.0.0.7:8443/t/{sticker}",
        f"http://old-name.example/t/{sticker}/",
        f"\n{sticker}\r\n",
    ):
        reading = one(meanings, text)
        assert (reading.kind, reading.certainty, reading.next.href) == ("touchpoint", "signed", f"/t/{sticker}")
        assert reading.touchpoint
        assert reading.touchpoint.device == "cart-01"


def test_coupons_badges_and_collect_codes_are_told_apart(meanings: CodeReader, codes: Codes) -> None:
    coupon = one(meanings, f"http://store.test/t/{codes.rotating('screen-baby', 'milk', NOW)}")
    assert (coupon.kind, coupon.next.do, coupon.title["en"]) == ("coupon", "claim", "milk")
    parcel = one(meanings, codes.collect("cart-02", "seed2seed2"))
    assert (parcel.kind, parcel.next.do) == ("parcel", "collect")


@pytest.mark.parametrize("before", ["]Q1", "]d1", "]X0", "]Q2", "#", "$", "|", "\x02", "\x1b", "\x01\x02"])
@pytest.mark.parametrize("behind", ["", "\x03", "\x04", "\x17", "\x7f", "\r", "|"])
def test_our_codes_are_known_with_what_readers_put_around_them(
    meanings: CodeReader, codes: Codes, before: str, behind: str
) -> None:
    sticker = codes.static("cart-01")
    for text in (sticker, f"http://store.test/t/{sticker}"):
        assert one(meanings, before + text + behind).next.href == f"/t/{sticker}"


@pytest.mark.parametrize(
    "text",
    [
        "\x01{}\x04", "\x02{}\x17", "\x1b{}", "\x0e{}\x0f", "{}\x7f", "{}\x1e\x04",
        "#{}", "%{}", "$ {}", "~{}", ">{}", "{}|", "{}/",
        "A{}", "d{}", "F{}", "]X0{}", "]E0]E0{}", "]Z6{}", "EAN: {}", "GTIN {}", "条码：{}", '="{}"', "{}+12",
        "{} 51234", "{}^M",
        "urn:gtin:{}", "{0}\n{0}", "2026-11-28 12:00:00 {}",
    ],
)  # fmt: skip
def test_a_product_of_ours_is_known_by_its_number_within_a_label(meanings: CodeReader, text: str) -> None:
    reading = one(meanings, text.format(MILK[1:]))
    assert (reading.kind, reading.certainty, reading.trade and reading.trade.gtin) == ("product", "known", MILK)


@pytest.mark.parametrize("issue", ["12", "51234"])
def test_a_magazine_is_known_with_its_issue(store: Journal, codes: Codes, own: Passes, issue: str) -> None:
    magazine, book = ean("977123456789"), ean("978316148410")
    reader = make(codes, own, store.reads, [magazine.zfill(14), book.zfill(14)])
    for known in (magazine, book):
        for gap in ("", " ", "+", "-"):
            for front in ("", "]E3", "A"):
                reading = one(reader, f"{front}{known}{gap}{issue}")
                assert (reading.certainty, reading.trade and reading.trade.gtin) == ("known", known.zfill(14))


@pytest.mark.parametrize(
    "text",
    ["A6901234567908", f"{MILK[1:]} 2012345000001", f"tel:{MILK[1:]}", f"https://x.example/?ean={MILK[1:]}",
     f"9{MILK}9", f"A{MILK[1:]}" + " and more" * 9, f"WIFI:S:{MILK[1:]};;"],
)  # fmt: skip
def test_a_label_with_another_number_or_of_another_kind_is_no_product(meanings: CodeReader, text: str) -> None:
    assert all(each.kind == "unknown" for each in meanings.read(Scan(text), NOW))


async def test_a_promoters_badge_is_one(store: Journal, meanings: CodeReader, codes: Codes) -> None:
    badge = TouchpointDefined(touchpoint="badge-li", purpose="badge", zone="baby", label=WORDS, at=(1.0, 1.0))
    await store.write(lambda tx: tx.emit(badge) and None)
    assert one(meanings, codes.static("badge-li")).kind == "badge"


def test_what_is_forged_or_too_old_says_so(meanings: CodeReader, codes: Codes) -> None:
    old = codes.rotating("screen-baby", "milk", NOW - 120_000)
    assert one(meanings, f"http://store.test/t/{old}").refused == "code_expired"
    forged = one(meanings, "http://store.test/t/cart-01.aaaaaaaa")
    assert (forged.kind, forged.refused, forged.certainty) == ("touchpoint", "code_tampered", "guessed")
    assert one(meanings, "http://store.test/t/no-such.aaaaaaaa").refused == "code_unknown"
    stranger = one(meanings, "http://elsewhere.test/t/no-such.aaaaaaaa")
    assert (stranger.kind, stranger.what, stranger.refused) == ("unknown", "address", "")


def test_a_members_code(meanings: CodeReader, own: Passes, member: str, clock: SetClock) -> None:
    reading = one(meanings, own.code("PASS2PASS2", NOW))
    assert (reading.kind, reading.member, reading.next.do) == ("member", member, "greet")
    for late_s, refused in ((LIFE_S, ""), (LIFE_S + 1, "code_expired"), (-AHEAD_S, ""), (-AHEAD_S - 1, "code_expired")):
        clock.now = NOW + late_s * 1000
        assert one(meanings, own.code("PASS2PASS2", NOW)).refused == refused
    clock.now = NOW
    assert LIFE_S + AHEAD_S <= 60
    assert one(meanings, own.code("PASS3PASS3", NOW)).refused == "code_unknown"
    assert one(meanings, Passes(b"x" * 32, "s001").code("PASS2PASS2", NOW)).refused == "code_tampered"
    assert one(meanings, Passes(KEY, "s002").code("PASS2PASS2", NOW)).refused == "code_tampered"


async def test_a_used_code_and_all_older_ones_are_refused(
    store: Journal, meanings: CodeReader, own: Passes, member: str
) -> None:
    older, newer = own.code("PASS2PASS2", NOW - 20_000), own.code("PASS2PASS2", NOW - 5_000)
    shown = own.read(newer, NOW)
    assert shown
    assert await store.write(sessions.use_code, shown, purpose="greet", at="scanner") == member
    for text in (older, newer):
        assert one(meanings, text).refused == "code_used"
        again = own.read(text, NOW)
        assert again
        with pytest.raises(Refusal, match="code_used"):
            await store.write(sessions.use_code, again, purpose="greet", at="scanner")
    assert one(meanings, own.code("PASS2PASS2", NOW)).refused == ""


async def test_a_code_that_waited_too_long_is_not_used(
    store: Journal, clock: SetClock, own: Passes, member: str
) -> None:
    shown = own.read(own.code("PASS2PASS2", NOW), NOW)
    assert shown
    clock.now = NOW + 61_000
    with pytest.raises(Refusal, match="code_expired"):
        await store.write(sessions.use_code, shown, purpose="greet", at="scanner")
    assert member


async def test_a_new_pass_ends_the_old_one(store: Journal, meanings: CodeReader, own: Passes, member: str) -> None:
    assert await store.write(sessions.issue_pass, caller=by(member), fresh="NEWNEWNEW2") == "PASS2PASS2"
    assert await store.write(sessions.issue_pass, caller=by(member), fresh="NEWNEWNEW2", anew=True) == "NEWNEWNEW2"
    assert one(meanings, own.code("PASS2PASS2", NOW)).refused == "code_unknown"
    assert one(meanings, own.code("NEWNEWNEW2", NOW)).member == member
    with pytest.raises(Refusal, match="not_registered"):
        await store.write(sessions.issue_pass, caller=by("nobody"), fresh="X")


async def test_a_slips_number(store: Journal, meanings: CodeReader) -> None:
    await store.write(printers)
    await store.write(
        printing.order, job="order-4711", slip="receipt", values={}, printer="printer-1", language="en", by="till"
    )
    reading = one(meanings, "order-4711", "code128")
    assert (reading.kind, reading.certainty, reading.job) == ("slip", "known", "order-4711")


@pytest.mark.parametrize(
    ("text", "symbology", "form"),
    [
        ("6901234567892", "ean13", "ean13"),
        ("6901234567892", None, "ean13"),
        ("06901234567892", "itf14", "itf14"),
        ("https://id.gs1.org/01/06901234567892?10=B7", "qr", "digital_link"),
        ("https://shop.example/some/path/gtin/6901234567892/lot/B7", "qr", "digital_link"),
        ("(01)06901234567892(10)B7", "gs1-128", "gs1"),
        ("]C1010690123456789210B7", None, "gs1"),
        ("010690123456789210B7", "code128", "gs1"),
        ("https://store.test/p/06901234567892?from=screen-baby", "qr", "page"),
        ("\x026901234567892\x03", None, "ean13"),
        ("\x02]C1010690123456789210B7\x03\r", None, "gs1"),
    ],
)
def test_a_product_in_any_of_its_codes(meanings: CodeReader, text: str, symbology: str | None, form: str) -> None:
    reading = one(meanings, text, symbology)
    assert reading.trade
    assert (reading.kind, reading.certainty, reading.trade.gtin, reading.trade.form) == ("product", "known", MILK, form)
    assert (reading.title, reading.next.href) == (WORDS, f"/p/{MILK}")
    assert reading.trade.batch in ("", "B7")


def test_weight_price_and_dates_from_a_databar(meanings: CodeReader) -> None:
    data = "0106901234567892" + "3103001250" + "3922" + "1990\x1d" + "15270131" + "17270228" + "10AB"
    trade = one(meanings, data, "gs1-databar").trade
    assert trade
    assert (trade.weight_g, trade.price, trade.batch) == (1250, 1990, "AB")
    assert (trade.best_before, trade.use_by) == ("2027-01-31", "2027-02-28")
    pounds = one(meanings, "01069012345678923202000100", "gs1-databar").trade
    assert pounds
    assert pounds.weight_g == 454


@pytest.mark.parametrize(
    ("currency", "elements", "price"),
    [
        ("CNY", "39221990", 1990),
        ("CNY", "39321561990", 1990),
        ("CNY", "39328400199", None),
        ("USD", "39328400199", 199),
        ("JPY", "3920398", 398),
        ("JPY", "3930392398", 398),
        ("KWD", "39231250", 1250),
        ("KWD", "39324141250", 12500),
    ],
)
def test_a_price_is_read_in_the_stores_currency_and_no_other(currency: str, elements: str, price: int | None) -> None:
    (reading,) = Gs1(currency).elements(Scan(f"0106901234567892{elements}", "gs1-databar"))
    assert reading.trade
    assert reading.trade.price == price


@pytest.mark.parametrize(
    ("elements", "count"),
    [
        ("(01)06901234567892(37)12", None),
        ("(01)06901234567892(30)12", None),
        ("(01)96901234567895(30)4", 4),
        ("(01)96901234567895(37)4", None),
        ("(01)96901234567895(30)0", None),
    ],
)
def test_only_an_item_that_varies_has_a_count_of_its_own(elements: str, count: int | None) -> None:
    """GS1 General Specifications: (30) on a fixed item is a mistake and does not spoil it; (37) counts what a logistic
    unit holds.
    """
    (reading,) = Gs1().elements(Scan(elements, "gs1-128"))
    assert reading.trade
    assert (reading.kind, reading.refused, reading.trade.count) == ("product", "", count)


@pytest.mark.parametrize(
    "elements",
    [
        "(02)06901234567892(37)12",
        "(00)106141412345678908(02)06901234567892(37)12",
        "(02)06901234567892(37)12(10)B7",
        "(02)06901234567892",
        "(8026)069012345678920102(37)3",
    ],
)
def test_what_a_pallet_holds_is_no_product_in_the_hand(meanings: CodeReader, elements: str) -> None:
    reading = one(meanings, elements, "gs1-128")
    assert (reading.kind, reading.what, reading.trade) == ("unknown", "sscc", None)


def test_what_a_code_costs_is_said_in_the_stores_currency() -> None:
    reading = Reading("product", "known", "gs1_elements", trade=Trade("06901234567892", "gs1", price=398))
    reading = msgspec.structs.replace(reading, next=Next("look", "/p/06901234567892"))
    assert code_words.describe(reading, "en", "JPY").text == "price ¥398"


def test_labels_of_the_stores_own_scales(meanings: CodeReader) -> None:
    reading = one(meanings, ean("201234501250"), "ean13")
    assert reading.trade
    assert (reading.reason, reading.certainty, reading.title["en"]) == ("in_store_rule", "known", "Bananas")
    assert (reading.trade.item, reading.trade.weight_g, reading.trade.gtin) == ("12345", 1250, BANANAS)


def test_what_a_rule_leaves_open_is_no_part_of_the_item() -> None:
    trade = InStoreRule("20IIIIIXXXXXC").read(ean("201234598765"))
    assert trade
    assert (trade.gtin, trade.weight_g, trade.price) == (BANANAS, None, None)


@pytest.mark.parametrize(("minor", "price"), [(0, 1990), (2, 199000), (3, 1990000)])
def test_a_price_without_decimals_is_in_the_smallest_unit_of_the_stores_money(minor: int, price: int) -> None:
    trade = InStoreRule("20IIIIIPPPPPC", minor=minor).read(ean("201234501990"))
    assert trade
    assert trade.price == price


@pytest.mark.parametrize("sign", ["W", "P", "N"])
def test_zeros_on_a_label_are_no_price_and_no_weight(sign: str) -> None:
    """A bag whose price had one digit too many cost nothing."""
    trade = InStoreRule(f"22IIIII{sign * 5}C", decimals=2).read(ean("221234500000"))
    assert trade
    assert (trade.weight_g, trade.price, trade.count) == (None, None, None)
    (reading,) = Gs1("CNY").elements(Scan("0106901234567892310000000039200", "gs1-databar"))
    assert reading.trade
    assert (reading.trade.price, reading.trade.weight_g) == (None, None)


def test_two_rules_that_fit_are_two_readings(meanings: CodeReader) -> None:
    check = value_check_digit("1990")
    digits = ean(f"2112345{check}1990")
    readings = meanings.read(Scan(digits, "ean13"), NOW)
    by_rule = [each.trade for each in readings if each.reason == "in_store_rule"]
    assert [(trade and trade.weight_g, trade and trade.price) for trade in by_rule] == [
        (check * 10_000 + 1990, None),
        (None, 1990),
    ]
    assert [each.reason for each in readings] == ["in_store_rule", "in_store_rule", "check_digit"]


def test_eight_digits_may_be_two_numbers(meanings: CodeReader) -> None:
    """04252614 is UPC-E of 042100005264; where EAN-8's check digit is right too, both are said."""
    both = next(
        text
        for text in (f"0{n:06}{check}" for n in range(10_000, 200_000) for check in range(10))
        if len({each.trade.gtin for each in Gs1().elements(Scan(text)) if each.trade}) == 2
    )
    assert {each.what for each in meanings.read(Scan(both), NOW)} == {"upce", "in_store"}
    assert [each.what for each in meanings.read(Scan(both, "upce"), NOW)] == ["upce"]
    assert [each.what for each in meanings.read(Scan(both, "ean8"), NOW)] == ["in_store"]


UPCE, UPCE_WHOLE = "04252146", "00042520000016"


@pytest.mark.parametrize(
    ("text", "symbology"), [(UPCE, "upce"), (UPCE, "UPC-E"), (UPCE_WHOLE[2:], "upce"), (UPCE_WHOLE[1:], "upc_e")]
)
@pytest.mark.parametrize("listed", [UPCE.zfill(14), UPCE_WHOLE])
def test_a_upc_e_is_found_whichever_way_a_list_had_it(
    store: Journal, codes: Codes, own: Passes, text: str, symbology: str, listed: str
) -> None:
    read = make(codes, own, store.reads, more=[listed]).read(Scan(text, symbology), NOW)
    assert [(each.certainty, each.trade and each.trade.gtin) for each in read] == [("known", listed)]


def test_a_upc_e_that_the_catalogue_has_both_ways_is_what_it_stands_for(
    store: Journal, codes: Codes, own: Passes
) -> None:
    meanings = make(codes, own, store.reads, more=[UPCE.zfill(14), UPCE_WHOLE])
    assert [each.trade and each.trade.gtin for each in meanings.read(Scan(UPCE, "upce"), NOW)] == [UPCE_WHOLE]
    whole = [each.trade and each.trade.gtin for each in meanings.read(Scan(UPCE_WHOLE[2:], "upca"), NOW)]
    assert whole == [UPCE_WHOLE]


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("hello", "unknown", "text"),
        ("12345", "unknown", "digits"),
        ("", "unknown", "empty"),
        (ean("980123456789"), "unknown", "refund"),
        (ean("991234567890"), "unknown", "coupon"),
        (ean("978711121382"), "product", "isbn"),
        (ean("977167400123"), "product", "issn"),
        ("]C100123456789012345675", "unknown", "sscc"),
        ("(8004)95201234ABC", "unknown", "asset"),
        ("(414)9520123456788", "unknown", "gln"),
    ],
)
def test_everything_else_is_said_to_be_what_it_is(meanings: CodeReader, text: str, kind: str, what: str) -> None:
    reading = one(meanings, text)
    assert (reading.kind, reading.what) == (kind, what)
    assert code_words.describe(reading, "zh-CN").text


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("0106901234567893", "gs1-databar"),
        ("]C101095211015300180109521101530025", None),
        ("(01)09521101530018(3103)000500(3102)000700", None),
        ("(01)09521101530018(10)A(10)B", None),
    ],
)
def test_a_faulty_gs1_code_is_called_faulty(meanings: CodeReader, text: str, symbology: str | None) -> None:
    reading = one(meanings, text, symbology)
    assert (reading.refused, reading.kind) == ("bad_gs1", "unknown")


def test_what_is_said_twice_in_a_code_is_said(meanings: CodeReader) -> None:
    trade = one(meanings, "(01)09521101530018(10)A(3103)000500(10)A").trade
    assert trade is not None
    assert (trade.gtin, trade.batch, trade.weight_g) == ("09521101530018", "A", 500)


EMV_ACCOUNTS = {"pix": "2658", "upi": "2637", "paynow": "5120", "unionpay": "1532", "visa": "0216"}


def emv(account: str, *, many: str, name: str) -> str:
    """A merchant's code by EMVCo's book, with its check sum."""
    fields = f"000201{many}{account}{'0A' * 29}"[: 6 + len(many) + 4 + int(account[2:])]
    fields += f"52045411530398654031005802CN59{len(name):02}{name}6008SHANGHAI6304"
    return f"{fields}{binascii.crc_hqx(fields.encode(), 0xFFFF):04X}"


BCD = "BCD\n002\n1\nSCT\nBFSWDE33BER\nWikimedia Foerdergesellschaft\nDE33100205000001194700\nEUR123.45\n\n\nSpende"
PAYS = {
    "wechat_pay": ["100000000000000000", "134567890123456789", "159999999999999999"],
    "alipay": ["2812345678901234", "2512345678901234567", "301234567890123456789012"],
    "unionpay": ["6212345678901234567"],
    "payment_code": ["hQVDUFYwMWFWTwegAAAFVwIDUAdEaXNjb3ZlcloIZQhVFmhgAAA=", "hQVDUFYwMWETTwegAAADMwEB"],
}
ASKS = [
    *(emv(each, many=many, name="WANG JI") for each in EMV_ACCOUNTS.values() for many in ("", "010211", "010212")),
    *(BCD, BCD.replace("\n", "\r\n"), BCD.replace("002", "001"), f"{BCD}\n"),
    "SPC\r\n0200\r\n1\r\nCH4431999123000889012\r\nS\r\nRobert Schneider AG\r\n",
    "SPD*1.0*ACC:CZ2806000000000168540115*AM:450.00*CC:CZK",
    "ST00012|Name=Shop|PersonalAcc=40702810138250123017|BankName=Bank|BIC=044525225|CorrespAcc=30101810400000000225",
    *(
        "upi://pay?pa=shop@okaxis&pn=Shop&am=10",
        "UPI://PAY?pa=x@y",
        "payto://iban/DE75512108001245126199?amount=EUR:200",
    ),
    *("bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?amount=0.01", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    *("ethereum:0xb60e8dd61c5d32be8058bb8eb970870f07233155", "lightning:lnbc20m1pvjluezpp5qqqsyqcyq5rqwzqf"),
    *("wxp://f2f0abcdef", "alipays://platformapi/startapp?appId=1", "weixin://wxpay/bizpayurl?pr=abc"),
    *(
        "https://qr.alipay.com/abc",
        "HTTPS://QR.ALIPAY.COM/FKX0123",
        "https://wx.tenpay.com/f2f?t=1",
        "https://qr.95516.com/0",
    ),
    *("https://paypal.me/shop/10", "https://www.paypal.com/paypalme/shop"),
]
OTHERS = {
    "wechat_link": ["weixin://dl/business/?appid=wx1&path=p", "https://u.wechat.com/abc", "http://weixin.qq.com/r/x"],
    "wifi": ["WIFI:S:a;P:b;;", "WIFI:T:WPA;S:home;P:secret;;", "DPP:C:81/1;K:MDkwEw;;"],
    "contact": ["BEGIN:VCARD\nVERSION:3.0\nN:Wang;Li\nEND:VCARD", "MECARD:N:Wang;TEL:1;;"],
    "one_time_password": ["otpauth://totp/x?secret=JBSWY3DP", "otpauth-migration://offline?data=Cj0K"],
    "health": [
        *("HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC", "shc:/5676290952432060346029243740446031222959"),
        '{"urls":["Task/4711/$accept?ac=777bea0e13cc9c42ceec14aec3ddee2263325dc2c6c699db115f58fe423607ea"]}',
        '<MP v="025" U="02BD2867FB024401A590D59D94E1FFAE" l="de-DE">',
    ],
    "phone": ["tel:+4915112345678", "+49 151 12345678", "13800138000", "+86 138-0013-8000", "86 13800138000"],
    "message": ["SMSTO:+4915112345678:hello", "sms:123?body=x"],
    "mail": ["mailto:a@b.example?subject=x", "a.person@shop.example", "MATMSG:TO:a@b.example;SUB:x;BODY:y;;"],
    "place": ["geo:31.2,121.5?q=home", "GEO:52.5,13.4"],
    "boarding_pass": [
        "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 100",
        "M2GRANDMAIRE/MELANIE  EABC123 GVACDGAF 0123 339C002F0025 130>5002A0571234567890 2 AF AF",
    ],
    "id_card": ["330106199003078515", "@\n\x1e\rANSI 636000080002DL00410278ZV03190008DLDAQT64235789"],
    "address": ["https://shop.example/p/06901234567892?session=abc", "www.example.com"],
    "app": [
        "tg://resolve?domain=x",
        "FIDO:/13086400838107303667332719012595115747821895775708323189557153075146383351399743589971313508078026948312026786722471666005727649643501784024544726574771401798171307406596245",
        "LPA:1$smdp.example$04386-AGYFT-A74Y8-3F815",
    ],
}
FOREIGN = [
    *(("payment", what, text) for what, texts in PAYS.items() for text in texts),
    *(("payment", "payment_link", text) for text in ASKS),
    *(("unknown", what, text) for what, texts in OTHERS.items() for text in texts),
]


@pytest.mark.parametrize(("kind", "what", "text"), FOREIGN)
def test_what_others_gave_somebody_is_named_and_never_repeated(
    meanings: CodeReader, kind: str, what: str, text: str
) -> None:
    for came in (text, f"{text}\r\n", f"]Q1{text}"):
        readings = meanings.read(Scan(came, "qr"), NOW)
        assert (readings[0].kind, readings[0].what) == (kind, what)
        said = [msgspec.structs.astuple(code_words.describe(readings[0], each)) for each in ("zh-CN", "en", "de")]
        assert text not in repr((readings, said))


def citizen(digits: str) -> str:
    """The 17 digits with their check digit, by the weights of GB 11643."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(each) * weight for each, weight in zip(digits, weights, strict=True)) % 11]


@pytest.mark.parametrize("place", ["110105", "120101", "130102", "140105", "150102", "330106", "440305", "650104"])
def test_the_number_of_a_citizen_is_no_payment_code_and_is_never_repeated(meanings: CodeReader, place: str) -> None:
    seen = set()
    for number in range(0, 1000, 3):
        text = citizen(f"{place}{1930 + number % 90}{1 + number % 12:02}{1 + number % 28:02}{number:03}")
        seen.add(text[-1])
        reading = meanings.read(Scan(text.lower() if number % 2 else text, "qr"), NOW)[0]
        assert (reading.kind, reading.what) == ("unknown", "id_card"), text
        assert text not in repr((reading, code_words.describe(reading, "zh-CN")))
    assert len(seen) == 11


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310029",  # another check digit
        "110105194913310021", "110105190002290024", "110105180012310027",  # no such day; too long ago
    ],
)  # fmt: skip
def test_a_payment_code_that_only_looks_like_a_citizens_number_pays(meanings: CodeReader, text: str) -> None:
    assert one(meanings, text).what == "wechat_pay"


def test_a_code_that_asks_for_money_is_no_faulty_bar_code(meanings: CodeReader) -> None:
    """Its first digits may be those of a shipping label, with their check digit."""
    for number in range(200):
        text = emv(
            f"{26 + number % 20}{30 + number % 28}", many=("", "010211")[number % 2], name=f"SHOP {number * 7919}"
        )
        assert meanings.read(Scan(text, "qr"), NOW)[0].kind == "payment"


@pytest.mark.parametrize(
    "text",
    ["M2 SCHRAUBEN VERZINKT EDELSTAHL", "BCD", "SPC 12", "ST00012", "BC12345678901234", "000201", "bank", "+A12345"],
)
def test_what_only_begins_so_is_none_of_these(meanings: CodeReader, text: str) -> None:
    assert one(meanings, text).what in ("text", "digits")


def test_every_kind_and_every_next_step_has_words() -> None:
    for kind in get_args(Kind):
        assert has(f"code.kind.{kind}.title"), kind
        assert has(f"code.kind.{kind}.text"), kind
    for do in get_args(Do):
        assert has(f"code.label.{do}"), do


@pytest.mark.parametrize(
    "pattern",
    ["", "20IIIIIWWWWW", "20IIIIIWWWWWCC", "20IIIIIWWPPPC", "20WWWWWWWWWWC", "2(IIIIIWWWWWC", "20IIIIVVWWWWC"],
)
def test_a_rule_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(BadRule, match="expected"):
        InStoreRule(pattern).check()


class _Still:
    """Reads that know nothing: the fuzz below is about texts, and a file for each of them would be slow."""

    now = NOW

    def all(self, _sql: str, *_params: Any) -> list[Any]:
        return []

    def one(self, _sql: str, *_params: Any) -> Any:
        return None


@pytest.fixture(scope="module")
def quick() -> CodeReader:
    place = Touchpoint("cart-01", "cart", "entrance", WORDS, "cart-01")
    return make(Codes(KEY, "s001", lambda name: place if name == "cart-01" else None), Passes(KEY, "s001"), _Still())


@settings(max_examples=12 * ROUNDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    text=ANY_TEXT,
    symbology=st.one_of(
        st.none(), st.sampled_from(["ean13", "upce", "gs1-128", "qr", "databar"]), st.text(max_size=12)
    ),
    raw=st.one_of(st.none(), st.binary(max_size=40)),
)
def test_whatever_is_scanned_is_answered(
    quick: CodeReader, text: str, symbology: str | None, raw: bytes | None
) -> None:
    readings = quick.read(Scan(text, symbology, raw), NOW)
    assert readings
    order = [(bool(each.refused), CERTAINTIES.index(each.certainty)) for each in readings]
    assert order == sorted(order)
    for each in readings:
        assert code_words.describe(each, "en").title
        assert each.certainty != "signed"  # nobody finds a signature by chance


@settings(max_examples=8 * ROUNDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_code_is_ever_taken(quick: CodeReader, data: st.DataObject) -> None:
    """Any change of any character of a genuine code, and any code of another key."""
    codes, own = Codes(KEY, "s001", lambda _: None), Passes(KEY, "s001")
    genuine = data.draw(
        st.sampled_from(
            [codes.static("cart-01"), codes.rotating("cart-01", "milk", NOW), own.code("PASS2PASS2", NOW),
             codes.collect("cart-01", "seed2seed2")]
        )
    )  # fmt: skip
    place = data.draw(st.integers(0, len(genuine) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + ".:-|é"))
    cut = data.draw(st.integers(0, 3))
    changed = genuine[:place] + letter * data.draw(st.integers(0, 2)) + genuine[place + cut :]
    if changed.strip("\r\n\t \0") == genuine:
        return
    assert not [each for each in quick.read(Scan(changed), NOW) if each.certainty == "signed"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * LONGEST,
        "(01)" * 1000,
        "https://a/" + "01/" * 1300,
        "https://a/01/06901234567892?" + "10=A&" * 800,
        "\x1d" * LONGEST,
        "10" + "A" * 4000,
        "a." * 2000,
        "9" * LONGEST,
        "a@" * 2000,
        "x" * 1_000_000,
    ],
)
def test_long_and_nested_texts_cost_little(quick: CodeReader, text: str) -> None:
    """Ten milliseconds of the processor; what begins anew at each letter takes a second, what backtracks minutes."""
    begun = time.process_time()
    assert quick.read(Scan(text, "gs1-128"), NOW)
    assert quick.read(Scan(text), NOW)
    assert time.process_time() - begun < 0.5
