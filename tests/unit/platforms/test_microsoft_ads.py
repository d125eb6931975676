"""What an account of Microsoft Advertising may be told to be, and what it can send."""

import pytest

from processors.platforms import event_map
from processors.platforms.base import Account
from processors.platforms.microsoft_ads.client import NO_CLICK, MicrosoftAds
from processors.platforms.microsoft_ads.settings import (
    MicrosoftAdsSettings,
    goals,
    identifier,
    switch,
)
from schemas.delivery import Delivery

CREDENTIALS = {"goals": goals("Purchase=Sale"), "enhanced_conversions": "off"}


def delivery(event_name: str) -> Delivery:
    return Delivery.model_validate(
        {
            "tenant_id": "acme",
            "platform": "microsoft_ads",
            "event_id": "e",
            "event_name": event_name,
            "occurred_at": 1_788_600_000_000,
            "user_data": {"hashed": {"em": "a" * 64}},
        }
    )


def test_accounts_goals_and_switches_are_checked_when_they_are_told() -> None:
    assert (identifier(" 180012345 "), switch("off")) == ("180012345", "off")
    with pytest.raises(ValueError, match="digits"):
        identifier("F118000X")
    with pytest.raises(ValueError, match="on or off"):
        switch("yes")
    with pytest.raises(ValueError, match="100 characters"):
        goals(f"Purchase={'x' * 101}")


async def test_without_anything_to_send_no_token_is_bought() -> None:
    settings = MicrosoftAdsSettings(base_url="http://127.0.0.1:1", token_url="http://127.0.0.1:1")
    connector = MicrosoftAds(settings, clock=lambda: 1_788_600_060_000)
    asked = [delivery("Purchase"), delivery("PageView")]
    answer = await connector.send(Account("acme", "18", CREDENTIALS), asked)
    await connector.close()
    assert (answer.results, answer.http_status) == ((NO_CLICK, event_map.UNASKED), None)


def test_what_is_told_and_what_is_taken_back_are_different_requests() -> None:
    connector = MicrosoftAds(MicrosoftAdsSettings(), clock=lambda: 0)
    event = delivery("Purchase")
    back = event.model_copy(update={"kind": "cancel"})
    again = event.model_copy(update={"kind": "adjust"})
    assert connector.group(event) != connector.group(back) == connector.group(again)
