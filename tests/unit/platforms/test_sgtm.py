"""The relay to a tenant's own container: where it goes, under which headers, with whose ids."""

import orjson
import pytest

from processors.domain import ids
from processors.platforms.base import Account
from processors.platforms.sgtm import convert
from processors.platforms.sgtm.settings import SgtmSettings
from schemas.delivery import Delivery

NOW = 1_788_600_060_000
OWN = {"container_id": "GTM-OWN", "measurement_id": "G-1", "preview_header": "preview-token"}


def delivery(**fields: object) -> Delivery:
    return Delivery.model_validate(
        {
            "tenant_id": "acme", "platform": "sgtm", "event_id": "e" * 32, "event_name": "Purchase",
            "occurred_at": NOW, "source": "shopify", "order_id": "1001", "value": 100,
            "currency": "USD", "visitor_id": "v-1", **fields,
        }
    )  # fmt: skip


def test_a_tenants_own_container_its_id_and_its_preview_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ATTRIBUTARY_SGTM_BASE_URL", "SGTM_CONTAINER_URL"):
        monkeypatch.delenv(name, raising=False)
    account = Account("acme", "https://gtm.shop.example/", OWN)

    made = convert.request([delivery()], account, settings=SgtmSettings.load(), now_ms=NOW)

    assert made.url == "https://gtm.shop.example/mp/collect"
    assert made.headers == {"x-gtm-server-preview": "preview-token"}
    assert made.params == {"id": "GTM-OWN", "measurement_id": "G-1"}


def test_a_deployment_may_have_one_container_by_the_names_that_containers_go_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ATTRIBUTARY_SGTM_BASE_URL", raising=False)
    monkeypatch.setenv("SGTM_CONTAINER_URL", "https://gtm.all.example")
    monkeypatch.setenv("SGTM_CONTAINER_ID", "GTM-ALL")
    monkeypatch.setenv("SGTM_PREVIEW_HEADER", "all-token")
    account = Account("acme", "https://gtm.shop.example", {})

    made = convert.request([delivery()], account, settings=SgtmSettings.load(), now_ms=NOW)

    assert made.url == "https://gtm.all.example/mp/collect"
    assert made.params == {"id": "GTM-ALL"}
    assert made.headers == {"x-gtm-server-preview": "all-token"}


def test_an_event_names_the_ids_under_which_other_platforms_know_it() -> None:
    params = convert.event(delivery(), now_ms=NOW)["params"]
    assert isinstance(params, dict)
    for tag in convert.TAGS:
        assert params[f"event_id_{tag}"] == ids.purchase_event_id(
            tenant="acme", source="shopify", order_id="1001", platform=tag
        )
    cart = delivery(event_name="InitiateCheckout", order_id=None, checkout_id="c-1")
    params = convert.event(cart, now_ms=NOW)["params"]
    assert isinstance(params, dict)
    assert params["event_id_meta"] == ids.event_delivery_id(
        tenant="acme", platform="meta", event_name="InitiateCheckout", event_id="x",
        order_id=None, checkout_id="c-1",
    )  # fmt: skip
    view = delivery(event_name="ViewContent", order_id=None)
    assert "event_id_meta" not in orjson.dumps(convert.event(view, now_ms=NOW)).decode()


def test_nothing_of_a_person_leaves_when_ad_user_data_is_denied() -> None:
    digest = "a" * 64
    body = orjson.dumps(
        [
            convert.envelope(one) | convert.event(one, now_ms=NOW)
            for one in [
                delivery(
                    consent={"ad_user_data": "denied"},
                    identifiers={"email_sha256": digest, "phone_sha256": digest},
                    user_data={"hashed": {"em": digest, "em_google": digest, "fn_google": digest}},
                )
            ]
        ]
    )
    assert digest.encode() not in body
