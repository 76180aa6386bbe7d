"""Checks every draw of a game: `python verify.py plays.json`. It needs Python alone, and shares no code with the store.

plays.json is what the store's page offers. Compare its root with the one that you noted before you played.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path


def below(bound: int, seed: bytes, message: str) -> int:
    """The first eight-byte word of the HMAC below the largest multiple of `bound`, modulo `bound`."""
    digest = hmac.new(seed, message.encode(), hashlib.sha256).digest()
    while True:
        for start in (0, 8, 16, 24):
            word = int.from_bytes(digest[start : start + 8], "big")
            if word < 2**64 // bound * bound:
                return word % bound
        digest = hashlib.sha256(digest).digest()


def check(game: dict) -> list[str]:  # type: ignore[type-arg]
    """What is wrong, a line each."""
    before, found = bytes.fromhex(game["root"]), []
    for number, play in enumerate(game["plays"], 1):
        if not play["seed"]:
            break  # it is played and not revealed yet
        seed, name = bytes.fromhex(play["seed"]), f"{game['game']}|{play['number']}|{play['request']}"
        if play["number"] != number or hashlib.sha256(seed).digest() != before:
            found.append(f"draw {play['number']}: its seed does not lead to the one before")
        if below(1_000_000, seed, "draw.v1|" + name) != play["ticket"]:
            found.append(f"draw {play['number']}: another ticket than {play['ticket']} comes of its seed")
        if play["players"] > 1 and below(play["players"], seed, "seat.v1|" + name) != play["seat"]:
            found.append(f"draw {play['number']}: it falls on another seat than {play['seat']}")
        start, meant = 0, ""
        for prize in game["prizes"]:
            meant = prize["id"] if start <= play["ticket"] < start + prize["ppm"] else meant
            start += prize["ppm"]
        if play["prize"] != meant and play["why"] not in ("gone", "cap"):
            found.append(f"draw {play['number']}: its ticket is {meant or 'nothing'}, not {play['prize'] or 'nothing'}")
        before = seed
    return found


if __name__ == "__main__":
    game = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    wrong = check(game)
    said = f"{len(game['plays'])} draws of {game['game']} are as root {game['root']} promised"
    sys.stdout.write("\n".join(wrong or [said]) + "\n")
    sys.exit(bool(wrong))
