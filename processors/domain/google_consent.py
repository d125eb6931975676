"""Consent as Google's tags tell it on every hit, in `gcs` and `gcd`.

`gcs` is `G1xy`: x is ad_storage, y analytics_storage, 1 granted, 0 denied, `-` not set. `gcd` has
a letter for each of ad_storage, analytics_storage, ad_user_data and ad_personalization, between
digits (`13r3q3t3p5l1`); the letter says what was the default and what was updated, of which the
last holds. Both are described at simoahava.com (consent mode v2) and by Google's own help pages
for `gcs`; a letter that nobody has described says nothing.
"""

import re
from typing import Final

_GCS: Final = re.compile(r"G1([01-])([01-])")
_GCD: Final = re.compile(r"1\d([a-z])\d([a-z])\d([a-z])\d([a-z])")
_ORDER: Final = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
_LETTERS: Final = {
    **dict.fromkeys("tnrv", "granted"),
    **dict.fromkeys("pmqu", "denied"),
}
_DIGITS: Final = {"1": "granted", "0": "denied"}


def flags(gcs: str, gcd: str) -> dict[str, str]:
    """The flags that the two say; where both say one, `gcs` is what held."""
    found: dict[str, str] = {}
    if letters := _GCD.match(gcd):
        for flag, letter in zip(_ORDER, letters.groups(), strict=True):
            if letter in _LETTERS:
                found[flag] = _LETTERS[letter]
    if digits := _GCS.match(gcs):
        for flag, digit in zip(_ORDER[:2], digits.groups(), strict=True):
            if digit in _DIGITS:
                found[flag] = _DIGITS[digit]
    return found
