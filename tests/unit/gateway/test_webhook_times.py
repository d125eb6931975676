"""Which webhooks hold for how long: those whose sender signs a time."""

import hashlib
import hmac
from typing import Any

import orjson
import pytest

from tests.unit.gateway.asking import ACCOUNTS, NOW, SECRET, Gateway
from tests.unit.gateway.stores import PATH, bigcommerce_event, post

SECONDS = NOW // 1_000
BODY = orjson.dumps(
    {"order_id": "T-1", "ordered_at": "2026-09-01T12:00:00Z", "revenue": "9", "currency": "EUR"}
)
DAY = 86_400


@pytest.mark.parametrize(
    ("off", "status"),
    [(0, 200), (-2 * DAY, 200), (-3 * DAY, 200), (-3 * DAY - 1, 401), (300, 200), (301, 401)],
)
async def test_bigcommerce_may_repeat_a_delivery_for_three_days(off: int, status: int) -> None:
    gateway = Gateway()
    answer = await post(gateway, "bigcommerce", bigcommerce_event(), at=SECONDS + off)
    assert answer.status == status
    assert len(gateway.outlet.rows) == (status == 200)


def timed(at: Any, *, secret: bytes = SECRET, body: bytes = BODY, more: str = "") -> dict[str, str]:
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "X-Attributary-Account": ACCOUNTS["ecommerce"],
        "X-Attributary-Signature": f"t={at}{more},v1={digest}",
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (timed(SECONDS), 200),
        (timed(SECONDS, more=f",v1={'0' * 64}"), 200),
        (timed(SECONDS - 300), 200),
        (timed(SECONDS - 301), 401),
        (timed(SECONDS + 301), 401),
        (timed(SECONDS, secret=b"another"), 401),
        (timed(SECONDS, body=BODY + b" "), 401),
        (timed("x"), 401),
        ({**timed(SECONDS), "X-Attributary-Signature": f"t={SECONDS}"}, 401),
    ],
)
async def test_a_shop_that_signs_a_time_is_safe_from_replays_after_five_minutes(
    headers: dict[str, str], status: int
) -> None:
    gateway = Gateway()
    answer = await gateway.post(PATH, BODY, key=None, headers=headers)
    assert answer.status == status
    assert len(gateway.outlet.rows) == (status == 200)


async def test_a_time_cannot_be_moved_nor_a_signature_without_one_be_given_one() -> None:
    plain = hmac.new(SECRET, BODY, hashlib.sha256).hexdigest()
    old = timed(SECONDS - DAY)["X-Attributary-Signature"]
    for given in (old.replace(f"t={SECONDS - DAY}", f"t={SECONDS}"), f"t={SECONDS},v1={plain}"):
        headers = {**timed(SECONDS), "X-Attributary-Signature": given}
        answer = await Gateway().post(PATH, BODY, key=None, headers=headers)
        assert answer.status == 401
