"""The channel rules as a table: what a touch carries, and where it belongs."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.channels import CHANNELS, PLATFORM_CHANNELS, PLATFORMS, resolve
from processors.domain.sites import HOSTS, SOURCES
from processors.domain.urls import MARKETING, marketing

OWN: Final = "shop.example"
_LINES: Final = (Path(__file__).parent / "channel_cases.txt").read_text().splitlines()
CASES: Final = [line.split() for line in _LINES if line and not line.startswith("#")]


@pytest.mark.parametrize(("channel", "platform", "landing", "referrer"), CASES)
def test_a_landing_belongs_to_its_channel(
    channel: str, platform: str, landing: str, referrer: str
) -> None:
    url = f"https://www.shop.example{landing}"
    touch: dict[str, str | None] = {**marketing(url), "url": url}
    if referrer != "-":
        touch["referrer"] = referrer
    assert resolve(touch, own_host=OWN) == (channel, platform)


@pytest.mark.parametrize(
    ("touch", "expected"),
    [
        ({"channel": "podcast", "platform": "acast", "gclid": "x"}, ("podcast", "acast")),
        ({"channel": "paid_video", "gclid": "x"}, ("paid_video", "google")),
        ({"channel": "offline"}, ("offline", "other")),
        ({"channel": "direct", "gclid": "x"}, ("direct", "none")),
        ({"channel": "affiliate", "utm_source": "tiktok"}, ("affiliate", "affiliate")),
        ({"platform": "acast", "utm_medium": "email"}, ("email", "acast")),
        ({"platform": "meta"}, ("paid_social", "meta")),
        ({"platform": "acast"}, ("other", "acast")),
        ({"channel": "paid_social", "ref": "mia"}, ("paid_social", "other")),
        ({"ref": "mia", "creator": "leo", "gclid": "x"}, ("affiliate", "affiliate")),
        ({"creator": "leo", "utm_medium": "cpc"}, ("influencer", "affiliate")),
        ({"utm_source": " Facebook ", "utm_medium": "CPC"}, ("paid_social", "meta")),
        ({"utm_medium": "(none)", "utm_source": "(direct)"}, ("direct", "none")),
        ({"utm_medium": None, "gclid": ""}, ("direct", "none")),
        ({"utm_medium": "social network", "utm_source": "foo"}, ("organic_social", "other")),
    ],
)
def test_what_the_server_set_wins(touch: dict[str, str | None], expected: tuple[str, str]) -> None:
    assert resolve(touch, own_host=OWN) == expected


def test_without_a_url_the_own_host_tells_self_referrals() -> None:
    touch = {"referrer": "https://www.shop.example/cart"}
    assert resolve(touch, own_host=OWN) == ("direct", "none")
    assert resolve(touch, own_host=None) == ("referral", "other")


_words = st.none() | st.sampled_from([*sorted(SOURCES), "cpc", "email", "paid_x", "organic", "é"])
_hosts = st.sampled_from([*sorted(HOSTS), "www.google.co.uk", "shop.example", "x.example.org"])


@given(
    st.dictionaries(st.sampled_from(MARKETING), _words),
    st.none() | _hosts.map(lambda host: f"https://{host}/a"),
)
def test_every_touch_has_a_listed_channel_and_platform(
    touch: dict[str, str | None], referrer: str | None
) -> None:
    channel, platform = resolve({**touch, "referrer": referrer}, own_host=OWN)
    assert channel in CHANNELS
    assert platform in PLATFORMS
    assert (channel == "direct") == (platform == "none")


def test_the_tables_use_only_listed_names() -> None:
    sites = (*SOURCES.values(), *HOSTS.values())
    assert {site.platform for site in sites} <= set(PLATFORMS)
    assert set(PLATFORM_CHANNELS) <= set(PLATFORMS)
    assert set(PLATFORM_CHANNELS.values()) <= set(CHANNELS)
