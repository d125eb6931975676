"""What is said of a visit's tags, from the network panel's export."""

import json
from pathlib import Path
from typing import Any

import pytest

from processors.commands.operator import Refused
from processors.commands.pixel_check import as_json, faults, read, render

PURCHASE = "https://www.facebook.com/tr/?id=1&ev=Purchase&cd[value]=9&cd[currency]=USD&eid=e-1"
SCRIPT = "https://connect.facebook.net/en_US/fbevents.js"
TIKTOK = "https://analytics.tiktok.com/api/v2/pixel"


def har(folder: Path, *entries: tuple[str, int] | dict[str, Any]) -> Path:
    """An export with these requests and the answers' statuses."""
    log = [
        entry
        if isinstance(entry, dict)
        else {"request": {"method": "GET", "url": entry[0]}, "response": {"status": entry[1]}}
        for entry in entries
    ]
    file = folder / "visit.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": log}}))
    return file


def test_a_visit_whose_tags_say_all_is_well(tmp_path: Path) -> None:
    fired = read(har(tmp_path, ("https://shop.example/", 200), (SCRIPT, 200), (PURCHASE, 200)))

    assert [(each.request.kind, each.status) for each in fired] == [("script", 200), ("event", 200)]
    assert faults(fired, asked=False) == []
    assert render(fired, asked=False).splitlines() == [
        "meta",
        "  200 script of pixel (any)",
        "  200 Purchase, pixel 1, worth 9 USD, id e-1",
        "all well",
    ]


def test_the_body_of_a_request_is_read(tmp_path: Path) -> None:
    body = {"event": "Purchase", "event_id": "e-2", "properties": {"value": 9, "currency": "USD"}}
    told = {"mimeType": "text/plain", "text": json.dumps(body)}
    entry = {
        "request": {"method": "POST", "url": TIKTOK, "postData": told},
        "response": {"status": 204},
    }
    (fired,) = read(har(tmp_path, entry))
    assert (fired.request.event_id, fired.request.value) == ("e-2", "9")


@pytest.mark.parametrize(
    ("url", "status", "fault"),
    [
        (PURCHASE, 0, "meta: Purchase had no answer: blocked?"),
        (PURCHASE, 403, "meta: Purchase was answered 403"),
        (PURCHASE.replace("&cd[value]=9", ""), 200, "meta: Purchase has no value"),
        (PURCHASE.replace("&cd[currency]=USD", ""), 200, "meta: Purchase has no currency"),
        (f"{TIKTOK}?event=CompletePayment&event_id=1&value=9", 200,
         "tiktok: CompletePayment has no currency"),
        (PURCHASE.replace("&eid=e-1", ""), 200,
         "meta: Purchase has no event id: the server's event would count again"),
        (SCRIPT, 200, "meta: the tag was loaded and told nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, url: str, status: int, fault: str) -> None:
    found = faults(read(har(tmp_path, (url, status))), asked=False)
    assert found == [fault]


def test_an_event_that_was_told_twice_is_said_once(tmp_path: Path) -> None:
    fired = read(har(tmp_path, (PURCHASE, 200), (PURCHASE, 200)))
    assert faults(fired, asked=False) == ["meta: event e-1 was told 2 times"]


def test_an_event_that_the_server_lacks_is_said_when_it_was_asked(tmp_path: Path) -> None:
    fired = read(har(tmp_path, (PURCHASE, 200)))
    assert faults(fired, asked=True) == ["meta: Purchase: the server has no event e-1 (yet)"]
    assert "server" not in as_json(fired, asked=False)["requests"][0]
    assert as_json(fired, asked=True)["requests"][0]["server"] is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log": {"entries": 7}}', '{"log": []}'])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "visit.har"
    file.write_text(content)
    with pytest.raises(Refused, match="Export HAR"):
        read(file)
    with pytest.raises(Refused, match="No such file"):
        read(tmp_path / "none.har")


@pytest.mark.parametrize("entry", [{}, {"request": 7}, {"request": {"url": 7}, "response": None}])
def test_an_odd_entry_is_passed_over(tmp_path: Path, entry: dict[str, Any]) -> None:
    assert read(har(tmp_path, entry)) == []
    assert "was consent given" in render([], asked=False)
