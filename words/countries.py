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
AED784 AFN971 ALL008 AMD051 ANG532 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BGN975 BHD048 BIF108 BMD060
BND096 BOB068 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHF756 CLP152 CNY156 COP170 CRC188 CUP192 CVE132
CZK203 DJF262 DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 GNF324
GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IQD368 IRR364 ISK352 JMD388 JOD400 JPY392 KES404 KGS417
KHR116 KMF174 KPW408 KRW410 KWD414 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 LYD434 MAD504 MDL498 MGA969 MKD807
MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 OMR512
PAB590 PEN604 PGK598 PHP608 PKR586 PLN985 PYG600 QAR634 RON946 RSD941 RUB643 RWF646 SAR682 SBD090 SCR690 SDG938 SEK752
SGD702 SHP654 SLE925 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TND788 TOP776 TRY949 TTD780
TWD901 TZS834 UAH980 UGX800 USD840 UYU858 UZS860 VED926 VES928 VND704 VUV548 WST882 XAF950 XCD951 XCG532 XOF952 XPF953
YER886 ZAR710 ZMW967 ZWG924
"""
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"

COUNTRIES: Final = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2."""
NUMBERS: Final = {each[:3]: each[3:] for each in _CURRENCIES.split()}
"""ISO 4217: the number of each currency that a shopper can pay with, as it stands in GS1's codes."""
CURRENCIES: Final = frozenset(NUMBERS)

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
    return _checked(code, COUNTRIES, _MEANT_COUNTRIES, "a country's two capital letters such as CN (ISO 3166)")


def currency(code: str) -> str:
    """The code, where it is a currency's. Raises `ValueError` with what was expected and perhaps meant."""
    return _checked(code, CURRENCIES, _MEANT_CURRENCIES, "three capital letters such as CNY (ISO 4217)")


def _checked(code: str, known: frozenset[str], meant: dict[str, str], expected: str) -> str:
    if code in known:
        return code
    word = code.strip().upper()
    near = meant.get(word) or (word if word in known else "")
    raise ValueError(f'expected {expected}; found "{code}"' + (f'; did you mean "{near}"?' if near else ""))
