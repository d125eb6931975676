"""What ads show is read of each vendor's own form, page by page, and no address that is none."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import pytest

from deploy.simulators.google_ads import GoogleAdsRules
from deploy.simulators.meta import MetaRules
from deploy.simulators.tiktok import TikTokRules
from processors.engine.clock import wall_clock
from processors.platforms.asset_registry import ASSET_READERS, ReadsAssets
from processors.platforms.assets import Asset
from processors.platforms.base import Account
from processors.platforms.reading import ReadingSettings, Unreadable
from tests.contract.platforms.simulated import Simulated, simulated

READING: Final = ReadingSettings(first_pause_seconds=0.001, tries=2, timeout_seconds=5)
RULES: Final[dict[str, Any]] = {
    "google": GoogleAdsRules, "meta": MetaRules, "tiktok": TikTokRules,
}  # fmt: skip
ACCOUNTS: Final = {
    "google": Account(
        "acme", "1234567890", {"refresh_token": "r", "client_id": "c", "client_secret": "s"}
    ),
    "meta": Account("acme", "", {"access_token": "right", "ad_account_id": "123"}),
    "tiktok": Account("acme", "C1", {"access_token": "right", "advertiser_id": "7"}),
}
SHOP, PICTURE = "https://shop.example/hats", "https://cdn.example/1.jpg"
SCRIPT = "javascript:alert(1)"

META: Final = {
    "account": "123", "token": "right", "ads": [
        {"id": "1", "name": "a", "campaign_id": "c", "effective_status": "ACTIVE", "creative": {
            "id": "11", "title": " Hats ", "body": "Warm", "image_url": PICTURE,
            "thumbnail_url": "https://cdn.example/small.jpg",
            "object_story_spec": {"link_data": {"link": SHOP, "name": "other"}}}},
        {"id": "2", "name": "b", "creative": {"id": "12", "video_id": "v", "object_story_spec": {
            "video_data": {"title": "Hats", "message": "Warm", "image_url": PICTURE,
                           "call_to_action": {"value": {"link": SHOP}}}}}},
        {"id": "3", "name": "c", "creative": {"id": "13", "object_story_spec": {
            "link_data": {"child_attachments": [{}], "message": "Warm", "link": SCRIPT}}}},
        {"id": "4", "creative": {"id": "14", "asset_feed_spec": {
            "titles": [{"text": "Hats"}], "bodies": [{"text": "Warm"}],
            "link_urls": [{"website_url": SHOP}], "images": [{"url": PICTURE}]}}},
        {"id": "5", "name": "gone", "effective_status": "ARCHIVED"},
        {"id": "6"},
    ],
}  # fmt: skip
TIKTOK: Final = {
    "ads": {
        "advertiser": "7", "token": "right", "videos": {"v1": PICTURE}, "images": {"i1": SHOP},
        "ads": [
            {"ad_id": "1", "ad_name": "a", "campaign_id": "c", "ad_format": "SINGLE_VIDEO",
             "ad_text": "Warm", "display_name": "Hats", "landing_page_url": SHOP, "video_id": "v1",
             "image_ids": ["cover"]},
            {"ad_id": "2", "ad_format": "CAROUSEL_ADS", "ad_texts": ["Warm"], "image_ids": ["i1"],
             "landing_page_url": SCRIPT},
            {"ad_id": "3"},
        ],
    },
}  # fmt: skip


def _ad(number: int, kind: str, **told: Any) -> dict[str, Any]:
    ad = {f"ad_group_ad.ad.{name.replace('__', '.')}": value for name, value in told.items()}
    return {
        "segments.date": "2026-09-01", "campaign.id": "9", "ad_group_ad.ad.id": str(number),
        "ad_group_ad.ad.type": kind, "ad_group_ad.status": "ENABLED", **ad,
    }  # fmt: skip


GOOGLE: Final = {
    "search": {
        "customer": "1234567890", "ad_group_ad": [
            _ad(1, "RESPONSIVE_SEARCH_AD", final_urls=[SHOP],
                responsive_search_ad__headlines=[{"text": "Hats"}, {"text": "More"}],
                responsive_search_ad__descriptions=[{"text": "Warm"}]),
            _ad(1, "RESPONSIVE_SEARCH_AD", final_urls=[SHOP],
                responsive_search_ad__headlines=[{"text": "Hats"}, {"text": "More"}],
                responsive_search_ad__descriptions=[{"text": "Warm"}])
            | {"segments.date": "2026-09-02", "metrics.impressions": 3},
            _ad(2, "IMAGE_AD", name="b", image_ad__image_url=PICTURE, final_urls=[SCRIPT]),
            _ad(3, "VIDEO_RESPONSIVE_AD"),
            _ad(4, "TEXT_AD") | {"ad_group_ad.status": "REMOVED"},
        ],
    },
}  # fmt: skip
TOLD: Final[dict[str, Any]] = {"google": GOOGLE, "meta": META, "tiktok": TIKTOK}
WANTED: Final = {
    "google": [
        Asset(ad_id="1", type="dynamic", campaign_id="9", title="Hats", body="Warm",
              landing_page=SHOP),
        Asset(ad_id="2", type="image", ad="b", campaign_id="9", thumbnail_url=PICTURE),
        Asset(ad_id="3", type="video", campaign_id="9"),
    ],
    "meta": [
        Asset(ad_id="1", type="image", ad="a", campaign_id="c", creative_id="11", title="Hats",
              body="Warm", thumbnail_url=PICTURE, landing_page=SHOP),
        Asset(ad_id="2", type="video", ad="b", creative_id="12", title="Hats", body="Warm",
              thumbnail_url=PICTURE, landing_page=SHOP),
        Asset(ad_id="3", type="carousel", ad="c", creative_id="13", body="Warm"),
        Asset(ad_id="4", type="dynamic", creative_id="14", title="Hats", body="Warm",
              thumbnail_url=PICTURE, landing_page=SHOP),
        Asset(ad_id="6", type="other"),
    ],
    "tiktok": [
        Asset(ad_id="1", type="video", ad="a", campaign_id="c", creative_id="v1", title="Hats",
              body="Warm", thumbnail_url=PICTURE, landing_page=SHOP),
        Asset(ad_id="2", type="carousel", creative_id="i1", body="Warm", thumbnail_url=SHOP),
        Asset(ad_id="3", type="other"),
    ],
}  # fmt: skip


@pytest.fixture
async def vendor(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Simulated, ReadsAssets]]:
    """A simulator that was told of ads, and the reader, whose pages are small."""
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(simulated(RULES[platform]))
        name = ASSET_READERS[platform].connection.upper()
        for setting, value in {
            "BASE_URL": found.url, "TOKEN_URL": f"{found.url}/oauth/token", "ADS_PAGE_SIZE": "2",
            "REPORT_PAGE_SIZE": "2",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"ATTRIBUTARY_{name}_{setting}", value)
        told = json.loads(json.dumps(TOLD[platform]))
        if platform == "google":
            told["search"]["page_rows"] = 2
        await found.tell("rows", told)
        reader = ASSET_READERS[platform].load(READING, wall_clock)
        yield found, reader
        await reader.close()


async def read(reader: ReadsAssets, account: Account) -> list[Asset]:
    return [asset async for page in reader.assets(account) for asset in page]


@pytest.mark.parametrize("platform", sorted(ASSET_READERS))
async def test_ads_are_read_with_what_they_show_and_those_that_are_gone_are_not(
    platform: str, vendor: tuple[Simulated, ReadsAssets]
) -> None:
    simulator, reader = vendor
    assert await read(reader, ACCOUNTS[platform]) == WANTED[platform]
    if platform == "meta":
        await simulator.tell("rows", {"account": "123", "most_ads": 1})
        again = {asset.ad_id: asset for asset in await read(reader, ACCOUNTS[platform])}
        assert list(again.values()) == WANTED[platform]
    await simulator.tell("script", {"steps": [{"status": 500, "count": 2}]})
    with pytest.raises(Unreadable, match="gave up") as passing:
        await read(reader, ACCOUNTS[platform])
    assert passing.value.may_pass
    credentials = dict.fromkeys(ACCOUNTS[platform].credentials, "")
    with pytest.raises(Unreadable, match="needs ") as refused:
        await read(reader, Account("acme", "1", credentials))
    assert not refused.value.may_pass


@pytest.mark.parametrize("platform", ["tiktok"])
async def test_ads_of_an_app_that_may_not_read_the_library_have_no_pictures(
    platform: str, vendor: tuple[Simulated, ReadsAssets]
) -> None:
    simulator, reader = vendor
    await simulator.tell("rows", {"ads": {"advertiser": "7", "library": False}})
    found = await read(reader, ACCOUNTS[platform])
    assert [asset.thumbnail_url for asset in found] == [None, None, None]
    assert found[0].title == "Hats"


@pytest.mark.parametrize("platform", ["meta", "tiktok"])
async def test_the_simulator_refuses_fields_and_sizes_that_the_vendor_does_not_know(
    platform: str, vendor: tuple[Simulated, ReadsAssets]
) -> None:
    simulator, _ = vendor
    if platform == "meta":
        url, own, good = "/v26.0/act_123/ads", {}, {"fields": "id,creative{id,title}"}
        wrong = [{"fields": "id,moons"}, {"fields": "creative{moons}"}, {"fields": "adset{id}"},
                 {"fields": "id}"}, {"limit": "0"}, {"limit": "501"}, {"moons": "1"}]  # fmt: skip
    else:
        url, own, good = "/open_api/v1.3/ad/get/", {"advertiser_id": "7"}, {"fields": '["ad_id"]'}
        wrong = [{"fields": '["moons"]'}, {"fields": "ad_id"}, {"page_size": "1001"},
                 {"page": "0"}, {"advertiser_id": "8"}]  # fmt: skip
    headers = {"authorization": "Bearer right", "access-token": "right"}
    async with httpx.AsyncClient(base_url=simulator.url, headers=headers) as client:
        answers = [
            (await client.get(url, params={**own, **asked})).json() for asked in (good, *wrong)
        ]
    # TikTok answers 200 with a code, Meta with an error.
    refused = [bool(answer.get("code") or answer.get("error")) for answer in answers]
    assert refused == [False, *([True] * len(wrong))]
