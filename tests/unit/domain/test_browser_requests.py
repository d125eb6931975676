"""What requests of vendors' tags tell, as they stand in a browser's network panel."""

from urllib.parse import quote

import pytest

from processors.domain.browser_requests import BrowserRequest, is_of_interest, recognise

META = "https://www.facebook.com/tr/?id=123&ev=Purchase&dl=https%3A%2F%2Fshop.example%2F"
TIKTOK = "https://analytics.tiktok.com/api/v2/pixel"
SNAPCHAT = "https://tr.snapchat.com/p"
PARAMETERS = '{"price": 99.99, "currency": "USD", "transaction_id": 7, "client_dedup_id": "e-1"}'


def bought(platform: str, **changes: object) -> BrowserRequest:
    """A purchase for 99.99 dollars."""
    said: dict[str, object] = {"pixel_id": "123", "event_name": "Purchase", "value": "99.99"}
    return BrowserRequest(platform=platform, **{**said, "currency": "USD", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "body", "found"),
    [
        ("https://facebook.com/tr?id=123&ev=Purchase&cd[value]=99.99&cd[currency]=USD", None,
         bought("meta")),
        (f"{META}&cd%5Bvalue%5D=99.99&cd%5Bcurrency%5D=usd&eid=e-1&cd[order_id]=7", None,
         bought("meta", event_id="e-1", order_id="7")),
        ("https://www.facebook.com/tr/", "id=123&ev=Purchase&cd[value]=99.99&cd[currency]=USD",
         bought("meta")),
        (f"{META}&noscript=1", None,
         bought("meta", noscript=True, value=None, currency=None)),
        (f"{TIKTOK}?event=CompletePayment&value=99.99", None,
         bought("tiktok", pixel_id=None, event_name="CompletePayment", currency=None)),
        (TIKTOK,
         '{"event": "Purchase", "event_id": "e-1", "context": {"pixel": {"code": "123"}},'
         ' "properties": {"value": 99.99, "currency": "USD"}}',
         bought("tiktok", event_id="e-1")),
        (f"{TIKTOK}/act?sdkid=123&event=Purchase&value=99.99&currency=USD&event_id=e-1", None,
         bought("tiktok", event_id="e-1")),
        (f"{SNAPCHAT}?pid=123&e_nm=PURCHASE&e_par={quote(PARAMETERS)}", None,
         bought("snapchat", event_name="PURCHASE", event_id="e-1", order_id="7")),
        (SNAPCHAT, f"pid=123&ev=PURCHASE&e_par={quote(PARAMETERS)}",
         bought("snapchat", event_name="PURCHASE", event_id="e-1", order_id="7")),
        ("https://tr.snapchat.com/p?e_par=...&e_nm=PURCHASE", None,
         BrowserRequest(platform="snapchat", event_name="PURCHASE")),
        ("https://region1.google-analytics.com/g/collect?v=2&tid=G-1&en=purchase&epn.value=99.99"
         "&cu=USD&ep.transaction_id=7", None,
         bought("ga4", pixel_id="G-1", event_name="purchase", order_id="7")),
        ("https://www.googleadservices.com/pagead/conversion/123/?value=99.99&currency_code=USD"
         "&oid=7", None,
         bought("google_ads", pixel_id="AW-123", event_name="conversion", order_id="7")),
    ],
)  # fmt: skip
def test_a_request_tells_which_event_of_which_pixel_it_is(
    url: str, body: str | None, found: BrowserRequest
) -> None:
    assert recognise(url, body) == (found,)


@pytest.mark.parametrize(
    ("url", "platform", "pixel_id"),
    [
        ("https://connect.facebook.net/en_US/fbevents.js", "meta", None),
        ("https://analytics.tiktok.com/i18n/pixel/events.js?sdkid=C4&lib=ttq", "tiktok", "C4"),
        ("https://sc-static.net/scevent.min.js", "snapchat", None),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "ga4", "G-1"),
        ("https://www.googletagmanager.com/gtag/js?id=AW-1", "google_ads", "AW-1"),
    ],
)
def test_the_script_of_a_tag_is_no_event(url: str, platform: str, pixel_id: str | None) -> None:
    (found,) = recognise(url)
    assert (found.platform, found.kind, found.pixel_id) == (platform, "script", pixel_id)
    assert found.event_name is None


def test_a_request_of_ga4_may_tell_of_several_events() -> None:
    url = "https://www.google-analytics.com/g/collect?v=2&tid=G-1&cu=USD"
    found = recognise(url, "en=page_view\r\nen=purchase&epn.value=5")
    assert [(each.event_name, each.value) for each in found] == [
        ("page_view", None),
        ("purchase", "5"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "https://[::1/tr?id=1&ev=Purchase",
        "https://shop.example/tr?id=1&ev=Purchase",
        "https://facebook.com.shop.example/tr?id=1&ev=Purchase",
        "https://www.facebook.com/tr",
        "https://www.facebook.com/tribune?id=1&ev=Purchase",
        "https://www.facebook.com/tr?ev=Purchase",
        "https://tr.snapchat.com/cm/i?pid=1",
        TIKTOK,
        "https://shop.example/?to=https://www.facebook.com/tr?id=1",
    ],
)
def test_what_tells_no_platform_of_anything_is_not_recognised(url: str) -> None:
    assert recognise(url) == ()


@pytest.mark.parametrize(
    "body",
    ["", "{", "[1]", '{"event": 7, "properties": [1]}', "\udcff", "{" * 100_000, "a" * 2_000_000],
)  # fmt: skip
def test_a_broken_body_breaks_nothing(body: str) -> None:
    (found,) = recognise(f"{TIKTOK}?event=Lead", body)
    assert found.event_name in ("Lead", "7")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400", "much", "", "9,99"])
def test_a_value_that_is_no_number_is_none(value: str) -> None:
    (found,) = recognise(f"{META}&cd[value]={value}")
    assert found.value is None


@pytest.mark.parametrize("url", [META, f"{TIKTOK}?event=Lead", f"{SNAPCHAT}?e_nm=PURCHASE"])
def test_the_filter_of_the_network_panel_shows_it(url: str) -> None:
    assert is_of_interest(url)
    assert not is_of_interest("https://shop.example/facebook.html")
