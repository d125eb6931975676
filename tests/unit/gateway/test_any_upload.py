"""Any upload, in any pieces: never a server error, and the same records whatever the pieces."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gateway.asking import SERVER, Gateway
from tests.unit.gateway.test_any_body import JSON, changed
from tests.unit.gateway.test_uploads import (
    CSV,
    FORM,
    ITEMS,
    ROWS,
    UPLOAD,
    form,
    orders,
    reports,
    upload,
)

BODIES = st.sampled_from([
    (CSV, ROWS.encode()),
    (CSV, ROWS.replace("a@", "ä@").encode("utf-16")),
    (CSV, json.dumps({"batch_id": "b", "conversions": ITEMS}).encode()),
    (FORM, form(ROWS.encode() + b"\r\n--limi", batch_name="x", platform="meta")),
    ({**FORM, "content-encoding": "gzip"}, gzip.compress(form(ROWS.encode(), platform="meta"))),
])  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(sent=BODIES, sizes=st.lists(st.integers(1, 40), max_size=60))
async def test_any_split_of_the_body_gives_the_same_records(
    sent: tuple[dict[str, str], bytes], sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    headers, body = sent
    folder = tmp_path_factory.getbasetemp()
    whole, split = Gateway(spool_dir=folder), Gateway(spool_dir=folder)
    pieces, start = [], 0
    for size in sizes:
        pieces.append(body[start : start + size])
        start += size
    pieces.append(body[start:])

    async def receive() -> Any:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    known = {"authorization": f"Bearer {SERVER}", **headers}
    answers = [
        await whole.post(UPLOAD, body, headers=headers),
        await split.converse("POST", UPLOAD, known, receive),
    ]

    def shown(gateway: Gateway) -> list[Any]:
        return [record.model_dump() for record in orders(gateway)]

    assert answers[0].content == answers[1].content
    assert answers[0].status == 200
    assert _without_seals(shown(whole)) == _without_seals(shown(split))


def _without_seals(records: list[Any]) -> list[Any]:
    """Each gateway has the same key, but a seal is made of what came before it, too."""
    return [{**r, "user_data": r["user_data"]["hashed"]} for r in records]


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.sampled_from(ITEMS).flatmap(changed) | JSON, max_size=4), lines=st.booleans()
)
async def test_any_json_is_taken_or_refused_and_the_orders_are_on_the_contract(
    rows: list[Any], lines: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    gateway = Gateway(spool_dir=tmp_path_factory.getbasetemp())
    body = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    answer = await upload(gateway, body)

    assert answer.status in (200, 422), answer.content
    assert len(orders(gateway)) == answer.json.get("accepted", 0)
    if "total_records" in answer.json:
        assert answer.json["total_records"] == len(orders(gateway)) + answer.json["failed_records"]
        assert [r.status for r in reports(gateway)] == ["processing", answer.json["status"]]
