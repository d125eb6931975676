"""How visitors arrive: the links of campaigns, with UTMs and click ids as the networks add them,
and the referrers of those who come by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final
from urllib.parse import urlencode

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Landing:
    """One arrival; `server` is what only an ad server knows, `view` an ad that was only seen."""

    query: str = ""
    referrer: str | None = None
    view: bool = False
    server: dict[str, str] = field(default_factory=dict)

    def url(self, host: str, path: str) -> str:
        """The landing page's address."""
        return f"https://{host}{path}" + (f"?{self.query}" if self.query else "")


def _click_id(rng: Random, length: int) -> str:
    return "".join(rng.choices(_BASE62, k=length))


def _utm(source: str, medium: str, campaign: str, **rest: str) -> str:
    return urlencode({"utm_source": source, "utm_medium": medium, "utm_campaign": campaign, **rest})


def _google_search(rng: Random) -> Landing:
    campaign = rng.choice(("brand", "generic_sale", "competitors"))
    query = _utm("google", "cpc", campaign, utm_term="sun hat", gclid=_click_id(rng, 55))
    return Landing(query, "https://www.google.com/")


def _google_untagged(rng: Random) -> Landing:
    return Landing(urlencode({"gclid": _click_id(rng, 55)}), "https://www.google.com/")


def _google_shopping(rng: Random) -> Landing:
    return Landing(_utm("google", "cpc", "shopping_all", gclid=_click_id(rng, 55)))


def _youtube(rng: Random) -> Landing:
    return Landing(_utm("youtube", "paid_video", "how_to", wbraid=_click_id(rng, 40)))


def _meta(rng: Random) -> Landing:
    campaign = rng.choice(("prospecting", "lookalike_2", "summer sale"))
    query = _utm("facebook", "paid_social", campaign, fbclid=f"IwAR{_click_id(rng, 57)}")
    return Landing(query, "https://l.facebook.com/")


def _instagram_untagged(rng: Random) -> Landing:
    query = urlencode({"fbclid": f"PAAa{_click_id(rng, 50)}"})
    return Landing(query, "https://l.instagram.com/")


def _retargeting(rng: Random) -> Landing:
    query = _utm("facebook", "retargeting", "cart_7d", fbclid=f"IwAR{_click_id(rng, 57)}")
    return Landing(query)


def _tiktok(rng: Random) -> Landing:
    query = _utm("tiktok", "paid", "spark_ads", ttclid=f"E.C.P.{_click_id(rng, 40)}")
    return Landing(query, "https://www.tiktok.com/")


def _bing(rng: Random) -> Landing:
    query = _utm("bing", "cpc", "brand_bing", msclkid=_click_id(rng, 32).lower())
    return Landing(query, "https://www.bing.com/")


def _pinterest(rng: Random) -> Landing:
    query = urlencode({"epik": f"dj0yJnU9{_click_id(rng, 32)}"})
    return Landing(query, "https://www.pinterest.com/")


def _snapchat(rng: Random) -> Landing:
    return Landing(_utm("snapchat", "paid_social", "story_ads", ScCid=_click_id(rng, 36)))


def _email(rng: Random) -> Landing:
    campaign = rng.choice(("welcome", "newsletter_38", "abandoned_cart"))
    return Landing(_utm("klaviyo", "email", campaign))


def _sms(rng: Random) -> Landing:
    return Landing(_utm("attentive", "sms", rng.choice(("flash", "back_in_stock"))))


def _affiliate(rng: Random) -> Landing:
    return Landing(urlencode({"ref": f"partner{rng.randint(1, 9)}"}), "https://deals.example.org/")


def _influencer(rng: Random) -> Landing:
    return Landing(urlencode({"creator": rng.choice(("ava", "ben", "cleo"))}))


def _connected_tv(rng: Random) -> Landing:
    server = {
        "channel": "ctv",
        "platform": "mntn",
        "campaign_id": "living_room",
        "ad_id": f"spot-{rng.randint(1, 4)}",
    }
    return Landing(view=True, server=server)


def _display_view(rng: Random) -> Landing:
    return Landing(_utm("criteo", "display", f"banner_{rng.randint(1, 3)}"), view=True)


def _referred(referrer: str) -> Callable[[Random], Landing]:
    return lambda _: Landing(referrer=referrer)


_WEIGHTS: Final[dict[Callable[[Random], Landing], int]] = {
    _google_search: 14,
    _google_untagged: 4,
    _google_shopping: 6,
    _youtube: 2,
    _meta: 15,
    _instagram_untagged: 5,
    _retargeting: 4,
    _tiktok: 6,
    _bing: 3,
    _pinterest: 2,
    _snapchat: 2,
    _email: 8,
    _sms: 2,
    _affiliate: 3,
    _influencer: 2,
    _connected_tv: 3,
    _display_view: 4,
    _referred("https://www.google.com/"): 11,
    _referred("https://duckduckgo.com/"): 2,
    _referred("https://www.instagram.com/"): 3,
    _referred("https://www.reddit.com/r/hats/"): 1,
    _referred("https://blog.example.org/ten-best-hats"): 3,
    lambda _: Landing(): 14,
}


def landing(rng: Random) -> Landing:
    """One arrival, channels about as frequent as in a real shop."""
    return rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0](rng)
