"""What the browser SDKs ask for before they send."""

import pytest

from tests.unit.gateway.asking import BROWSER, Gateway
from tests.unit.gateway.test_segment import basic


async def test_analytics_js_is_told_to_send_here() -> None:
    gateway = Gateway()
    headers = {"host": "collect.shop.example", "origin": "https://shop.example"}

    known = await gateway.get(f"/v1/projects/{BROWSER}/settings", headers)
    strangers = [
        await gateway.get(f"/v1/projects/{rest}", headers)
        for rest in ("wrong/settings", BROWSER, f"{BROWSER}/schema")
    ]

    assert known.status == 200
    assert known.headers["access-control-allow-origin"] == "*"
    source = known.json["integrations"]["Segment.io"]
    assert (source["apiKey"], source["apiHost"]) == (BROWSER, "collect.shop.example/v1")
    assert source["httpConfig"]["backoffConfig"] == {"maxRetryCount": 100}
    assert [answer.status for answer in strangers] == [401] * 3


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
async def test_rudderstacks_sdk_is_told_of_its_source(path: str) -> None:
    gateway = Gateway()

    by_header = await gateway.get(f"{path}?p=npm&writeKey=other", basic(BROWSER))
    by_query = await gateway.get(f"{path}?writeKey={BROWSER}")

    for answer in (by_header, by_query):
        source = answer.json["source"]
        assert (source["id"], source["writeKey"], source["destinations"]) == ("demo", BROWSER, [])
        assert source["config"]["statsCollection"]["errors"]["enabled"] is False
    assert (await gateway.get(path)).status == 401


async def test_a_page_elsewhere_may_send_what_the_sdks_send() -> None:
    answer = await Gateway().ask("OPTIONS", "/v1/page", b"", {"origin": "https://shop.example"})

    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "anonymousid", "sentat"} <= set(allowed)
    assert {"rsa-retry-attempt", "rsa-retry-reason", "rsa-since-last-attempt"} <= set(allowed)
    assert "x-retry-count" in allowed, "without it analytics.js can send nothing a second time"
