"""Webhooks of Meta, WhatsApp and TikTok: what each thing told becomes."""

from typing import Any

import orjson
import pytest

from processors.domain.hashing import phone_hash
from processors.gateway.directory import Source
from processors.gateway.hooks.table import EVENTS, Told, register_handler
from processors.gateway.hooks.whatsapp import SOURCE
from tests.unit.gateway.asking import ACCOUNTS, SECRET, Gateway
from tests.unit.gateway.vendors import (
    AT,
    PHONE,
    REFERRAL,
    SIGNERS,
    WAMID,
    chat,
    message,
    page,
    post,
    status,
    tiktok,
)


async def test_a_message_that_an_ad_led_to_is_an_event_and_a_click_on_the_ad() -> None:
    gateway = Gateway()

    answer = await post(gateway, "/webhooks/whatsapp", chat(messages=[message(referral=REFERRAL)]))
    (event,) = gateway.outlet.records("pixel_events.v1")
    (touch,) = gateway.outlet.records("touchpoints.v1")

    assert answer.json["accepted"] == 2
    assert (event.event_name, event.occurred_at) == ("WhatsAppMessage", AT * 1000)
    assert event.identifiers.phone_sha256 == phone_hash(PHONE)
    assert event.properties == {"kind": "text", "number_id": "106", "from_ad": True}
    assert (touch.type, touch.channel, touch.platform) == ("click", "messaging", "whatsapp")
    assert (touch.marketing.ctwa_clid, touch.ad_id) == ("ARAkLkA+rmso", "120200001")
    assert touch.identifiers.phone_sha256 == phone_hash(PHONE)
    assert touch.identifiers.external_id == "whatsapp:US.13491208655302"
    assert touch.occurred_at == AT * 1000


async def test_neither_the_phone_nor_the_text_nor_an_id_that_holds_the_phone_is_kept() -> None:
    gateway = Gateway()

    await post(
        gateway,
        "/webhooks/whatsapp",
        chat(messages=[message(referral=REFERRAL)], statuses=[status()]),
    )

    assert len(gateway.outlet.rows) == 3
    for row in gateway.outlet.rows:
        kept = (row.raw.value or b"") + (row.raw.key or b"") + row.event_id.encode()
        for secret in (PHONE, WAMID, "red hat", "Sarah"):
            assert secret.encode() not in kept


async def test_a_message_of_which_no_ad_is_known_is_no_touch() -> None:
    gateway = Gateway()

    await post(gateway, "/webhooks/whatsapp", chat(messages=[message()]))

    assert gateway.outlet.records("touchpoints.v1") == []


async def test_a_post_that_led_to_a_message_is_a_click_without_an_ad() -> None:
    gateway = Gateway()
    referral = {**REFERRAL, "source_type": "post", "ctwa_clid": None}

    await post(gateway, "/webhooks/whatsapp", chat(messages=[message(referral=referral)]))
    (touch,) = gateway.outlet.records("touchpoints.v1")

    assert (touch.ad_id, touch.marketing.ctwa_clid) == (None, None)
    assert touch.channel == "messaging"


async def test_whoever_hides_their_number_is_known_by_the_id_that_they_have_instead() -> None:
    gateway = Gateway()
    hidden = chat(messages=[message(**{"from": None, "from_user_id": "US.1"})], contacts=[])

    await post(gateway, "/webhooks/whatsapp", hidden)
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert event.identifiers.phone_sha256 is None
    assert event.identifiers.external_id == "whatsapp:US.1"


async def test_the_contact_of_somebody_else_is_not_the_senders() -> None:
    gateway = Gateway()
    other = {"wa_id": "4915150000099", "user_id": "US.9", "profile": {"name": "x"}}

    await post(gateway, "/webhooks/whatsapp", chat(messages=[message()], contacts=[other]))
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert event.identifiers.phone_sha256 == phone_hash(PHONE)
    assert event.identifiers.external_id is None


async def test_a_status_is_kept_as_an_event_of_the_message_that_it_is_about() -> None:
    gateway = Gateway()
    failed = status(status="failed", errors=[{"code": 131026, "title": "x"}])

    await post(
        gateway, "/webhooks/whatsapp", chat(statuses=[status(), status(status="read"), failed])
    )
    events = gateway.outlet.records("pixel_events.v1")

    assert [event.properties["status"] for event in events] == ["delivered", "read", "failed"]
    assert len({event.event_id for event in events}) == 3
    assert len({event.properties["message"] for event in events}) == 1
    assert {event.identifiers.phone_sha256 for event in events} == {phone_hash(PHONE)}
    assert events[0].properties["reference"] == "ord-1001"
    assert events[2].properties["errors"] == ["131026"]


async def test_a_lead_is_an_event_and_a_click_on_its_ad() -> None:
    gateway = Gateway()

    await post(gateway, "/webhooks/meta", page())
    (event,) = gateway.outlet.records("pixel_events.v1")
    (touch,) = gateway.outlet.records("touchpoints.v1")

    assert (event.event_name, event.occurred_at) == ("Lead", AT * 1000)
    assert event.identifiers.external_id == touch.identifiers.external_id == "77001"
    assert event.properties["form_id"] == "88"
    assert (touch.channel, touch.platform, touch.ad_id) == ("paid_social", "meta", "99")


async def test_a_lead_of_tiktok_is_the_same_of_tiktok() -> None:
    gateway = Gateway()

    await post(gateway, "/webhooks/tiktok", tiktok())
    (event,) = gateway.outlet.records("pixel_events.v1")
    (touch,) = gateway.outlet.records("touchpoints.v1")

    assert (event.event_name, event.occurred_at) == ("Lead", AT * 1000)
    assert (touch.platform, touch.campaign_id, touch.marketing.ttclid) == (
        "tiktok", "43", "E.C.P.a+b",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "source", "topic"),
    [
        ("/webhooks/meta", page("feed", item="post", message="a@example.com"), "meta", "feed"),
        ("/webhooks/meta", page("leadgen", leadgen_id=None), "meta", "leadgen"),
        ("/webhooks/whatsapp", chat("message_template_status_update", event="APPROVED"),
         "whatsapp", "message_template_status_update"),
        ("/webhooks/whatsapp", chat(messages=[message(id=None)]), "whatsapp", "message"),
        ("/webhooks/whatsapp", chat(messages=[]), "whatsapp", "messages"),
        ("/webhooks/tiktok", tiktok("video.upload.failed"), "tiktok", "video.upload.failed"),
        ("/webhooks/tiktok", tiktok(content="no json"), "tiktok", "lead"),
        ("/webhooks/tiktok", tiktok(event=""), "tiktok", "none"),
    ],
)  # fmt: skip
async def test_what_we_have_no_use_for_is_kept_sealed_and_filtered(
    path: str, body: Any, source: str, topic: str
) -> None:
    gateway = Gateway()

    answer = await post(gateway, path, body)
    record = gateway.outlet.records("orders.v1")[0]

    assert answer.status == 200
    assert answer.json["filtered"] == "unknown_topic"
    assert (record.source, record.unknown_topic) == (source, topic)
    assert "a@example.com" not in record.model_dump_json()
    assert PHONE not in record.model_dump_json()


async def test_one_body_may_tell_of_two_tenants_whose_app_signs_for_both() -> None:
    gateway = Gateway()
    sources = gateway.directory.snapshot.sources
    sources["whatsapp", "3003"] = Source("other", SECRET, None, None)
    sources["whatsapp", "4004"] = Source("third", b"a secret of its own", None, None)
    mine, theirs, forged, nobodys = (
        chat(account=account, messages=[message(id=f"wamid.{account}")])["entry"][0]
        for account in (ACCOUNTS["whatsapp"], "3003", "4004", "5005")
    )
    body = {"object": "whatsapp_business_account", "entry": [mine, theirs, forged, nobodys]}

    answer = await post(gateway, "/webhooks/whatsapp", body)
    events = gateway.outlet.records("pixel_events.v1")

    assert answer.status == 200
    assert [event.tenant_id for event in events] == ["demo", "other"]
    assert [(row["index"], row["field"]) for row in answer.json["rejected"]] == [
        (2, "account"), (3, "account"),
    ]  # fmt: skip


async def test_either_address_of_meta_takes_what_the_other_takes() -> None:
    gateway = Gateway()

    first = await post(gateway, "/webhooks/meta", chat(messages=[message()]))
    second = await post(gateway, "/webhooks/whatsapp", page())

    assert (first.status, second.status) == (200, 200)


@pytest.mark.parametrize("path", list(SIGNERS))
async def test_fields_of_any_shape_are_no_error_of_ours(path: str) -> None:
    gateway = Gateway()
    odd_values: list[Any] = [None, [], {}, "x", -1, 1e300, [[]], [None], [{}], True, "a\0b"]
    for odd in odd_values:
        bodies: list[Any] = {
            "/webhooks/meta": [
                {"object": odd, "entry": page()["entry"]}, {"object": "page", "entry": odd},
                {"object": "page", "entry": [{"id": "1001", "changes": odd, "messaging": odd}]},
                {"object": "page", "entry": [{"id": odd, "changes": [{"field": odd}]}]},
                *[page(**{name: odd}) for name in ("leadgen_id", "created_time", "ad_id")],
            ],
            "/webhooks/whatsapp": [
                *[chat(messages=[message(**{name: odd, "referral": REFERRAL})])
                  for name in ("from", "id", "timestamp", "type", "from_user_id")],
                *[chat(messages=[message(referral={**REFERRAL, name: odd})]) for name in REFERRAL],
                *[chat(statuses=[status(**{name: odd})]) for name in (*status(), "errors")],
                chat(messages=odd), chat(statuses=odd), chat(messages=[message()], contacts=odd),
                chat("user_preferences", value=odd), chat("user_preferences", user_preferences=odd),
            ],
            "/webhooks/tiktok": [
                *[tiktok(**{name: odd}) for name in ("event", "create_time", "content")],
                tiktok(content=orjson.dumps({"lead_id": odd, "ad_id": odd}).decode()),
            ],
        }[path]  # fmt: skip
        for body in bodies:
            answer = await post(gateway, path, body)

            assert answer.status in (200, 401, 422), body
            if answer.status != 401:
                assert all(row["field"] for row in answer.json["rejected"])


async def test_a_marketing_preference_is_kept_as_an_event() -> None:
    gateway = Gateway()
    said = {"wa_id": PHONE, "category": "marketing_messages", "value": "stop", "timestamp": AT}

    await post(gateway, "/webhooks/whatsapp", chat("user_preferences", user_preferences=[said]))
    (event,) = gateway.outlet.records("pixel_events.v1")

    assert event.event_name == "WhatsAppPreference"
    assert event.properties == {"value": "stop", "category": "marketing_messages"}


async def test_more_than_a_batch_may_hold_is_too_many() -> None:
    gateway = Gateway(max_batch_items=3)
    body = chat(messages=[message(id=f"wamid.{n}") for n in range(4)])

    answer = await post(gateway, "/webhooks/whatsapp", body)

    assert answer.status == 413


async def test_another_event_type_is_one_function() -> None:
    gateway = Gateway()

    @register_handler(SOURCE, "account_update")
    def account_update(told: Told, _: Any) -> None:
        assert told.said["event"] == "VERIFIED_ACCOUNT"

    try:
        answer = await post(
            gateway, "/webhooks/whatsapp", chat("account_update", event="VERIFIED_ACCOUNT")
        )
        with pytest.raises(ValueError, match="two handlers"):
            register_handler(SOURCE, "account_update")(account_update)
    finally:
        del EVENTS[SOURCE, "account_update"]
    assert answer.status == 200


async def test_the_routes_are_described() -> None:
    paths = (await Gateway().get("/openapi.json")).json["paths"]

    assert {"get", "post"} <= paths["/webhooks/meta"].keys()
    assert {"get", "post"} <= paths["/webhooks/whatsapp"].keys()
    assert paths["/webhooks/tiktok"]["post"]["security"] == []
    described = paths["/webhooks/tiktok"]["post"]["parameters"]
    assert "TikTok-Signature" in {one["name"] for one in described}
