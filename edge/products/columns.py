"""Headings of tables of products: which column means which field, by its name, and where names do not tell, by what
stands in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from edge.products.amounts import SIGNS
from edge.products.fields import FIELDS, NAMES, UNIT
from edge.products.mistakes import BadFile, did_you_mean
from edge.products.values import barcode, names_weight, plain

_WORDS: Final = {
    "gtin": """gtin gtin8 gtin12 gtin13 gtin14 ean ean8 ean13 eancode upc upca upccode barcode barcodes barcodenumber
        条码 商品条码 条形码 商品条形码 国际条码 国条码 条码号 69码 产品条码 货品条码 商品国际条码 国际条形码 主条码
        产品条形码 货品条形码 国际码 barcodeno eannr gtinnummer
        strichcode eannummer barcodenummer codebarre codebarres codesbarres codeean""",
    "code": """商品编码 编码 商品编号 商品代码 商品码 编号 货号 商品货号 货品编码 货品编号 产品编码 产品编号 自编码
        店内码 sku skucode code itemcode itemno itemnumber articlenumber productcode productid plu plucode id
        artikelnummer artikelnr artnr ref reference référence codearticle""",
    "name": """name product productname itemname item title description 商品 商品名 品名 名称 商品名称 产品名称
        货品名称 产品名 品名规格 商品全名 artikel artikelname bezeichnung artikelbezeichnung artikelbez artbez
        produktname produkt nom libellé libelle désignation designation produit article""",
    "name_zh": "namezh namezhcn namecn chinesename 中文名 中文名称 中文品名",
    "name_en": "nameen englishname 英文名 英文名称 英文品名 外文名称",
    "name_de": "namede germanname 德文名",
    "price": """price retailprice sellingprice salesprice unitprice 售价 价格 零售价 销售价 销售价格 零售价格
        单价 现价 标价 定价 零售单价 销售单价 统一零售价 统一售价 门店价 门店售价 门市价 执行价 执行售价 当前售价
        当前价格 最新售价 卖价 销价 价钱 含税价 含税价格 含税售价
        regularprice normalprice currentprice shelfprice storeprice grossprice
        bruttopreis preisbrutto vkbrutto bruttovk verkaufspreisbrutto bruttoverkaufspreis preis verkaufspreis vk vkpreis
        einzelpreis ladenpreis endpreis normalpreis regalpreis prix prixdevente
        prixttc prixunitaire pvttc""",
    "promo_price": "promoprice specialprice offerprice 促销价 特价 活动价 优惠价 aktionspreis prixpromo",
    "promo_from": "promofrom 促销开始 促销开始日期 活动开始日期",
    "promo_until": "promountil promoto promoend 促销结束 促销结束日期 活动结束日期",
    "size": """size netcontent packsize 规格 商品规格 净含量 规格型号 inhalt größe groesse füllmenge contenance taille
        format""",
    "unit": """unit units unitofmeasure uom salesunit 单位 计量单位 销售单位 计价单位 商品单位 einheit mengeneinheit
        verkaufseinheit unité unite""",
    "category": """category categoryname 分类 类别 商品分类 商品类别 品类 类目 大类 所属分类 kategorie warengruppe
        catégorie categorie rayon""",
    "category_zh": "categoryzh",
    "category_en": "categoryen",
    "category_de": "categoryde",
    "brand": "brand brandname 品牌 商品品牌 marke marque",
    "brand_zh": "brandzh 中文品牌",
    "brand_en": "branden 英文品牌",
    "brand_de": "brandde",
    "origin": "origin countryoforigin 产地 原产地 商品产地 herkunft herkunftsland origine paysdorigine",
    "origin_zh": "originzh",
    "origin_en": "originen",
    "origin_de": "originde",
    "picture": "picture image photo 图片 商品图片 bild photo",
    "shelf": "shelf 货架 货架号 陈列位置 regal rayonnage",
    "batch": "batch lot 批号 批次 批次号 charge",
    "made": "made productiondate 生产日期 herstellungsdatum",
    "best_before": """bestbefore bestbeforedate expirydate expiry 保质期至 有效期至 到期日 到期日期 mhd mindesthaltbar
        mindesthaltbarkeitsdatum""",
    "report": "report labreport qualityreport 质检报告 检测报告 prüfbericht",
    "level": "level shelflevel 层 层号 货架层 regalboden fach",
    "stock": "stock onhand quantityonhand 库存 库存数 库存数量 现有库存 bestand lagerbestand",
    "stars": "stars rating 评分 星级",
    "reviews": "reviews reviewcount 评价数 评论数",
    "here": "here instock available onsale 是否在售 在售 有货 是否有货",
    "tax": """tax taxrate vat vatrate 税率 增值税率 销项税率 商品税率 mwst mwstsatz ust ustsatz steuersatz tva tauxtva
        tauxdetva""",
    "no_offers": """nooffers nooffer nodiscount nodiscounts 不参与优惠 不参加优惠 不打折 不参与活动 禁止打折 keinrabatt
        nichtrabattfähig ohnerabatt sansremise""",
    "age": """age minage minimumage agelimit agerestriction 年龄限制 限制年龄 最低年龄 mindestalter altersfreigabe
        alterab ageminimum agemin""",
}
_TOTAL: Final = re.compile(
    r"""(?:[合总小共]计|总数|(?:sub[-\ ]?|grand\ )?total|(?:zwischen)?summe|gesamt(?:summe|betrag|wert|menge)?|somme)
    (?:[\W\d]|[合总小共计数量金额件条项种个元价款商品货库存]|total|summe|somme|amount|items|articles|artikel|products|qty
    |quantity|stock|eur|cny|rmb|général|ht|ttc|brutto|netto)*""",
    re.VERBOSE,
)
"""A sum, and nothing but its number and of what it is: 小计算器 is a small calculator, and Total Wipes are wipes."""
_FIELD_OF: Final = {word: field for field, words in _WORDS.items() for word in words.split()} | {
    field.replace("_", ""): field for field in FIELDS
}
"""What tills and spreadsheets call the same columns. `code` may be a bar code or the store's own number."""
_SIMPLER: Final = str.maketrans(
    "條碼國際貨產編號內稱價銷單現標優動開結淨規類別屬圖層質檢測報庫數評論級稅參與齡製間時陳達項總機電話聯繫會員積餘計額",
    "条码国际货产编号内称价销单现标优动开结净规类别属图层质检测报库数评论级税参与龄制间时陈达项总机电话联系会员积余计额",
)
"""Headings in traditional characters."""
_CLEAN: Final = re.compile(r"[\s_\-./:：*#='’\"“”()\[\]【】]+")
_CURRENCY: Final = "|".join(re.escape(sign.lower()) for sign in sorted(SIGNS, key=len, reverse=True))
_PAID: Final = re.compile(
    rf"(?:in)?({_CURRENCY}|人民币|euro|chf)$|inc(?:l(?:uding|usive)?)?(?:vat|tax)$|in[ck]l(?:usive)?(?:mwst|ust)$"
)
"""What a price is counted in, or that tax is in it, behind its name: `Verkaufspreis inkl. MwSt.`, `售价元`."""
_SPOKEN: Final = {
    "中文": "zh", "简体中文": "zh", "简体": "zh", "chinese": "zh", "chinesisch": "zh",
    "英文": "en", "英语": "en", "english": "en", "englisch": "en",
    "德文": "de", "德语": "de", "german": "de", "deutsch": "de",
}  # fmt: skip
"""A language before or behind the name of a text: `名称(英文)`."""
_UNIT: Final = re.compile(r"\s*[(（\[【/](.{1,12}?)[)）\]】]?\s*$")
_OTHER_PRICE: Final = re.compile(
    r"""分(?!店)|千(?!克)|[角厘万两]|(?<!公)斤|\d\ ?(?:g|ml|克|毫升)|\b(?:lb|oz)s?\b|cent|\bct\b|pence|fen
    |net|excl|\bht\b|[不未]含?税
    |\b(?:ek|alt|old|was|cost|einkauf|wholesale|uvp|rrp|msrp|vip)\b|进货?价|进货|成本|批发|会员|原价|旧""",
    re.IGNORECASE | re.VERBOSE,
)
"""Of a price: it is counted otherwise, or not what a shopper pays."""
_LANGUAGE: Final = re.compile(r"_(?!zh$|en$|de$)[a-z]{2}$")
PRICES: Final = frozenset(("price", "promo_price"))
GUESSED: Final = 4
"""Letters of a field that a heading may be a slip of: what is shorter stands within too many words (`Lager`, `age`)."""
MOSTLY: Final = 0.5
"""Share of bar codes in a column that is one of bar codes."""
BY_CHANCE: Final = 0.25
"""Share of right check digits below which numbers are the store's own, or cut: of those each tenth is right."""
FEW: Final = 8
"""Numbers that tell nothing of such a share."""
SEPARATORS: Final = ",;\t|，；"

T = TypeVar("T")


class Column(msgspec.Struct, frozen=True):
    """A heading and what it may mean."""

    heading: str
    field: str
    """Of `FIELDS`, or `code`, or empty where it means nothing here."""


def columns(cells: Sequence[str], meaning: Callable[[str], str] | None = None) -> list[Column]:
    """What each heading means; `meaning` tells it of other tables than products."""
    return [Column(_heading_text(cell), (meaning or field_of)(cell)) for cell in cells]


def field_of(heading: str) -> str:
    """The field that a heading means, whatever decoration it has: `*售价（元）` is the price."""
    text = _plain(heading)
    if whole := _FIELD_OF.get(text) or _in_a_language(text):
        return whole
    field = known_as(heading, _FIELD_OF) or _FIELD_OF.get(_PAID.sub("", text), "")
    return "" if field in PRICES and _OTHER_PRICE.search(unit_of(heading).translate(_SIMPLER)) else field


def _in_a_language(text: str) -> str:
    """The field of a text in one language, whose name says which."""
    for word, language in _SPOKEN.items():
        for rest in (text.removeprefix(word), text.removesuffix(word)):
            field = f"{_FIELD_OF.get(rest, '')}_{language}"
            if rest != text and field in FIELDS:
                return field
    return ""


def known_as(heading: str, words: Mapping[str, T]) -> T | None:
    """What a heading means by these words, whatever decoration it has and what stands in brackets behind it."""
    found = words.get(_plain(heading))
    return words.get(_plain(_UNIT.sub("", heading))) if found is None else found


def unit_of(heading: str) -> str:
    """What stands in brackets behind a heading's name."""
    found = _UNIT.search(heading)
    return found[1].strip() if found else ""


def priced_per(heading: str) -> str:
    """The weight that a price's heading says it is for, `公斤` of `售价(元/公斤)`; empty where it says none."""
    word = unit_of(heading).rpartition("/")[2].strip()
    return word if names_weight(word) else ""


def currency_of(heading: str) -> str:
    """The currency that a price's heading names, in brackets or behind its name; empty where it names none."""
    behind = _PAID.search(_plain(heading))
    return unit_of(heading).partition("/")[0].strip() or (behind[1] or "" if behind else "")


def says_price(heading: str) -> bool:
    """Whether a heading speaks of a price, whatever else it says."""
    return re.search("price|preis|prix|价|値段|税込", _plain(heading)) is not None


def is_total(word: str) -> bool:
    """Whether a cell says that its row is a sum."""
    said = word.strip(" *:").lower().translate(_SIMPLER)
    return _TOTAL.fullmatch(said) is not None


def is_heading(found: Iterable[Column]) -> bool:
    """Whether a line names a bar code and a name."""
    fields = {column.field for column in found}
    return bool(fields & {"gtin", "code"}) and bool(fields & NAMES)


def known(found: Iterable[Column]) -> int:
    """How many of the headings mean something here."""
    return sum(bool(column.field) for column in found)


def chosen(found: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The field of each column, empty for one that is ignored, by the headings and by the first rows.

    Raises `BadFile` with everything that is wrong with the headings.
    """
    names = [column.field for column in found]
    _choose_code(names, rows)
    _choose_price(names, found)
    wrong = [word for field in (*FIELDS, UNIT) if names.count(field) > 1 for word in _choose(field, names, found, rows)]
    wrong += _slips(found, names)
    if "gtin" not in names:
        wrong.append("column 'gtin' is missing")
    elif _by_chance(rows, names.index("gtin")):
        heading = found[names.index("gtin")].heading
        wrong.append(f"column {heading!r}: hardly a number has the right check digit; expected whole bar codes")
    if not NAMES & set(names):
        wrong.append("a name is missing: expected 'name', 'name_zh' or 'name_en'")
    if wrong:
        raise BadFile("; ".join(wrong))
    return names


def _choose_code(names: list[str], rows: Sequence[Sequence[str]]) -> None:
    """Of all columns that may be the bar code, the one whose cells are bar codes."""
    may = [place for place, name in enumerate(names) if name in ("gtin", "code")]
    if len(may) > 1 or (may and names[may[0]] == "code"):
        share = {place: _share(rows, place) for place in may}
        named = [place for place in may if names[place] == "gtin"]
        good = [place for place in may if share[place] >= MOSTLY]
        best = max([place for place in good if place in named] or good or named or may, key=lambda place: share[place])
        for place in may:
            # Two of them that are good stay, and are refused by name.
            if place != best and not (best in named and place in named and _as_good(rows, share, best, place)):
                names[place] = ""
        names[best] = "gtin"


def _choose_price(names: list[str], found: Sequence[Column]) -> None:
    """A price for a kilogram beside a price is what the law wants on the shelf, and not what is paid."""
    for field in PRICES:
        places = [place for place, name in enumerate(names) if name == field]
        for_weight = [place for place in places if priced_per(found[place].heading)]
        if len(for_weight) < len(places):
            for place in for_weight:
                names[place] = ""


def _by_chance(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether numbers as long as bar codes are hardly any."""
    cells = [word for row in rows if place < len(row) and re.fullmatch("[0-9]{7,14}", word := plain(row[place]))]
    return len(cells) >= FEW and sum(barcode(cell) is not None for cell in cells) < BY_CHANCE * len(cells)


def _as_good(rows: Sequence[Sequence[str]], share: Mapping[int, float], best: int, other: int) -> bool:
    return (share[other] >= MOSTLY or share[other] == share[best]) and not _same_values(rows, best, other)


def _share(rows: Sequence[Sequence[str]], place: int) -> float:
    """Of bar codes among the cells that hold a number; some write 无码 where there is none."""
    cells = [row[place] for row in rows if place < len(row) and any(map(str.isdigit, row[place]))]
    return sum(barcode(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def _same_values(rows: Sequence[Sequence[str]], one: int, other: int) -> bool:
    return bool(rows) and all(row[one : one + 1] == row[other : other + 1] for row in rows)


def _choose(field: str, names: list[str], found: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """Of two columns that say the same, or of which one is empty, one is enough; others are a mistake."""
    places = [place for place, name in enumerate(names) if name == field]
    full = [place for place in places if any(place < len(row) and row[place].strip() for row in rows)] or places
    first = full[0]
    if rows and all(_same_values(rows, first, place) for place in full):
        for place in places:
            names[place] = field if place == first else ""
        return []
    headings = [found[place].heading for place in full]
    if len(set(headings)) == 1:
        return [f"column {headings[0]!r} stands there twice: delete or rename one"]
    return [f"columns {' and '.join(map(repr, headings))} both mean {field!r}: delete or rename one"]


def _slips(found: Sequence[Column], names: Sequence[str]) -> list[str]:
    """Headings that were probably meant as a field that is missing."""
    wrong = []
    for column in found:
        word = column.heading.strip().lower()
        if column.field or not word.isascii() or _LANGUAGE.search(word):
            continue
        meant = did_you_mean(word, [field for field in FIELDS if field not in names and len(field) >= GUESSED])
        if meant:
            wrong.append(f"column {column.heading!r} is unknown: did you mean {meant!r}?")
    return wrong


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).lower().translate(_SIMPLER)
    return _CLEAN.sub("", "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc")))


def _heading_text(heading: str) -> str:
    return " ".join("".join(sign for sign in heading if unicodedata.category(sign) != "Cf").split())[:60]
