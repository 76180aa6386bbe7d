"""Whether a text was written so: what letters, words and signs a language of an encoding has, and where.

Bytes that are read in a foreign encoding nearly always give a text that nobody writes: a sign within a word, a capital
behind a small letter, words without a plain letter, accents of several languages in one word, a single Chinese
character within a Latin word. Each judge returns the worth of all foreign letters of a line (each 0 to 1), and how many
they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Worth = tuple[float, int]
Judge = Callable[[str], Worth]

_WORD: Final = re.compile(r"[^\W\d_]+")
_FRENCH_LIKE: Final = "éèàêçüöäßâîôûœ"
"""The most usual ones; in doubt an encoding that gives these is the right one."""
_ALPHABETS: Final = tuple(
    map(
        frozenset,
        (
            "éèêëàâçîïôûùüœæÿ",  # French
            "äöüßéèêàçîô",  # German, with what it takes from French
            "áéíóúüñ",  # Spanish, and Hungarian but for its long ő and ű
            "áéíóúâêôãõàç",  # Portuguese
            "àèéìòù",  # Italian
            "æøåéöä",  # Danish, Norwegian
            "åäöéü",  # Swedish, Finnish
            "éëïöüèê",  # Dutch
            "áéíóöúü",  # Hungarian
        ),
    )
)
_ELSEWHERE: Final = re.compile(
    r"""[ìò](?!$) | (?<!^o)ù(?!$)          # Italian: at the end; French: où
    | õ(?!e) | ã(?![oeis]|$) | â.*ã | ã.*â   # Portuguese
    | û(?![tlrcnmp])                       # French: goût, brûlé, mûre, bûche
    | ^è(?=.) | è(?!$|s$|(?:qu|[^\Waeiouy]{1,3})e)  # French: crème, après; Italian: caffè
    | î(?![tnlmcge])                       # French: île, dîner, fraîche, maître
    | ^â(?![gmnpcr])                       # French: âge, âme, âne, âpre
    | œ(?!u|il|s[ot]|t|l|ni|d)             # French: bœuf, œillet
    | ^æ(?![bgrstnkldq])                   # Danish: æble, æg
    | í(?=i) | ^ß | ^ÿ""",
    re.VERBOSE,
)
"""An accent where no language of these has it; a word in another encoding is full of them."""
_SIGNS: Final = frozenset("°€£¥§®™©²³½¼¾«»·•×–—’‘“”„…`´µº\u00a0ª")

_TAIL: Final = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
_NO_END: Final = "".join(sign for sign in _TAIL if sign not in "\u00a0»‘’“”")
DAMAGE: Final = re.compile(rf"\0|\ufffd|\u951f\u65a4\u62f7|[ÂÃ][{_NO_END}]|â€[{_TAIL}]|(?:[ä-é][{_TAIL}]{{2}}){{2}}")
"""What a wrong conversion leaves: zero bytes, its own sign, that sign as GBK, UTF-8 that was taken for Windows-1252."""


_ODD_SIGN: Final = re.compile(
    r"[^\W\d_][±¶¦¬¨¤¯¸]|[¶¦¬¨¯¸][^\W\d_]|[^\W\d_][¡¿„†‡ˆ‰˜§€¥£][^\W\d_]|[€¥£][a-zß-ÿ]{3}|[^\W\d_a-zA-Z]\d[^\W\d_a-zA-Z]"
)
"""Signs within or at a word that has none of them: they are letters of another encoding."""
_NEAR: Final = 12
"""Letters around such a sign that are told."""


def odd_word(text: str) -> str:
    """The first word with foreign letters that no language of Western Europe spells so; empty where there is none."""
    if sign := _ODD_SIGN.search(text):
        before, after = text[max(0, sign.start() - _NEAR) : sign.start()], text[sign.end() : sign.end() + _NEAR]
        return re.split(r"[\s,;|\"]", before)[-1] + sign[0] + re.split(r"[\s,;|\"]", after)[0]
    for found in _WORD.finditer(text):
        word = found[0]
        if not word.isascii() and word.strip("ªºµ") and not _is_western(word):
            return word
    return ""


def _is_western(word: str) -> bool:
    foreign = {letter for letter in word.lower() if not letter.isascii()}
    if len(word) > 1 and all(not letter.isascii() for letter in word):
        return False
    if not (word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())) and re.search(
        r"[a-zß-ÿœ][À-ÞŒŠŽŸ]", word
    ):
        return False
    return any(foreign <= alphabet for alphabet in _ALPHABETS) and not _ELSEWHERE.search(word.lower())


def western(text: str) -> Worth:
    """English, German, French, Spanish, Portuguese, Italian, Dutch and the Nordic languages."""
    worth, count = 0.0, 0
    for found in _WORD.finditer(text):
        foreign = [letter for letter in found[0].lower() if not letter.isascii()]
        count += len(foreign)
        if foreign and (_is_western(found[0]) or not found[0].strip("ªºµ")):
            worth += sum(1.0 if letter in _FRENCH_LIKE else 0.8 for letter in foreign)
    for place, letter in enumerate(text):
        if not letter.isascii() and not letter.isalpha():
            before, after = text[place - 1 : place].isalpha(), text[place + 1 : place + 2].isalpha()
            count += 1
            worth += (letter in "’´·" and before if after and letter not in "«“‘„€£¥" else letter in _SIGNS) * 0.9
    return worth, count


_CHINESE_SIGNS: Final = frozenset(
    "（）！：；，。、·℃【】《》〈〉「」『』×～—…“”‘’￥％＋－／＆＊＃①②③④⑤⑥⑦⑧⑨⑩★☆●◆■▲→ⅠⅡⅢ〇の€"
)


def simplified(text: str) -> Worth:
    """Chinese in GB18030: nearly all of it the characters that are taught first."""
    return _chinese(text, _taught_simplified)


def traditional(text: str) -> Worth:
    """Chinese in Big5, with what Hong Kong adds."""
    return _chinese(text, _taught_traditional)


def _chinese(text: str, taught: Callable[[str], float]) -> Worth:
    worth, count = 0.0, 0
    for place, letter in enumerate(text):
        if letter.isascii():
            continue
        count += 1
        if not _is_han(letter):
            worth += 0.9 * (letter in _CHINESE_SIGNS or "０" <= letter <= "ｚ")
        elif not _alone_in_a_word(text, place):
            worth += taught(letter)
    return worth, count


def _is_han(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U000323af"


def _alone_in_a_word(text: str, place: int) -> bool:
    """Whether it stands within small Latin letters of one word; `T恤`, `mini蛋糕` and `蛋糕mini` are names."""
    before, after, behind = text[place - 1 : place], text[place + 1 : place + 2], text[place + 2 : place + 3]
    if "a" <= after <= "z":
        return not (before and _is_han(before)) or not behind.isalnum()
    return "a" <= before <= "z" and not (after and _is_han(after))


def _taught_simplified(letter: str) -> float:
    written = letter.encode("gb18030")
    if len(written) > 2:
        return 0.99  # four bytes, each second one a digit: hardly anything else
    first, second = written
    if first < 0xA1 or second < 0xA1 or first > 0xF7:
        return 0.0  # beyond GB2312: rare in names
    return 0.99 if first <= 0xD7 else 0.65


def _taught_traditional(letter: str) -> float:
    try:
        first, _second = letter.encode("big5hkscs")
    except (UnicodeEncodeError, ValueError):
        return 0.0
    return 0.95 if 0xA4 <= first <= 0xC6 else 0.4


def script(letters: str, word: str = "") -> Judge:
    """Of a language that is not read: words all in its own letters, in no Latin word; `word` is what one looks like."""
    own = re.compile(word or f"[{letters}]+")

    def judge(text: str) -> Worth:
        worth, count = 0, 0
        for found in WORDS.finditer(text):
            run = found[0]
            cased = run.islower() or run.isupper() or run.istitle() or run.lower() == run.upper()
            count += len(run)
            worth += len(run) * (cased and own.fullmatch(run) is not None and not _in_a_word(text, found))
        return worth, count

    return judge


_HANGUL: Final = script("\uac00-\ud7a3")
_USUAL_HANGUL: Final = frozenset(
    "가각간감갑강개거건검게겨격견결경계고곡곤골공과관광교구국군굴권귀그균근글금급기길김까깨깔꼬꾸끼나난날남내너넉네노녹농누뉴느능니닉다단달담당대더덕데도독돌동돼된두드든등디땅때떡또라락란람랑래량러런럼레려"
    "력령로록롤료루류륨르른를름리린림립링마만말맛망매맥머먹면명모목무묵문물미민밀바박반발밤방배백버번베벌벽변별병보복본볶볼봄부북분불브비빔빙빵빼빨사산살삼상새색생샤샴서석선설섬섯성세센셀소속손솔송쇠수순술"
    "숙쉬스슬시식신실심싱쌀쌈써쏘쓰씨아안알암야약양어언얼엄업에엑여역연열염영예오옥온올와완왕외요용우운울원월유육윤율으은을음응의이익인일임입자작잔잠장재저적전절점정제조족종주죽준줄중즈즙증지직진질집짜짬쪽"
    "쫄찌차찬참창채책처척천철청체초촉총추축춘출충취츄츠치칙친칠칩카칸칼캔캡커컬컵케켓코콘콜콤콩쿠쿨퀸크큰클키킨타탄탈탕태터테텍텔토통투튀트특틱틴티팀팅파판팔팝팥패팩퍼펌페펜편평포폭폰표푸품풍프플피필핑하학"
    "한할함합항해핸햄햇행향허헤현혈협형호홈홍화확환활황회효후훈휘휴흑흥희히"
)
"""Syllables of nearly all that is written in Korean, a sixth of those that EUC-KR has."""


def korean(text: str) -> Worth:
    """Words all in its syllables, two of three of them usual ones: the most used Chinese characters, which are the same
    bytes, give any.
    """
    worth, count = _HANGUL(text)
    return 1.5 * sum(each in _USUAL_HANGUL for each in text) if worth else 0.0, count


def japanese(text: str) -> Worth:
    """Its syllables; characters alone may be Chinese."""
    foreign = [letter for letter in text if not letter.isascii()]
    return sum(1.0 if "\u3041" <= each <= "\u30ff" else 0.7 * _is_han(each) for each in foreign), len(foreign)


WORDS: Final = re.compile(r"[^\x00-\x7f]+")
"""Runs of letters that are no ASCII."""


def _in_a_word(text: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    return any("a" <= each <= "z" for each in (text[start - 1 : start], text[end : end + 1]))
