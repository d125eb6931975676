"""Meta's Insights: what rows mean, which answers pass, and whose cursor is followed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from processors.domain.accounts import meta_ad_account
from processors.platforms.base import Account
from processors.platforms.http import Reply
from processors.platforms.meta.figures import figure
from processors.platforms.meta.insights import Insights
from processors.platforms.meta.pages import next_cursor, trouble
from processors.platforms.meta.settings import MetaSettings
from processors.platforms.reading import ReadingSettings, Unreadable
from processors.platforms.spending import Figure, Unusable
from tests.unit.platforms.test_reading import telling

PURCHASES = [
    {"action_type": kind, "value": "12", "1d_view": "3", "7d_click": "9"}
    for kind in ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase")
]
VALUES = [
    {"action_type": kind, "value": "752.10", "1d_view": "149.70", "7d_click": "602.40"}
    for kind in ("offsite_conversion.fb_pixel_purchase", "omni_purchase", "purchase")
]
VIDEO = {"action_type": "video_view", "value": "80", "1d_view": "3"}
ROW: dict[str, Any] = {
    "spend": "123.45", "impressions": "18909", "clicks": "223", "reach": "4103",
    "frequency": "4.608188", "account_currency": "USD", "campaign_id": "1",
    "campaign_name": "spring", "date_start": "2026-09-01", "date_stop": "2026-09-01",
    "actions": [{"action_type": "link_click", "value": "200"}, VIDEO, *PURCHASES],
    "action_values": VALUES,
}  # fmt: skip
TOLD = Figure(
    date=date(2026, 9, 1), currency="USD", amount=Decimal("123.45"), campaign_id="1",
    campaign="spring", impressions=18909, clicks=223, reach=4103, frequency=Decimal("4.608188"),
    video_views=80, conversions=Decimal(12), conversion_value=Decimal("752.10"),
    view_conversions=3, click_conversions=9, view_value=Decimal("149.70"),
    click_value=Decimal("602.40"),
)  # fmt: skip
AD = {"ad_id": "9", "ad_name": " dog ", "adset_id": "90", "adset_name": ""}


def test_a_row_is_a_figure_with_claims_by_window_and_a_purchase_of_three_names_counts_once() -> (
    None
):
    assert figure(ROW, "campaign") == TOLD


def test_a_row_of_an_ad_names_its_set_and_its_campaign() -> None:
    found = figure({**ROW, **AD}, "ad")
    assert found == replace(TOLD, ad_id="9", ad="dog", ad_group_id="90", ad_group=None)
    assert found.level == "ad"


@pytest.mark.parametrize("kind", ["purchase", "offsite_conversion.fb_pixel_purchase"])
def test_a_purchase_that_has_a_narrower_type_alone_counts(kind: str) -> None:
    alone = {
        name: [entry for entry in ROW[name] if entry["action_type"] in (kind, "video_view")]
        for name in ("actions", "action_values")
    }
    assert figure({**ROW, **alone}, "campaign") == TOLD


def test_what_is_left_out_is_none_and_reach_is_unknown() -> None:
    bare = {n: v for n, v in ROW.items() if n not in ("reach", "frequency", "action_values")}
    view_only = [{"action_type": "omni_purchase", "value": "1", "1d_view": "1"}]
    found = figure({**bare, "actions": view_only}, "campaign")
    assert (found.reach, found.frequency) == (None, None)
    assert (found.view_conversions, found.click_conversions) == (1, 0)
    assert found.view_value == 0
    found = figure({n: v for n, v in bare.items() if n not in ("actions", "clicks")}, "campaign")
    assert (found.view_conversions, found.click_conversions, found.clicks) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"spend": None}, "spend"),
        ({"spend": "1e999999999"}, "spend"),
        ({"spend": "-1"}, "spend"),
        ({"impressions": "many"}, "impressions"),
        ({"reach": "1.5"}, "reach"),
        ({"frequency": "NaN"}, "frequency"),
        ({"date_stop": "2026-09-02"}, "date_start"),
        ({"date_start": None}, "date_start"),
        ({"date_start": "2026-13-01", "date_stop": "2026-13-01"}, "date_start"),
        ({"account_currency": None}, "account_currency"),
        ({"campaign_id": None}, "campaign_id"),
        ({"actions": [{"action_type": "purchase", "1d_view": "0.5"}]}, "1d_view"),
    ],
)
def test_a_row_of_another_form_is_named_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Unusable, match=field):
        figure({**ROW, **changes}, "campaign")


def test_an_ad_without_its_id_is_no_figure() -> None:
    with pytest.raises(Unusable, match="ad_id"):
        figure({**ROW, "adset_id": "90"}, "ad")


def reply(status: int, body: Any, **headers: str) -> Reply:
    raw = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return Reply(
        status, httpx.Headers({n.replace("_", "-"): v for n, v in headers.items()}), raw, 1
    )


def refusal(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "EAAB-secret", "error_subcode": subcode, **more}}


@pytest.mark.parametrize(
    ("answer", "passes", "why"),
    [
        (reply(400, refusal(80000)), True, "code 80000"),
        (reply(403, refusal(4)), True, "code 4"),
        (reply(400, refusal(17)), True, "code 17"),
        (reply(429, {}), True, "429"),
        (reply(500, refusal(1)), True, "code 1"),
        (reply(400, refusal(2)), True, "code 2"),
        (reply(400, refusal(100, is_transient=True)), True, "code 100"),
        (reply(504, {}), True, "504"),
        (reply(502, "<html>"), True, "without JSON"),
        (reply(200, "<html>"), True, "without JSON"),
        (reply(401, refusal(190, 463)), False, "code 190/463: the token or the ad account"),
        (reply(400, refusal(200)), False, "the token or the ad account"),
        (reply(400, refusal(100, 33)), False, "the token or the ad account"),
        (reply(400, refusal(100)), False, "the request is refused"),
    ],
)
def test_what_passes_is_told_from_what_does_not_and_no_message_is_repeated(
    answer: Reply, passes: bool, why: str
) -> None:
    found = trouble(answer)
    assert found is not None
    assert found.passes == passes
    assert why in found.why
    assert "secret" not in found.why


def test_a_page_is_no_trouble_and_a_throttled_account_says_how_long() -> None:
    assert trouble(reply(200, {"data": []})) is None
    usage = orjson.dumps({"42": [{"estimated_time_to_regain_access": 3}]}).decode()
    found = trouble(reply(400, refusal(80000), x_business_use_case_usage=usage))
    assert found is not None
    assert found.pause_seconds == 180


def test_only_the_cursor_of_the_next_page_is_taken() -> None:
    link = "https://elsewhere.example/v1/act_1/insights?access_token=t&after=QU&limit=2"
    assert next_cursor({"paging": {"next": link, "cursors": {"after": "x"}}}) == "QU"
    assert next_cursor({"paging": {"cursors": {"after": "x"}}}) is None
    assert next_cursor({}) is None
    with pytest.raises(Unreadable, match="no cursor"):
        next_cursor({"paging": {"next": "https://elsewhere.example/"}})


def page(after: str) -> str:
    link = f"https://elsewhere.example/?after={after}"
    return "200 OK|" + orjson.dumps({"data": [ROW], "paging": {"next": link}}).decode()


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([page("a"), page("a")], "the cursor does not move"),
        ([page("a"), page("b"), page("c")], "more than 3 pages"),
        (['200 OK|{"data": {}}'], "no list of rows"),
        (['200 OK|{"data": [1]}'], "no list of rows"),
    ],
)
async def test_a_list_that_does_not_end_or_is_none_ends_the_reading(
    answers: list[str], why: str
) -> None:
    async with telling(*answers) as url:
        insights = Insights(MetaSettings(base_url=url, max_pages=3), ReadingSettings())
        with pytest.raises(Unreadable, match=why):
            async for _ in insights.rows(
                Account("acme", "", {}), own="42", token="t", since=date(2026, 9, 1),
                until=date(2026, 9, 7), level="ad",
            ):  # fmt: skip
                pass
        await insights.close()


@pytest.mark.parametrize(
    ("text", "digits"), [("123", "123"), ("act_123", "123"), (" act_9 ", "9"), ("007", "007")]
)
def test_an_ad_account_is_its_digits(text: str, digits: str) -> None:
    assert meta_ad_account(text) == digits


@pytest.mark.parametrize("text", ["", "act_", "act-1", "1a", "١٢", "../1", "1" * 21])
def test_what_is_no_ad_account_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        meta_ad_account(text)
