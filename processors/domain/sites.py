"""The well-known sources of traffic: search engines, social networks, shops, senders.

A site is known by the names that people write into utm_source, and by its hosts. `Site` says
what kind of traffic it sends and which traffic platform it belongs to.
"""

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Kind = Literal["search", "social", "video", "shopping", "email", "messaging", "ctv", "affiliate"]


class Site(NamedTuple):
    """What a well-known source is."""

    kind: Kind
    platform: str


class _Row(NamedTuple):
    kind: Kind
    platform: str
    names: str
    hosts: str = ""


_ROWS: Final = (
    _Row(
        "search",
        "google",
        "google googleads google_ads google-ads google_search adwords gads",
        "com.google.android.googlequicksearchbox com.google.android.gsa",
    ),
    _Row(
        "search",
        "microsoft",
        "bing bingads bing_ads bing-ads microsoft microsoft_ads microsoft-ads microsoftads msn",
        "bing.com msn.com com.microsoft.bing",
    ),
    _Row(
        "search",
        "other",
        "yahoo duckduckgo ddg baidu yandex ecosia naver daum seznam qwant startpage brave ask aol "
        "sogou kagi mojeek coccoc rambler",
        "duckduckgo.com com.duckduckgo.mobile.android baidu.com ecosia.org search.naver.com "
        "naver.com daum.net seznam.cz qwant.com startpage.com search.brave.com ask.com aol.com "
        "sogou.com so.com kagi.com mojeek.com coccoc.com rambler.ru ya.ru dogpile.com "
        "petalsearch.com swisscows.com presearch.com metager.de gibiru.com search.earthlink.net",
    ),
    _Row(
        "social",
        "meta",
        "meta meta_ads meta-ads facebook facebook_ads facebook-ads facebookads fb fbads fb_ads "
        "instagram instagram_ads ig igshopping threads messenger msg an audience_network",
        "facebook.com fb.com fb.me fb.watch instagram.com threads.net threads.com messenger.com "
        "m.me com.facebook.katana com.facebook.lite com.facebook.orca com.instagram.android "
        "com.instagram.barcelona",
    ),
    _Row(
        "social",
        "tiktok",
        "tiktok tik_tok tik-tok tiktok_ads tiktok-ads tiktokads tt",
        "tiktok.com tiktokv.com com.zhiliaoapp.musically com.ss.android.ugc.trill",
    ),
    _Row(
        "social",
        "snapchat",
        "snapchat snapchat_ads snapchat-ads snap snapads",
        "snapchat.com com.snapchat.android",
    ),
    _Row(
        "social",
        "pinterest",
        "pinterest pinterest_ads pinterest-ads pin",
        "pin.it com.pinterest",
    ),
    _Row(
        "social",
        "linkedin",
        "linkedin linkedin_ads linkedin-ads li",
        "linkedin.com lnkd.in com.linkedin.android",
    ),
    _Row(
        "social",
        "other",
        "twitter x reddit redditads tumblr quora discord telegram vk vkontakte weibo wechat line "
        "kakao bluesky mastodon nextdoor hackernews ok odnoklassniki xing",
        "twitter.com t.co x.com com.twitter.android reddit.com redd.it com.reddit.frontpage "
        "tumblr.com quora.com discord.com discord.gg discordapp.com t.me telegram.me telegram.org "
        "org.telegram.messenger vk.com vk.ru weibo.com weibo.cn wechat.com weixin.qq.com line.me "
        "kakao.com bsky.app mastodon.social mastodon.online nextdoor.com news.ycombinator.com "
        "ok.ru xing.com meetup.com flickr.com plurk.com livejournal.com disqus.com lemmy.world",
    ),
    _Row(
        "video",
        "google",
        "youtube youtube_ads youtube-ads yt",
        "youtube.com youtu.be com.google.android.youtube",
    ),
    _Row(
        "video",
        "other",
        "vimeo twitch dailymotion bilibili youku rumble netflix hulu",
        "vimeo.com twitch.tv dailymotion.com bilibili.com youku.com rumble.com netflix.com "
        "hulu.com wistia.com iqiyi.com odysee.com",
    ),
    _Row(
        "shopping",
        "google",
        "google_shopping google-shopping googleshopping google_merchant",
        "shopping.google.com",
    ),
    _Row("shopping", "shopify", "shopify shop_app shop-app shopapp shop", "shop.app shopify.com"),
    _Row(
        "shopping",
        "other",
        "amazon ebay etsy walmart aliexpress alibaba mercadolibre rakuten target wish temu idealo "
        "pricerunner kelkoo shopzilla bizrate pricegrabber nextag twenga zalando flipkart allegro",
        "walmart.com alibaba.com target.com wish.com temu.com pricerunner.com shopzilla.com "
        "bizrate.com pricegrabber.com nextag.com connexity.com flipkart.com allegro.pl bol.com",
    ),
    _Row("email", "klaviyo", "klaviyo klaviyo_email"),
    _Row("email", "shopify", "shopify_email shopify-email shopifyemail"),
    _Row(
        "email",
        "other",
        "newsletter mailchimp omnisend sendgrid mailgun brevo sendinblue hubspot_email "
        "constantcontact campaignmonitor activecampaign drip convertkit substack",
    ),
    _Row("messaging", "whatsapp", "whatsapp whats_app wa", "whatsapp.com wa.me com.whatsapp"),
    _Row("ctv", "mntn", "mntn mountain steelhouse", "mountain.com mntn.com"),
    _Row(
        "affiliate",
        "affiliate",
        "affiliate affiliates awin shareasale impact impactradius cj commissionjunction "
        "rakutenadvertising partnerize pepperjam refersion goaffpro uppromote",
        "awin1.com shareasale.com",
    ),
)

SOURCES: Final = {name: Site(r.kind, r.platform) for r in _ROWS for name in r.names.split()}
HOSTS: Final = {host: Site(r.kind, r.platform) for r in _ROWS for host in r.hosts.split()}

# Brands with a domain in every country.
_BRANDS: Final = {
    "google": Site("search", "google"),
    "yahoo": Site("search", "other"),
    "yandex": Site("search", "other"),
    "pinterest": Site("social", "pinterest"),
    "amazon": Site("shopping", "other"),
    "ebay": Site("shopping", "other"),
    "etsy": Site("shopping", "other"),
    "aliexpress": Site("shopping", "other"),
    "mercadolibre": Site("shopping", "other"),
    "rakuten": Site("shopping", "other"),
    "idealo": Site("shopping", "other"),
    "kelkoo": Site("shopping", "other"),
    "zalando": Site("shopping", "other"),
}
_BRAND_HOST: Final = re.compile(
    rf"(?:(?P<before>[a-z0-9.\-]*)\.)?(?P<brand>{'|'.join(_BRANDS)})\.(?:com?\.)?[a-z]{{2,4}}"
)
# A link in a mail or a document is a referral, whoever hosts it.
_DOCUMENTS: Final = (
    "mail docs drive accounts calendar groups sites meet classroom chat login translate keep "
    "contacts ads adssettings support myaccount"
)
_NO_SEARCH: Final = frozenset(_DOCUMENTS.split())


@lru_cache(maxsize=8192)
def site_of_host(host: str) -> Site | None:
    """The well-known site that the host belongs to."""
    rest = host
    while rest:
        site = HOSTS.get(rest)
        if site:
            return site
        rest = rest.partition(".")[2]
    brand = _BRAND_HOST.fullmatch(host)
    if brand is None:
        return None
    site = _BRANDS[brand["brand"]]
    if site.kind == "search" and not _NO_SEARCH.isdisjoint((brand["before"] or "").split(".")):
        return None
    return site


def site_of_source(source: str) -> Site | None:
    """The well-known site that a lower-case utm_source names, by its name or by its host."""
    return SOURCES.get(source) or (site_of_host(source) if "." in source else None)
