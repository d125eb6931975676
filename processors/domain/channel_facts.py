"""What channel rules look at: the words, codes and hosts of a touch, in the form they are compared.

`Inputs` is as much as decides, so that equal touches are decided once; `facts` adds what the table
of well-known sites knows of them.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from processors.domain.referrers import external_host
from processors.domain.sites import Site, site_of_host, site_of_source
from processors.domain.urls import host

Value = str | tuple[str, ...]

CLICKS: Final = {
    "gclid": Site("search", "google"),
    "gbraid": Site("search", "google"),
    "wbraid": Site("search", "google"),
    "msclkid": Site("search", "microsoft"),
    "fbclid": Site("social", "meta"),
    "ttclid": Site("social", "tiktok"),
    "sccid": Site("social", "snapchat"),
    "epik": Site("social", "pinterest"),
    "li_fat_id": Site("social", "linkedin"),
}
"""In the order in which they win when a copied link carries several."""

FIELDS: Final = {
    "source": "utm_source",
    "medium": "utm_medium",
    "campaign": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
    "click_id": "names of the click ids that are there",
    "referrer": "host of a referrer from outside",
    "ref": "affiliate code",
    "creator": "creator code",
    "landing_host": "host of the landing page",
    "landing_path": "path of the landing page",
    "sent_channel": "channel that a server set",
    "source_kind": "kind of site that utm_source names",
    "click_kind": "kind of site that the click id is of",
    "kind": "source_kind, else click_kind",
    "referrer_kind": "kind of site that refers; unknown for one that nobody knows",
}
"""What a rule may ask about."""
HOSTS: Final = frozenset({"referrer", "landing_host"})
UNKNOWN: Final = "unknown"

_NAMES: Final = tuple(CLICKS)
_ABSENT: Final = frozenset(
    {"(none)", "(not set)", "(direct)", "none", "not set", "null", "undefined", "direct"}
)


class Inputs(NamedTuple):
    """Lower-case words of a touch; empty for what it does not say or no rule asks about."""

    medium: str
    source: str
    campaign: str
    term: str
    content: str
    click_id: tuple[str, ...]
    referrer: str
    ref: str
    creator: str
    landing_host: str
    landing_path: str
    sent_channel: str


def inputs(
    touch: Mapping[str, str | None], *, own_host: str | None, asked: Collection[str] = FIELDS
) -> Inputs:
    """The inputs of a touch, as far as they are asked about."""
    get = touch.get
    url = get("url")
    referrer = get("referrer")
    return Inputs(
        _word(get("utm_medium")),
        _word(get("utm_source")),
        _lower(get("utm_campaign")),
        _lower(get("utm_term")) if "term" in asked else "",
        _lower(get("utm_content")) if "content" in asked else "",
        tuple([name for name in _NAMES if get(name)]),
        external_host(referrer, url=url, own_host=own_host) if referrer else "",
        _said(get("ref")),
        _said(get("creator")),
        host(url).removeprefix("www.") if url and "landing_host" in asked else "",
        _path(url) if url and "landing_path" in asked else "",
        _said(get("channel")),
    )


def facts(said: Inputs) -> dict[str, Value]:
    """The inputs with the kinds of the sites that they name."""
    source, click, referring = sites(said)
    known: dict[str, Value] = dict(zip(Inputs._fields, said, strict=True))
    known["source_kind"] = source.kind if source else ""
    known["click_kind"] = click.kind if click else ""
    known["referrer_kind"] = referring.kind if referring else UNKNOWN if said.referrer else ""
    known["kind"] = known["source_kind"] or known["click_kind"]
    return known


def sites(said: Inputs) -> tuple[Site | None, Site | None, Site | None]:
    """The well-known sites of utm_source, the winning click id and the referrer."""
    return (
        site_of_source(said.source) if said.source else None,
        CLICKS[said.click_id[0]] if said.click_id else None,
        site_of_host(said.referrer) if said.referrer else None,
    )


@lru_cache(maxsize=4096)
def _word(raw: str | None) -> str:
    """A UTM as the rules compare it; what tools write for nothing is nothing."""
    word = _lower(raw)
    return "" if word in _ABSENT else word


@lru_cache(maxsize=4096)
def _lower(raw: str | None) -> str:
    return raw.strip().lower() if raw else ""


def _said(raw: str | None) -> str:
    """What somebody set is set, though it be blank."""
    return (_lower(raw) or raw) if raw else ""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.lower() or "/"
    except ValueError:
        return ""
