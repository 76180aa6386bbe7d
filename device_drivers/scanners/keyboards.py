"""What the keys of a keyboard type, by the layout that a scanner was set to (linux/input-event-codes.h)."""

from __future__ import annotations

from typing import Final, Literal

Layout = Literal["us", "de", "fr"]
"""The country in a scanner's handbook."""
Keys = dict[int, tuple[str, str, str]]
"""Characters by key code: alone, with Shift, with AltGr."""

_ROWS: Final = (2, 16, 30, 43)
"""The key codes at which the rows begin, from the digits down; `43` is the key left of Enter and the row below."""
_LAYOUTS: Final[dict[Layout, tuple[tuple[str, str], ...]]] = {
    "us": (
        ("1234567890-=", "!@#$%^&*()_+"),
        ("qwertyuiop[]", "QWERTYUIOP{}"),
        ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
        ("\\zxcvbnm,./", "|ZXCVBNM<>?"),
    ),
    "de": (
        ("1234567890ß´", '!"§$%&/()=?`'),
        ("qwertzuiopü+", "QWERTZUIOPÜ*"),
        ("asdfghjklöä^", "ASDFGHJKLÖÄ°"),
        ("#yxcvbnm,.-", "'YXCVBNM;:_"),
    ),
    "fr": (
        ("&é\"'(-è_çà)=", "1234567890°+"),
        ("azertyuiop^$", "AZERTYUIOP¨£"),
        ("qsdfghjklmù²", "QSDFGHJKLM%²"),
        ("*wxcvbn,;:!", "µWXCVBN?./§"),
    ),
}
_ALTGR: Final[dict[Layout, dict[int, str]]] = {
    "us": {},
    "de": {8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", 86: "|"},
    "fr": {3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}", 18: "€"},
}
_SAME: Final = {
    **dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83), "7894561230.", strict=True)),
    55: "*", 74: "-", 78: "+", 98: "/", 117: "=", 57: " ",
    **dict.fromkeys((28, 96, 15), "\n"),
}  # fmt: skip
"""The keypad, the space bar, and Enter, keypad Enter and Tab."""


def keys(layout: Layout) -> Keys:
    """What each key types."""
    found: Keys = {code: (sign, sign, "") for code, sign in _SAME.items()}
    found[86] = ("\\", "|", "") if layout == "us" else ("<", ">", "")
    for first, (plain, shifted) in zip(_ROWS, _LAYOUTS[layout], strict=True):
        for code, (sign, other) in enumerate(zip(plain, shifted, strict=True), first):
            found[code] = (sign, other, "")
    for code, sign in _ALTGR[layout].items():
        found[code] = (*found[code][:2], sign)
    return found
