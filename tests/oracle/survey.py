"""What buyers said in surveys: the last content of each response, and what its words stand for."""

import re

from tests.oracle import ids
from tests.oracle.log import Log, events
from tests.oracle.words import Json, Row

_MEANINGS: dict[tuple[str, str], str] = {
    ("paid_social", "meta"): "facebook, instagram, meta",
    ("paid_social", "tiktok"): "tiktok, tik tok",
    ("paid_social", "snapchat"): "snapchat",
    ("paid_social", "pinterest"): "pinterest",
    ("paid_social", "linkedin"): "linkedin",
    ("paid_social", "other"): "twitter, social media",
    ("organic_social", "other"): "reddit",
    ("organic_search", "google"): "google, google search",
    ("paid_search", "google"): "google ad, google ads",
    ("paid_shopping", "google"): "google shopping",
    ("organic_search", "microsoft"): "bing",
    ("organic_search", "other"): "search engine, online search, search",
    ("paid_video", "google"): "youtube",
    ("other", "other"): "podcast, spotify",
    ("offline", "other"): "radio",
    ("ctv", "other"): "tv, television, tv commercial, streaming, hulu",
    ("ctv", "mntn"): "connected tv",
    ("offline", "none"): "billboard, direct mail, postcard, catalog, magazine, newspaper, store,"
    " retail store, event",
    ("referral", "none"): "friend, friends, family, word of mouth, recommendation, referral",
    ("referral", "other"): "chatgpt, blog, article, press, news, review site",
    ("influencer", "other"): "influencer, creator",
    ("affiliate", "affiliate"): "affiliate, coupon site",
    ("email", "other"): "email, newsletter",
    ("sms", "other"): "sms, text message",
    ("messaging", "whatsapp"): "whatsapp",
}
_BY_PHRASE = {
    tuple(phrase.split()): meaning
    for meaning, phrases in _MEANINGS.items()
    for phrase in phrases.split(", ")
}


def answers(tenant: str, log: Log, *, known: set[str]) -> list[Row]:
    """Every response; `known` are the ids of the conversions that there are."""
    last: dict[tuple[str, str], tuple[tuple[int, str], Json]] = {}
    for event in events(log):
        if event["source"] == "survey" and event["survey"] and event["order_id"] is not None:
            said = event["survey"]
            key = said["provider"], said["response_id"]
            rank = event["occurred_at"], event["content_hash"]
            if key not in last or rank > last[key][0]:
                last[key] = rank, event
    return [_row(tenant, event, known) for _, event in last.values()]


def _row(tenant: str, event: Json, known: set[str]) -> Row:
    said, order_id = event["survey"], event["order_id"]
    source = event["order_source"] or "shopify"
    conversion = ids.conversion(tenant, source, order_id)
    channel, platform = meaning(said["answer"])
    if said["channel"] is not None:
        channel, platform = said["channel"], "none"
    return (
        tenant, said["provider"], said["response_id"], conversion, source, order_id,
        event["occurred_at"], said["question"], said["answer"], channel,
        platform if said["platform"] is None else said["platform"], conversion in known,
    )  # fmt: skip


def meaning(answer: str) -> tuple[str, str]:
    """The longest phrase that stands in the answer as whole words decides."""
    words = re.findall("[a-z0-9]+", re.sub("[A-Z]", lambda m: m[0].lower(), answer))
    found = [
        phrase
        for phrase in _BY_PHRASE
        if any(tuple(words[n : n + len(phrase)]) == phrase for n in range(len(words)))
    ]
    best = min(found, key=lambda p: (-len(" ".join(p)), " ".join(p)), default=None)
    return _BY_PHRASE[best] if best else ("other", "none")
