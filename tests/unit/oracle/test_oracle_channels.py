"""Channels: the contract's own examples, and the pipeline's rules beside the oracle's.

The second is the one place where the two meet: whatever words tests use for a source or a medium,
two readings of the same contract must agree on them.
"""

from itertools import product

import pytest

from processors.domain.channels import resolve as pipelines
from tests.oracle.channels import resolve
from tests.oracle.sites import HOSTS, SOURCES
from tests.oracle.urls import CLICK_IDS, external_referrer

MEDIA = (
    "", "cpc", "ppc", "cpm", "paid_social", "paidsearch", "retargeting", "display", "social",
    "organic", "referral", "email", "affiliate", "audio", "sms", "push", "video", "newsletter",
    "influencer", "ctv", "messaging", "qr", "(none)", "nonsense",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"channel": "podcast", "platform": "acast", "gclid": "x"}, ("podcast", "acast")),
        (
            {"ref": "FRIEND", "utm_source": "google", "utm_medium": "cpc"},
            ("affiliate", "affiliate"),
        ),
        ({"creator": "ada"}, ("influencer", "affiliate")),
        ({"utm_source": "google", "utm_medium": "cpc"}, ("paid_search", "google")),
        ({"utm_source": "Facebook", "utm_medium": "PAID_SOCIAL"}, ("paid_social", "meta")),
        ({"utm_source": "klaviyo", "utm_medium": "email"}, ("email", "klaviyo")),
        ({"utm_source": "nobody", "utm_medium": "cpm"}, ("display", "other")),
        ({"gclid": "x", "fbclid": "y"}, ("paid_search", "google")),
        ({"ttclid": "x"}, ("paid_social", "tiktok")),
        ({}, ("direct", "none")),
    ],
)
def test_the_rules_run_in_the_contracts_order(
    said: dict[str, str], expected: tuple[str, str]
) -> None:
    assert resolve(said, "") == expected


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("google.co.uk", ("organic_search", "google")),
        ("l.facebook.com", ("organic_social", "meta")),
        ("mail.google.com", ("referral", "other")),
        ("blog.example.org", ("referral", "other")),
    ],
)
def test_a_referrer_speaks_last(referrer: str, expected: tuple[str, str]) -> None:
    assert resolve({}, referrer) == expected
    assert resolve({"gclid": "x"}, referrer) == ("paid_search", "google")


def test_a_page_of_the_shop_refers_nobody() -> None:
    def came(referrer: str) -> str:
        page = "https://shop.example.com/a"
        return external_referrer({"browser": {"url": page, "referrer": referrer}})

    assert came("https://shop.example.com/") == came("https://example.com/") == ""
    assert came("https://www.example.org:443/x") == "example.org"


def test_the_pipeline_reads_every_source_and_medium_alike() -> None:
    for source, medium in product(("", "nobody", "blog.example.org", *SOURCES, *HOSTS), MEDIA):
        for campaign in (None, "summer-shop", "workshop"):
            said = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
            assert resolve(said, "") == pipelines(said, own_host=None), said


def test_the_pipeline_reads_click_ids_referrers_and_servers_alike() -> None:
    own: tuple[dict[str, str], ...] = (
        {},
        {"channel": "display"},
        {"platform": "meta"},
        {"ref": "a"},
        {"channel": "direct"},
    )
    utms: tuple[dict[str, str], ...] = (
        {}, {"utm_medium": "cpc"}, {"utm_source": "newsletter"}, {"utm_source": "new.example.net"},
        {"utm_source": "klaviyo", "utm_medium": "email"},
    )  # fmt: skip
    clicks: list[dict[str, str]] = [{}, *({name: "x"} for name in CLICK_IDS)]
    for host, server, utm, click in product(("", *HOSTS, "blog.example.org"), own, utms, clicks):
        said: dict[str, str | None] = {**server, **utm, **click}
        came = {"referrer": f"https://{host}/" if host else None, "url": "https://shop.example.com"}
        assert resolve(said, host) == pipelines({**said, **came}, own_host=None), (said, host)
