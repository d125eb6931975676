"""What a vendor's answer, and the fate of deliveries, tell of a connection."""

import json
from typing import Any

import httpx
import pytest

from processors.platforms.base import DAY_MS
from processors.platforms.connecting import health
from processors.platforms.connecting.health import Health
from processors.platforms.http import Reply, Silence

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, {"id": "9001"}, "healthy"),
        (200, {"code": 0, "data": {}}, "healthy"),
        (200, {"code": 40105, "message": "secret-1"}, "needs_reauth"),
        (200, {"code": 40100}, "degraded"),
        (400, {"error": {"code": 190, "error_subcode": 463}}, "needs_reauth"),
        (401, {"error": {"code": 190, "error_subcode": 458}}, "revoked"),
        (401, {"code": "REVOKED_ACCESS_TOKEN"}, "revoked"),
        (401, {"errors": [{"detail": "secret-1"}]}, "needs_reauth"),
        (403, {"message": "secret-1"}, "degraded"),
        (429, {}, "degraded"),
        (503, "secret-1", "degraded"),
    ],
)
def test_an_answer_has_one_meaning_and_its_text_is_not_kept(
    status: int, body: Any, state: str
) -> None:
    found = health.of_reply(Reply(status, httpx.Headers(), json.dumps(body).encode(), 1))
    assert (found.state, found.source) == (state, "probe")
    assert "secret-1" not in found.reason


def test_silence_is_no_refusal() -> None:
    found = health.of_reply(Silence(True, "ReadTimeout", 1))
    assert found == Health("degraded", "no answer: ReadTimeout")


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], "unknown"),
        (["sent"], "healthy"),
        (["sent", "retry", "retry"], "degraded"),
        (["retry", "sent", "sent"], "healthy"),
        (["reauth", "sent", "sent"], "needs_reauth"),
        (["sent", "reauth"], "healthy"),
    ],
)
def test_deliveries_tell_where_nothing_can_be_asked(statuses: list[str], state: str) -> None:
    latest = [{"status": status, "created_at": NOW - 120_000} for status in statuses]
    assert health.of_deliveries(latest, now=NOW).state == state


def test_a_token_that_ends_is_told_of_a_week_before() -> None:
    def end(after: int) -> str | None:
        found = health.of_end({"access_token_expires_at": str(NOW + after)}, now=NOW)
        return None if found is None else found.state

    assert health.of_end({}, now=NOW) is None
    assert (end(8 * DAY_MS), end(3 * DAY_MS), end(0)) == (None, "degraded", "needs_reauth")
