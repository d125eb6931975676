"""The simulator of Meta's Insights keeps the sheet: what it wants, leaves out, and its pages."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.contract.platforms.test_simulators import Client, meta

BEARER = {"authorization": "Bearer right"}
SEPTEMBER: dict[str, Any] = {
    "level": "campaign",
    "fields": "spend,impressions,reach,frequency,account_currency,campaign_id,campaign_name,"
    "date_start,date_stop,actions,action_values",
    "time_range": json.dumps({"since": "2026-09-01", "until": "2026-09-30"}),
    "time_increment": "1",
    "action_attribution_windows": json.dumps(["1d_view", "7d_click"]),
    "limit": "2",
}


def row(day: int, campaign: str = "1", **changes: Any) -> dict[str, Any]:
    return {
        "date": f"2026-09-{day:02}", "campaign_id": campaign, "campaign_name": "spring",
        "spend": "12.30", "impressions": 90, "clicks": 3, "reach": 60, "view": [2, "40.00"],
        "click": [1, "20.00"], **changes,
    }  # fmt: skip


def told(*rows: dict[str, Any]) -> Client:
    client = meta()
    body = {"account": "123", "token": "right", "currency": "EUR", "rows": list(rows)}
    assert client.post("/_sim/rows", json=body).status_code == 200
    return client


def ask(client: Client, path: str = "/v26.0/act_123/insights", **changes: Any) -> httpx.Response:
    query = {name: value for name, value in {**SEPTEMBER, **changes}.items() if value is not None}
    return client.get(f"{path}?{urlencode(query)}", headers=BEARER)


def test_numbers_are_strings_and_a_purchase_is_listed_under_each_of_its_types() -> None:
    (found,) = ask(told(row(1))).json()["data"]
    assert found == {
        "spend": "12.30", "impressions": "90", "reach": "60", "frequency": "1.500000",
        "account_currency": "EUR", "campaign_id": "1", "campaign_name": "spring",
        "date_start": "2026-09-01", "date_stop": "2026-09-01",
        "actions": [
            {"action_type": "link_click", "value": "3"},
            *(
                {"action_type": kind, "value": "3", "1d_view": "2", "7d_click": "1"}
                for kind in ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
            ),
        ],
        "action_values": [
            {"action_type": kind, "value": "60.00", "1d_view": "40.00", "7d_click": "20.00"}
            for kind in ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
        ],
    }  # fmt: skip


def test_only_what_is_asked_for_is_told_and_a_day_without_spend_has_no_row() -> None:
    client = told(row(1), row(2, spend="0"), row(30), row(29, reach=0))
    october = json.dumps({"since": "2026-09-30", "until": "2026-10-03"})
    assert [r["date_start"] for r in ask(client, time_range=october).json()["data"]] == [
        "2026-09-30"
    ]
    assert ask(client, fields="spend").json()["data"] == [{"spend": "12.30"}] * 2
    assert "reach" not in ask(client, limit="3").json()["data"][1]
    views = json.dumps(["1d_view"])
    actions = ask(client, action_attribution_windows=views).json()["data"][0]["actions"]
    assert "7d_click" not in actions[1]


def test_ads_have_rows_of_their_own_and_fields_that_campaigns_have_not() -> None:
    ad = {"ad_id": "9", "ad_name": "dog", "adset_id": "90", "adset_name": "dogs"}
    client = told(row(1), row(1, **ad, spend="1.00", video=4))
    named = {"level": "ad", "fields": "ad_id,ad_name,adset_id,adset_name,spend"}
    assert ask(client, **named).json()["data"] == [{**ad, "spend": "1.00"}]
    (campaign,) = ask(client).json()["data"]
    assert campaign["spend"] == "12.30"
    (seen,) = ask(client, level="ad").json()["data"]
    assert {"action_type": "video_view", "value": "4"} in seen["actions"]
    assert ask(client, fields="ad_id").status_code == 400


def test_a_row_that_is_told_again_is_restated() -> None:
    client = told(row(1))
    restated = {"account": "123", "rows": [row(1, spend="10.00")]}
    assert client.post("/_sim/rows", json=restated).status_code == 200
    assert [r["spend"] for r in ask(client).json()["data"]] == ["10.00"]


def test_pages_are_linked_by_cursors_until_there_is_none() -> None:
    client = told(*(row(day) for day in range(1, 6)))
    seen: list[str] = []
    found = ask(client).json()
    while True:
        seen += [r["date_start"] for r in found["data"]]
        link = found["paging"].get("next")
        if link is None:
            break
        # The vendor's link carries the token.
        assert "access_token=right" in link
        found = client.get(link.removeprefix("http://sim")).json()
    assert seen == [f"2026-09-{day:02}" for day in range(1, 6)]
    assert ask(told()).json() == {"data": []}


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": None}, {"fields": "spend,conversions_of_the_moon"}, {"level": None},
        {"time_increment": None}, {"time_range": None}, {"time_range": "{}"},
        {"time_range": '{"since":"2026-09-02","until":"2026-09-01"}'},
        {"time_range": "2026-09-01"}, {"action_attribution_windows": "1d_view"},
        {"action_attribution_windows": '["2d_view"]'}, {"limit": "0"}, {"limit": "1001"},
        {"after": "nonsense"},
    ],
)  # fmt: skip
def test_a_question_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    answer = ask(told(row(1)), **changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_a_wrong_token_an_unknown_account_and_a_path_without_a_version_are_refused() -> None:
    client = told(row(1))
    query = urlencode(SEPTEMBER)
    path = f"/v26.0/act_123/insights?{query}"
    wrong = client.get(path, headers={"authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 190)
    assert client.get(path).status_code == 401
    for account in ("act_9", "123"):
        error = ask(client, f"/v26.0/{account}/insights").json()["error"]
        assert (error["code"], error["error_subcode"]) == (100, 33)
    assert ask(client, "/act_123/insights").status_code == 400
    assert client.post("/_sim/rows", json={"rows": []}).status_code == 400


def test_a_script_gives_questions_their_trouble_and_stats_tell_them_without_the_token() -> None:
    client = told(row(1))
    step = {"account": "act_123", "status": 400, "body": {"error": {"code": 80000}}}
    client.post("/_sim/script", json={"steps": [step]})
    assert ask(client).json()["error"]["code"] == 80000
    assert ask(client, access_token="right").status_code == 200
    (asked,) = client.get("/_sim/stats").json()["requests_of_insights"]
    assert asked["account"] == "act_123"
    assert "right" not in str(asked)
