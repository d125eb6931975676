"""A user's own file is read as documented, and refused by line before anything is played."""

from pathlib import Path

import orjson
import pytest

from deploy.demo.lines import BadLine, read_lines


def written(folder: Path, *lines: str) -> Path:
    path = folder / "own.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_a_line_needs_only_a_path_and_a_body(tmp_path: Path) -> None:
    path = written(tmp_path, '{"path": "/v1/touchpoints", "body": {"visitor_id": "v-1"}}', "")
    (request,) = read_lines(path)
    assert (request.tenant, request.path, request.expect) == ("demo", "/v1/touchpoints", None)
    assert orjson.loads(request.body) == {"visitor_id": "v-1"}
    assert request.items == 1


def test_a_line_may_name_a_tenant_headers_and_a_signature(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"path": "/v1/events", "body": [{}, {}], "tenant": "acme", "headers": {"X-A": "1"}}',
        '{"path": "/api/webhooks/shopify/orders/paid", "body": {"id": 1}, "sign": "shopify"}',
    )
    first, second = read_lines(path)
    assert (first.tenant, first.headers, first.items) == ("acme", {"X-A": "1"}, 2)
    assert second.sign == "shopify"
    assert second.orders == (("shopify", "1"),)


def test_orders_of_a_line_are_timed_under_their_source(tmp_path: Path) -> None:
    batch = '{"batch": [{"order_id": 7}, {"order_id": "8", "source": "pos"}, {}]}'
    (request,) = read_lines(written(tmp_path, f'{{"path": "/v1/orders", "body": {batch}}}'))
    assert request.orders == (("api", "7"), ("pos", "8"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "own.jsonl, line 2"),
        ("[]", "no JSON object"),
        ('{"body": {}}', "path is missing"),
        ('{"path": "v1", "body": {}}', "path is missing"),
        ('{"path": "/v1/events"}', "body is missing"),
        ('{"path": "/v1/events", "body": "text"}', "body is missing"),
        ('{"path": "/v1/events", "body": {}, "tenant": 1}', "tenant is no string"),
        ('{"path": "/v1/events", "body": {}, "headers": []}', "headers is no object"),
        ('{"path": "/v1/events", "body": {}, "sign": "stripe"}', "sign can only be shopify"),
    ],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, line: str, why: str) -> None:
    path = written(tmp_path, '{"path": "/v1/events", "body": {}}', line)
    with pytest.raises(BadLine, match=why):
        read_lines(path)
