"""Settings of vendors that can be told to be wrong before anything is stored."""

import pytest

from processors.commands.operator import Refused
from processors.commands.tenants import FIELDS, WEBHOOK, checked


@pytest.mark.parametrize("url", ["https://gtm.shop.example", "https://a/b"])
def test_a_container_is_an_address(url: str) -> None:
    assert checked({"sgtm_container_url": url}) == {"sgtm_container_url": url}


@pytest.mark.parametrize(
    "url", ["", "gtm.shop.example", "ftp://gtm.shop.example", "https://", "https://a/?id=1",
            "https://user@a", "https://a b", "GTM-XXXX"],
)  # fmt: skip
def test_what_is_no_address_of_a_container_is_refused_by_name(url: str) -> None:
    with pytest.raises(Refused, match="sgtm_container_url"):
        checked({"sgtm_container_url": url})


@pytest.mark.parametrize(
    "url", ["http://gtm.shop.example/", "https://127.0.0.1/", "https://gtm.shop.example:5432"]
)
def test_a_container_of_our_own_network_is_for_trials(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", raising=False)
    with pytest.raises(Refused, match="sgtm_container_url"):
        checked({"sgtm_container_url": url})
    monkeypatch.setenv("ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", "true")
    assert checked({"sgtm_container_url": url}) == {"sgtm_container_url": url}


def test_every_sender_of_webhooks_has_an_account_and_a_secret() -> None:
    for source in {source for source, _ in WEBHOOK.values()}:
        parts = {part for owner, part in WEBHOOK.values() if owner == source}
        assert {"account", "secret"} <= parts <= {"account", "secret", "verify_token"}


def test_the_relay_is_switched_on_by_the_address_of_a_container() -> None:
    platform, field = FIELDS["sgtm_container_url"]
    assert (platform, field.part) == ("sgtm", "account_id")


def test_a_setting_of_a_connection_begins_with_its_platform() -> None:
    for name, (platform, _) in FIELDS.items():
        assert name.startswith(f"{platform}_")
        assert name not in WEBHOOK
