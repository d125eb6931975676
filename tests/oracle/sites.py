"""Well-known sources of traffic, by the names people write and by their hosts.

A selection: what tests send is on it, and it agrees with the pipeline's longer list.
"""

import re
from typing import NamedTuple


class Site(NamedTuple):
    kind: str
    platform: str


_NAMES = {
    ("search", "google"): "google googleads google_ads google-ads adwords",
    ("search", "microsoft"): "bing bingads bing_ads microsoft microsoft_ads msn",
    ("search", "other"): "yahoo duckduckgo baidu yandex ecosia naver",
    ("social", "meta"): "meta meta_ads facebook facebook_ads fb instagram ig messenger threads",
    ("social", "tiktok"): "tiktok tiktok_ads tt",
    ("social", "snapchat"): "snapchat snap",
    ("social", "pinterest"): "pinterest",
    ("social", "linkedin"): "linkedin",
    ("social", "other"): "twitter x reddit tumblr quora telegram",
    ("video", "google"): "youtube yt",
    ("video", "other"): "vimeo twitch",
    ("shopping", "google"): "google_shopping",
    ("shopping", "shopify"): "shopify shop_app",
    ("shopping", "other"): "amazon ebay etsy",
    ("email", "klaviyo"): "klaviyo",
    ("email", "shopify"): "shopify_email",
    ("email", "other"): "newsletter mailchimp omnisend",
    ("messaging", "whatsapp"): "whatsapp wa",
    ("ctv", "mntn"): "mntn mountain",
    ("affiliate", "affiliate"): "affiliate affiliates awin shareasale impact",
}
_HOSTS = {
    ("search", "microsoft"): "bing.com msn.com",
    ("search", "other"): "duckduckgo.com baidu.com ecosia.org",
    ("social", "meta"): "facebook.com instagram.com threads.net messenger.com",
    ("social", "tiktok"): "tiktok.com",
    ("social", "snapchat"): "snapchat.com",
    ("social", "linkedin"): "linkedin.com lnkd.in",
    ("social", "other"): "twitter.com t.co x.com reddit.com tumblr.com",
    ("video", "google"): "youtube.com youtu.be",
    ("video", "other"): "vimeo.com twitch.tv",
    ("shopping", "shopify"): "shop.app shopify.com",
    ("messaging", "whatsapp"): "whatsapp.com wa.me",
}
_EVERYWHERE = {
    "google": Site("search", "google"),
    "yahoo": Site("search", "other"),
    "yandex": Site("search", "other"),
    "pinterest": Site("social", "pinterest"),
    "amazon": Site("shopping", "other"),
    "ebay": Site("shopping", "other"),
    "etsy": Site("shopping", "other"),
}
_MAIL_AND_DOCUMENTS = {"mail", "docs", "drive", "accounts", "calendar"}

SOURCES = {name: Site(*site) for site, names in _NAMES.items() for name in names.split()}
HOSTS = {host: Site(*site) for site, hosts in _HOSTS.items() for host in hosts.split()}


def site_of_host(host: str) -> Site | None:
    """The well-known site that a host is, or is below."""
    labels = host.split(".")
    for n in range(len(labels)):
        if site := HOSTS.get(".".join(labels[n:])):
            return site
    brand = re.fullmatch(rf"(?:(.*)\.)?({'|'.join(_EVERYWHERE)})\.(?:com?\.)?[a-z]{{2,4}}", host)
    if brand is None:
        return None
    site = _EVERYWHERE[brand[2]]
    if site.kind == "search" and _MAIL_AND_DOCUMENTS & set((brand[1] or "").split(".")):
        return None
    return site


def site_of_source(source: str) -> Site | None:
    """The well-known site that a lower-case utm_source names."""
    return SOURCES.get(source) or (site_of_host(source) if "." in source else None)
