"""Whoever is told of an alert can tell ours from another's, and now from long ago."""

from typing import Any

import pytest

from processors.client.alert import NotGenuine, opened
from processors.platforms.http import Http
from processors.platforms.outward import OutwardSettings
from processors.schedule.alerts import secrets, webhook
from processors.schedule.alerts.telling import SENT
from tests.support.receivers import Web, listening

NOW = 1_788_600_060_000
TOLD: dict[str, Any] = {"id": "n-1", "alert": "silent", "value": 61}
OLD, NEW = secrets.fresh(), secrets.fresh()


async def told(signing: list[str]) -> tuple[dict[str, str], bytes]:
    """Headers and body, as a receiver has them."""
    web = Web()
    async with listening(web):
        http = Http(timeout_seconds=5, outward=OutwardSettings(private_targets=True))
        assert await webhook.send(http, web.url, TOLD, secrets=signing, now=NOW) == SENT
        await http.close()
    (post,) = web.posts
    return {
        name.decode().title(): value.decode() for name, value in post.headers.items()
    }, post.body


async def test_while_a_secret_is_replaced_either_proves_it_and_no_other_does() -> None:
    headers, body = await told([NEW, OLD])
    for given in ([NEW], [OLD], [secrets.fresh(), OLD]):
        assert opened(headers, body, given, now=NOW + 299_000) == TOLD
    with pytest.raises(NotGenuine, match="none of the secrets"):
        opened(headers, body, [secrets.fresh()], now=NOW)


@pytest.mark.parametrize("off", [301_000, -301_000])
async def test_what_was_signed_long_ago_is_refused(off: int) -> None:
    headers, body = await told([NEW])
    with pytest.raises(NotGenuine, match="300 s"):
        opened(headers, body, [NEW], now=NOW + off)


@pytest.mark.parametrize(
    ("header", "value"),
    [("Webhook-Id", "n-2"), ("Webhook-Timestamp", str(NOW // 1000 + 1)), ("Webhook-Timestamp", ""),
     ("Webhook-Signature", "v1,"), ("Webhook-Signature", "v2,x"), ("Webhook-Id", "")],
)  # fmt: skip
async def test_another_id_time_or_signature_proves_nothing(header: str, value: str) -> None:
    headers, body = await told([NEW])
    with pytest.raises(NotGenuine):
        opened({**headers, header: value}, body, [NEW], now=NOW)


async def test_a_changed_body_proves_nothing() -> None:
    headers, body = await told([NEW])
    with pytest.raises(NotGenuine):
        opened(headers, body.replace(b"61", b"62"), [NEW], now=NOW)


async def test_the_example_of_standard_webhooks_is_signed_as_it_says() -> None:
    """The secret, id and time of the specification's own example give its own signature."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    with pytest.raises(NotGenuine, match="another one's"):  # proven; but it is no alert
        opened(headers, body, [secret], now=1_614_265_330_000)


def test_the_secret_before_signs_until_its_end() -> None:
    first, second, third = (secrets.fresh() for _ in range(3))
    text = secrets.replaced(first, second, until=NOW)
    assert secrets.signing(text, now=NOW) == [second, first]
    assert secrets.signing(text, now=NOW + 1) == [second]
    assert secrets.signing(secrets.replaced(text, third, until=NOW + 9), now=NOW) == [third, second]


def test_a_secret_of_the_form_before_signs_as_its_own_text() -> None:
    assert secrets.key_of("atas_x") == b"atas_x"
    assert secrets.signing("atas_x", now=NOW) == ["atas_x"]
