"""A code of ours as it arrives: typed, pasted, shared, read by a scanner with its own ideas. One place finds it again.

What a person means is what counts: blanks, signs that cannot be seen, brackets and words around it, capitals, another
host before it, a question mark or a full stop behind it are not the code. What is left is proven by its signature or
refused; nothing here makes a wrong code right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import unquote

LONGEST: Final = 4096
"""Characters that are looked at."""
MAX_CODES: Final = 5
"""Codes that are looked for in one text."""

OURS: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}(?:\.[a-z0-9-]{1,64}){1,3}")
_ANY_CASE: Final = re.compile(OURS.pattern, re.IGNORECASE | re.ASCII)
_ADDRESS: Final = re.compile(
    r"(?P<host>(?:(?<![a-z0-9.-])[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)?/[tcb]/-*(?P<code>[^/?#]+)",
    re.IGNORECASE | re.ASCII,
)
"""A host begins where its letters do: to begin anew at each of them would look at a long text a million times."""
_OTHER_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/|www\.", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:^|[\s<>({\[\"'`=*_~,;!?/#$|\u2018-\u201f\xab\xbb]|[^\x00-\u2dff]|[^\W\d_]:\s*)$")
"""What may stand right before a code: a blank, a bracket, a Chinese letter, a word with its colon.

A letter or a dot may not: it would be a part of another code.
"""
_PART: Final = re.compile(r"[ckb]|[rtp][0-9a-z]+", re.IGNORECASE)
_USUAL_PORT: Final = re.compile(r":(?:80|443)$")


class CodeText(NamedTuple):
    """What may be a code of ours, and the host of the address that it stood in."""

    text: str
    host: str = ""


def plain(text: str) -> str:
    """The text without what cannot be seen and without the dress of forms: percent signs, letters of full width."""
    for _ in range(3):
        if "%" not in text:
            break
        text = unquote(text, errors="replace")
    signs = []
    for sign in unicodedata.normalize("NFKC", text[:LONGEST]):
        kind = unicodedata.category(sign)
        if sign.isspace():
            signs.append(" ")
        elif kind == "Pd":
            signs.append("-")
        elif kind not in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn"):
            signs.append("." if sign in "。｡" else sign)
    return "".join(signs).strip()


def candidates(text: str) -> Iterator[CodeText]:
    """What may be our code in a text, the likeliest first; nothing where there is none."""
    if OURS.fullmatch(text):
        yield CodeText(_bare(text))
        return
    seen: set[CodeText] = set()
    whole = plain(text)
    # A code that was wrapped over two lines comes last.
    for each in (whole, "".join(whole.split())):
        for code in _codes_in(each):
            if code not in seen and len(seen) < MAX_CODES:
                seen.add(code)
                yield code


def standalone_matches(form: re.Pattern[str], text: str) -> Iterator[str]:
    """What has a form within a text and is no part of something longer."""
    for found in form.finditer(text):
        if _BEFORE.search(text[max(0, found.start() - 8) : found.start()]):
            yield found[0]


def in_one_case(code: str) -> bool:
    """Whether it is as we write it, or in capitals as a whole: a single other letter is another code."""
    return code.islower() or code.isupper()


def _codes_in(text: str) -> Iterator[CodeText]:
    addresses = list(islice(_ADDRESS.finditer(text), MAX_CODES))
    for address in addresses:
        found = _ANY_CASE.match(address["code"])
        host = _USUAL_PORT.sub("", (address["host"] or "").strip(".-").lower())
        code = _bare(found[0]) if found else ""
        yield CodeText(_folded(code), host)
    if not addresses and not _OTHER_ADDRESS.search(text):
        for code in map(_bare, islice(standalone_matches(_ANY_CASE, text), MAX_CODES)):
            yield CodeText(_folded(code))


def _folded(code: str) -> str:
    """As we write it. One with some other letters stays as it is: its signature then says that it was altered."""
    return code.lower() if in_one_case(code) else code


def _bare(code: str) -> str:
    """Without a word that came too near behind a full stop: our codes have two parts, or four of a certain form."""
    parts = code.split(".")
    if len(parts) == 3 or (len(parts) == 4 and not _PART.fullmatch(parts[2])):
        parts = parts[:2]
    return ".".join(parts).rstrip("-")
