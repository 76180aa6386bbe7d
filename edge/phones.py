"""Phone numbers as people write them."""

from __future__ import annotations

import phonenumbers

from edge.errors import Refusal


def parse_phone(text: str, region: str = "CN") -> str:
    """The number in E.164, however it was written. `region` is where one without a country code belongs.

    Raises `Refusal("bad_phone")`.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise Refusal(
            "bad_phone", expected=f"a phone number of {region} or with a country code", found=len(text)
        ) from error
    if not phonenumbers.is_valid_number(number):
        raise Refusal("bad_phone", expected=f"a phone number of {region} or with a country code", found=len(text))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
