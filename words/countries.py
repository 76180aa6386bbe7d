"""Countries and currencies by their ISO codes, and what people write for them instead."""

from __future__ import annotations

from typing import Final

_COUNTRIES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_CURRENCIES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"

COUNTRIES: Final = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2."""
CURRENCIES: Final = frozenset(_CURRENCIES.split())
"""ISO 4217, money that a shopper can pay with."""

_MEANT_COUNTRIES: Final = {
    "UK": "GB", "EN": "GB", "ENG": "GB", "SCO": "GB", "GBR": "GB", "CHN": "CN", "PRC": "CN", "ZH": "CN", "ZH-CN": "CN",
    "CHINA": "CN", "USA": "US", "JA": "JP", "JPN": "JP", "KO": "KR", "KOR": "KR", "DEU": "DE", "GER": "DE", "FRA": "FR",
    "DA": "DK", "SV": "SE", "CS": "CZ", "EL": "GR", "HKG": "HK", "TWN": "TW", "MAC": "MO", "SGP": "SG", "SU": "RU",
    "AUS": "AU", "CAN": "CA", "ESP": "ES", "ITA": "IT", "NLD": "NL", "IND": "IN", "VI-VN": "VN",
}  # fmt: skip
_MEANT_CURRENCIES: Final = {
    "RMB": "CNY", "CNH": "CNY", "YUAN": "CNY", "CN¥": "CNY", "¥": "CNY", "元": "CNY", "人民币": "CNY", "CHY": "CNY",
    "YEN": "JPY", "JP¥": "JPY", "EURO": "EUR", "€": "EUR", "EU": "EUR", "NTD": "TWD", "NT$": "TWD", "STG": "GBP",
    "UKP": "GBP", "£": "GBP", "US$": "USD", "$": "USD", "DOLLAR": "USD", "HK$": "HKD", "RUR": "RUB", "SFR": "CHF",
    "DEM": "EUR", "FRF": "EUR", "WON": "KRW", "₩": "KRW", "SG$": "SGD",
}  # fmt: skip


def decimals(currency: str) -> int:
    """Of a currency's main unit: 2 of CNY, 0 of JPY, 3 of KWD."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def country(code: str) -> str:
    """The code, where it is a country's. Raises `ValueError` with what was expected and perhaps meant."""
    return _known(code, COUNTRIES, _MEANT_COUNTRIES, "a country's two capital letters such as CN (ISO 3166)")


def currency(code: str) -> str:
    """The code, where it is a currency's. Raises `ValueError` with what was expected and perhaps meant."""
    return _known(code, CURRENCIES, _MEANT_CURRENCIES, "three capital letters such as CNY (ISO 4217)")


def _known(code: str, known: frozenset[str], meant: dict[str, str], expected: str) -> str:
    if code in known:
        return code
    word = code.strip().upper()
    near = meant.get(word) or (word if word in known else "")
    raise ValueError(f'expected {expected}; found "{code}"' + (f'; did you mean "{near}"?' if near else ""))
