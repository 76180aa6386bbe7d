"""The store's own time: days and times of day are those of the place where it stands, whatever the box is set to."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

_ONE_ZONE: Final = """
AD Europe/Andorra, AE Asia/Dubai, AF Asia/Kabul, AG America/Antigua, AI America/Anguilla, AL Europe/Tirane,
AM Asia/Yerevan, AO Africa/Luanda, AR America/Argentina/Buenos_Aires, AS Pacific/Pago_Pago, AT Europe/Vienna,
AW America/Aruba, AX Europe/Mariehamn, AZ Asia/Baku, BA Europe/Sarajevo, BB America/Barbados, BD Asia/Dhaka,
BE Europe/Brussels, BF Africa/Ouagadougou, BG Europe/Sofia, BH Asia/Bahrain, BI Africa/Bujumbura,
BJ Africa/Porto-Novo, BL America/St_Barthelemy, BM Atlantic/Bermuda, BN Asia/Brunei, BO America/La_Paz,
BQ America/Kralendijk, BS America/Nassau, BT Asia/Thimphu, BW Africa/Gaborone, BY Europe/Minsk, BZ America/Belize,
CC Indian/Cocos, CF Africa/Bangui, CG Africa/Brazzaville, CH Europe/Zurich, CI Africa/Abidjan, CK Pacific/Rarotonga,
CM Africa/Douala, CN Asia/Shanghai, CO America/Bogota, CR America/Costa_Rica, CU America/Havana,
CV Atlantic/Cape_Verde, CW America/Curacao, CX Indian/Christmas, CY Asia/Nicosia, CZ Europe/Prague,
DE Europe/Berlin, DJ Africa/Djibouti, DK Europe/Copenhagen, DM America/Dominica, DO America/Santo_Domingo,
DZ Africa/Algiers, EE Europe/Tallinn, EG Africa/Cairo, EH Africa/El_Aaiun, ER Africa/Asmara, ET Africa/Addis_Ababa,
FI Europe/Helsinki, FJ Pacific/Fiji, FK Atlantic/Stanley, FO Atlantic/Faroe, FR Europe/Paris, GA Africa/Libreville,
GB Europe/London, GD America/Grenada, GE Asia/Tbilisi, GF America/Cayenne, GG Europe/Guernsey, GH Africa/Accra,
GI Europe/Gibraltar, GM Africa/Banjul, GN Africa/Conakry, GP America/Guadeloupe, GQ Africa/Malabo, GR Europe/Athens,
GS Atlantic/South_Georgia, GT America/Guatemala, GU Pacific/Guam, GW Africa/Bissau, GY America/Guyana,
HK Asia/Hong_Kong, HN America/Tegucigalpa, HR Europe/Zagreb, HT America/Port-au-Prince, HU Europe/Budapest,
IE Europe/Dublin, IL Asia/Jerusalem, IM Europe/Isle_of_Man, IN Asia/Kolkata, IO Indian/Chagos, IQ Asia/Baghdad,
IR Asia/Tehran, IS Atlantic/Reykjavik, IT Europe/Rome, JE Europe/Jersey, JM America/Jamaica, JO Asia/Amman,
JP Asia/Tokyo, KE Africa/Nairobi, KG Asia/Bishkek, KH Asia/Phnom_Penh, KM Indian/Comoro, KN America/St_Kitts,
KP Asia/Pyongyang, KR Asia/Seoul, KW Asia/Kuwait, KY America/Cayman, KZ Asia/Almaty, LA Asia/Vientiane,
LB Asia/Beirut, LC America/St_Lucia, LI Europe/Vaduz, LK Asia/Colombo, LR Africa/Monrovia, LS Africa/Maseru,
LT Europe/Vilnius, LU Europe/Luxembourg, LV Europe/Riga, LY Africa/Tripoli, MA Africa/Casablanca, MC Europe/Monaco,
MD Europe/Chisinau, ME Europe/Podgorica, MF America/Marigot, MG Indian/Antananarivo, MH Pacific/Majuro,
MK Europe/Skopje, ML Africa/Bamako, MM Asia/Yangon, MO Asia/Macau, MP Pacific/Saipan, MQ America/Martinique,
MR Africa/Nouakchott, MS America/Montserrat, MT Europe/Malta, MU Indian/Mauritius, MV Indian/Maldives,
MW Africa/Blantyre, MY Asia/Kuala_Lumpur, MZ Africa/Maputo, NA Africa/Windhoek, NC Pacific/Noumea, NE Africa/Niamey,
NF Pacific/Norfolk, NG Africa/Lagos, NI America/Managua, NL Europe/Amsterdam, NO Europe/Oslo, NP Asia/Kathmandu,
NR Pacific/Nauru, NU Pacific/Niue, OM Asia/Muscat, PA America/Panama, PE America/Lima, PH Asia/Manila,
PK Asia/Karachi, PL Europe/Warsaw, PM America/Miquelon, PN Pacific/Pitcairn, PR America/Puerto_Rico, PS Asia/Gaza,
PW Pacific/Palau, PY America/Asuncion, QA Asia/Qatar, RE Indian/Reunion, RO Europe/Bucharest, RS Europe/Belgrade,
RW Africa/Kigali, SA Asia/Riyadh, SB Pacific/Guadalcanal, SC Indian/Mahe, SD Africa/Khartoum, SE Europe/Stockholm,
SG Asia/Singapore, SH Atlantic/St_Helena, SI Europe/Ljubljana, SJ Arctic/Longyearbyen, SK Europe/Bratislava,
SL Africa/Freetown, SM Europe/San_Marino, SN Africa/Dakar, SO Africa/Mogadishu, SR America/Paramaribo,
SS Africa/Juba, ST Africa/Sao_Tome, SV America/El_Salvador, SX America/Lower_Princes, SY Asia/Damascus,
SZ Africa/Mbabane, TC America/Grand_Turk, TD Africa/Ndjamena, TF Indian/Kerguelen, TG Africa/Lome, TH Asia/Bangkok,
TJ Asia/Dushanbe, TK Pacific/Fakaofo, TL Asia/Dili, TM Asia/Ashgabat, TN Africa/Tunis, TO Pacific/Tongatapu,
TR Europe/Istanbul, TT America/Port_of_Spain, TV Pacific/Funafuti, TW Asia/Taipei, TZ Africa/Dar_es_Salaam,
UA Europe/Kyiv, UG Africa/Kampala, UY America/Montevideo, UZ Asia/Samarkand, VA Europe/Vatican,
VC America/St_Vincent, VE America/Caracas, VG America/Tortola, VI America/St_Thomas, VN Asia/Ho_Chi_Minh,
VU Pacific/Efate, WF Pacific/Wallis, WS Pacific/Apia, YE Asia/Aden, YT Indian/Mayotte, ZA Africa/Johannesburg,
ZM Africa/Lusaka, ZW Africa/Harare
"""
"""Countries with one time by law, or whose zones have agreed for years, and the IANA zone of it."""
_ZONES: Final = dict(pair.split() for pair in _ONE_ZONE.replace("\n", " ").split(",") if pair.strip())
_SEVERAL: Final = {
    "AU": "Australia/Sydney, Australia/Brisbane, Australia/Adelaide, Australia/Darwin, Australia/Perth",
    "BR": "America/Sao_Paulo, America/Manaus, America/Rio_Branco, America/Noronha",
    "CA": "America/Toronto, America/Vancouver, America/Edmonton, America/Winnipeg, America/Halifax, America/St_Johns",
    "CL": "America/Santiago, America/Punta_Arenas, Pacific/Easter",
    "EC": "America/Guayaquil, Pacific/Galapagos",
    "ES": "Europe/Madrid, Atlantic/Canary",
    "ID": "Asia/Jakarta, Asia/Makassar, Asia/Jayapura",
    "MX": "America/Mexico_City, America/Cancun, America/Tijuana",
    "NZ": "Pacific/Auckland, Pacific/Chatham",
    "PT": "Europe/Lisbon, Atlantic/Azores",
    "RU": "Europe/Moscow, Europe/Kaliningrad, Asia/Yekaterinburg, Asia/Novosibirsk, Asia/Irkutsk, Asia/Vladivostok",
    "US": "America/New_York, America/Chicago, America/Denver, America/Phoenix, America/Los_Angeles, Pacific/Honolulu",
}
"""Examples for countries of several."""
_MEANT: Final = {
    "asia/beijing": "Asia/Shanghai", "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "北京": "Asia/Shanghai",
    "cst": "Asia/Shanghai", "china standard time": "Asia/Shanghai", "utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai",
    "utc+08:00": "Asia/Shanghai", "+08:00": "Asia/Shanghai", "utc+0800": "Asia/Shanghai", "cet": "Europe/Berlin",
}  # fmt: skip
_FIRST: Final = datetime(1970, 1, 3)  # noqa: DTZ001 - of whatever zone it is compared in
_LAST: Final = datetime(9999, 12, 29)  # noqa: DTZ001
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def checked_zone(name: str) -> str:
    """The name, where it is a zone of the IANA. Raises `ValueError` with what was expected and perhaps meant."""
    if "/" in name or name == "UTC":
        try:
            return ZoneInfo(name).key
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            pass
    known = zoneinfo.available_timezones()
    word = name.strip().replace(" ", "_")
    cities = {each.rpartition("/")[2].lower(): each for each in sorted(known) if "/" in each and "Etc/" not in each}
    near = difflib.get_close_matches(word.lower(), [*cities, *(each.lower() for each in known)], 1, 0.8)
    meant = _MEANT.get(name.strip().lower(), "") or next(iter(near), "")
    meant = cities.get(meant.lower(), "") or next((each for each in known if each.lower() == meant.lower()), "")
    said = f'expected a time zone such as "Asia/Shanghai"; found "{name}"'
    raise ValueError(said + (f'; did you mean "{meant}"?' if meant else ""))


def of_region(region: str) -> str:
    """The zone of a country that has one. Raises `ValueError` with the zones of one that has several."""
    if region in _ZONES:
        return _ZONES[region]
    several = _SEVERAL.get(region)
    such = f"known there: {several}" if several else 'a name such as "Europe/Paris"'
    raise ValueError(f'"timezone" is missing: {region} has several; {such}')


@lru_cache(8)
def zone_info(name: str) -> ZoneInfo:
    """The zone of that name, which `checked_zone` has found good."""
    return ZoneInfo(name)


def local(unix_ms: float, where: tzinfo) -> datetime:
    """A Unix time in milliseconds as a clock on the store's wall shows it."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC).astimezone(where)


def start_of(day: date, where: tzinfo) -> int:
    """Unix milliseconds of a day's first moment; where its midnight is left out, the moment the clocks go forward."""
    return int(datetime.combine(day, time(), where).timestamp() * 1000)


def today(now_ms: float, where: tzinfo) -> int:
    """Unix milliseconds of the first moment of the day that it is in the store."""
    return start_of(local(now_ms, where).date(), where)


def instant(wall: datetime, where: tzinfo, *, last: bool = False) -> datetime:
    """When the clock on the wall shows this: the first time, or the `last`, where it is set back over it; where it is
    set forward past it, the moment that it is.
    """
    early, late = (wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last else early
    before, after = late, early  # the wall never shows it: the clock is set between the two
    offset = before.astimezone(where).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def within_calendar(found: date) -> date:
    """A day or a time that can be reckoned with: what people write for "always" stands at the ends of the calendar,
    where a day more, or the time of another zone, is none.
    """
    if isinstance(found, datetime):
        return min(max(found, _FIRST.replace(tzinfo=found.tzinfo)), _LAST.replace(tzinfo=found.tzinfo))
    return min(max(found, _FIRST.date()), _LAST.date())


def with_zone(value: Any, where: tzinfo) -> Any:
    """A day (its last moment) or a time without a zone, as settings have it, in the store's; others as they are."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, date):  # a time is one, too
        value = within_calendar(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=where)
    if isinstance(value, date):
        return datetime.fromtimestamp(start_of(value + timedelta(days=1), where) / 1000, UTC)
    return value
