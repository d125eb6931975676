"""Which ids of a record join people."""

from typing import Any

from processors.domain.hashing import email_hash
from schemas.joining import STRENGTH, joining_nodes
from schemas.topics import anchor_of
from schemas.touchpoint import Touchpoint

EMAIL, PHONE = email_hash("e@example.com"), email_hash("p@example.com")


def touch(visitor: str | None, **ids: Any) -> Touchpoint:
    return Touchpoint.model_validate(
        {
            "tenant_id": "t", "event_id": "e1", "content_hash": "h", "occurred_at": 1,
            "received_at": 1, "visitor_id": visitor, "identifiers": ids,
        }
    )  # fmt: skip


def test_the_ids_that_join_are_those_six_and_no_other() -> None:
    record = touch(
        "v", customer_id="c", email_sha256=EMAIL, phone_sha256=PHONE, external_id="x",
        device_id="d", ga4_client_id="g", ga4_session_id="s", fbp="fbp", fbc="fbc",
        ttp="ttp", scid="scid", epik="epik",
    )  # fmt: skip
    assert joining_nodes(record) == [
        "visitor:v", "customer:c", f"email:{EMAIL}", f"phone:{PHONE}", "external:x", "device:d",
    ]  # fmt: skip
    assert joining_nodes(touch(None, fbp="fbp")) == []
    assert {name.partition(":")[0] for name in joining_nodes(record)} == set(STRENGTH)


def test_an_event_hangs_on_its_visitor_else_on_its_strongest_id_else_on_itself() -> None:
    assert anchor_of(touch("v", customer_id="c")) == "visitor:v"
    assert anchor_of(touch(None, device_id="d", email_sha256=EMAIL)) == f"email:{EMAIL}"
    assert anchor_of(touch(None, fbp="fbp")) == "event:e1"
