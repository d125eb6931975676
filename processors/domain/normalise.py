"""Personal data in the exact forms that platforms hash, so that our hash equals theirs.

The plain names are Meta's form, which TikTok and Snapchat share. `_google` is Google Ads'
form (and Pinterest's for names: trimmed and lower-cased), `_ga4` is GA4's where it differs
again, `_microsoft` is Microsoft Advertising's where it differs from the plain one. What cannot be
such a value becomes None and is left out, never hashed as it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from processors.domain.hashing import is_sha256, sha256_hex
from processors.domain.phones import phone_digits
from processors.domain.places import COUNTRIES, US_STATES

__all__ = [
    "CLEAR_KEYS",
    "Form",
    "city",
    "city_google",
    "country",
    "country_google",
    "email",
    "email_ga4",
    "email_google",
    "email_microsoft",
    "hashed_user_data",
    "name",
    "name_ga4",
    "name_google",
    "phone_digits",
    "state",
    "zip_code",
    "zip_google",
]

Form = Callable[[str], str | None]

CLEAR_KEYS: Final = {
    "email": "em",
    "phone": "ph",
    "first_name": "fn",
    "last_name": "ln",
    "city": "ct",
    "state": "st",
    "zip": "zp",
    "country": "country",
    "external_id": "external_id",
}
"""The clear values that can be hashed, and the name of each one's first hash."""

_MAX_EMAIL: Final = 254
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.,;]+(?:\.[^@\s.,;]+)+")
_GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
_ZIP_PLUS_4: Final = re.compile(r"\d{5}-\d{4}")
_US_ZIP_DIGITS: Final = 5


def email(raw: str) -> str | None:
    """Trimmed and lower-cased, or None when it is no address."""
    text = raw.strip().lower()
    return text if len(text) <= _MAX_EMAIL and _EMAIL.fullmatch(text) else None


def email_google(raw: str) -> str | None:
    """Google Ads: at Gmail's domains also without the plus suffix and without dots."""
    return _gmail(raw, keep_suffix=False)


def email_ga4(raw: str) -> str | None:
    """GA4: at Gmail's domains without dots, the plus suffix kept."""
    return _gmail(raw, keep_suffix=True)


def email_microsoft(raw: str) -> str | None:
    """Microsoft Advertising: at every domain without dots before the @ and without a suffix."""
    text = email(raw)
    if text is None:
        return None
    local, _, domain = text.rpartition("@")
    local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}" if local else None


def _gmail(raw: str, *, keep_suffix: bool) -> str | None:
    text = email(raw)
    if text is None:
        return None
    local, _, domain = text.rpartition("@")
    if domain not in _GMAIL:
        return text
    if not keep_suffix:
        local = local.partition("+")[0]
    local = local.replace(".", "")
    return f"{local}@{domain}" if local else None


def _folded(raw: str) -> str:
    """Composed and lower-cased, so that two spellings of an accent hash alike."""
    return raw.lower() if raw.isascii() else unicodedata.normalize("NFC", raw).lower()


def _without(text: str, categories: str) -> str:
    """The text without characters of these Unicode categories (by their first letter)."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in categories)


def name(raw: str) -> str | None:
    """Lower-case, no punctuation or symbols, accents and other scripts kept."""
    text = _folded(raw)
    if not text.isalpha():
        text = " ".join(_without(text, "PSC").split())
    return text or None


def name_google(raw: str) -> str | None:
    """Trimmed and lower-cased, and no more."""
    return _folded(raw).strip() or None


def name_ga4(raw: str) -> str | None:
    """Lower-case without digits and symbols, trimmed."""
    return _without(_folded(raw), "PSCN").strip() or None


def city(raw: str) -> str | None:
    """Lower-case letters and digits alone: no spaces, no punctuation."""
    return _without(_folded(raw), "PSCZ") or None


def city_google(raw: str) -> str | None:
    """A city or region as GA4 takes it, in clear: no digits, no symbols."""
    return name_ga4(raw)


def state(raw: str) -> str | None:
    """As a city; a state of the US as its two letters."""
    text = city(raw)
    return None if text is None else US_STATES.get(text, text)


def zip_code(raw: str, *, country: str | None = None) -> str | None:
    """Lower-case without spaces and dashes; in the US the first five digits."""
    text = raw.strip().lower()
    joined = "".join(text.split()).replace("-", "")
    if country == "us" or _ZIP_PLUS_4.fullmatch(text):
        joined = joined[:_US_ZIP_DIGITS]
    return joined or None


def zip_google(raw: str) -> str | None:
    """As Google takes it, in clear: without full stops and tildes, trimmed."""
    return raw.replace(".", "").replace("~", "").strip() or None


def country(raw: str) -> str | None:
    """The lower-case ISO 3166-1 alpha-2 code, or None when it is not known to be one."""
    text = city(raw)
    if text is None:
        return None
    code = COUNTRIES.get(text, text)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def country_google(raw: str) -> str | None:
    """The upper-case alpha-2 code, which Google takes in clear."""
    code = country(raw)
    return None if code is None else code.upper()


def hashed_user_data(clear: Mapping[str, str]) -> dict[str, str]:
    """Every hash that a platform's sheet asks for; a value that is a hash already passes."""
    hashes: dict[str, str] = {}
    home = clear.get("country")
    home_code = country(home) if home else None
    for key, raw in clear.items():
        if not raw:
            continue
        if is_sha256(raw):
            if key in CLEAR_KEYS:
                hashes[CLEAR_KEYS[key]] = raw.lower()
            continue
        for form, value in _forms(key, raw, home_code):
            if value:
                hashes[form] = sha256_hex(value)
    return hashes


def _forms(key: str, raw: str, home: str | None) -> Iterator[tuple[str, str | None]]:
    """The (hash key, normalised value) pairs of one clear value."""
    match key:
        case "email":
            plain, microsoft = email(raw), email_microsoft(raw)
            yield "em", plain
            if microsoft != plain:
                yield "em_microsoft", microsoft
            yield "em_google", email_google(raw)
            yield "em_ga4", email_ga4(raw)
        case "phone":
            digits = phone_digits(raw)
            yield "ph", digits
            yield "ph_plus", digits and f"+{digits}"
        case "first_name" | "last_name":
            short = CLEAR_KEYS[key]
            yield short, name(raw)
            yield f"{short}_google", name_google(raw)
            yield f"{short}_ga4", name_ga4(raw)
        case "city":
            yield "ct", city(raw)
        case "state":
            yield "st", state(raw)
        case "zip":
            code = zip_code(raw, country=home)
            yield "zp", code
            yield "zp_digits", code and "".join(filter(str.isdigit, code))
        case "country":
            yield "country", home
        case "external_id":
            yield "external_id", raw.strip()
            yield "external_id_lower", raw.strip().lower()
        case _:
            return
