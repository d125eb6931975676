"""One request to the gateway, and the line format of `make demo INPUT=path.jsonl`.

A line is a JSON object; empty lines are skipped:

    {"path": "/v1/touchpoints", "body": {...}}

    path      where to POST: any of the gateway's paths
    body      what to POST: an object or an array, sent as it is
    tenant    optional, whose key to use; default `demo`. A tenant that is not there is made
    headers   optional, further headers, or others instead of ours
    sign      optional, `shopify`: the body is signed as Shopify would, the topic being what
              follows /api/webhooks/shopify/ in the path

The line above is a complete one. Lines are played in their order, several at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import orjson

DEFAULT_TENANT: Final = "demo"
_FIELDS: Final = {"path": str, "tenant": str, "headers": dict, "sign": str}

_PAID: Final = "/api/webhooks/shopify/orders/paid"

KeyPlace = Literal["header", "query", "none", "wrong"]
Signer = Literal["shopify", "forger"]


class BadLine(Exception):
    """A line of the user's file that is no request; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST. `expect` is the status that it must get (None: whatever comes is counted; where it
    is 200, 202 is as good), `rejected` how many of its items are to be refused, `orders` the
    (source, order id) of orders that it makes known as paid."""

    path: str
    body: bytes
    tenant: str = DEFAULT_TENANT
    headers: Mapping[str, str] = field(default_factory=dict)
    key: KeyPlace = "header"
    sign: Signer | None = None
    expect: int | None = 200
    items: int = 1
    rejected: int = 0
    orders: tuple[tuple[str, str], ...] = ()


def post(path: str, body: object, **rest: Any) -> Request:
    """A request with this JSON body."""
    items = len(body) if isinstance(body, list) else 1
    if isinstance(body, dict) and isinstance(body.get("batch"), list):
        items = len(body["batch"])
    return Request(path=path, body=orjson.dumps(body), **{"items": items, **rest})


def read_lines(path: Path) -> tuple[Request, ...]:
    """The requests of a file.

    Raises:
        BadLine: for the first line that is none, before anything is played.
    """
    with path.open("rb") as file:
        return tuple(_parsed(file, name=path.name))


def _parsed(lines: Iterable[bytes], *, name: str) -> Iterable[Request]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _request(orjson.loads(line))
            except (orjson.JSONDecodeError, BadLine) as error:
                raise BadLine(f"{name}, line {number}: {error}") from None


def _request(said: object) -> Request:
    if not isinstance(said, dict):
        raise BadLine("is no JSON object")
    for name, kind in _FIELDS.items():
        if name in said and not isinstance(said[name], kind):
            raise BadLine(f"{name} is no {'object' if kind is dict else 'string'}")
    if not str(said.get("path", "")).startswith("/"):
        raise BadLine("path is missing, or does not begin with /")
    if not isinstance(said.get("body"), dict | list):
        raise BadLine("body is missing, or neither an object nor an array")
    if said.get("sign", "shopify") != "shopify":
        raise BadLine("sign can only be shopify")
    return post(
        said["path"],
        said["body"],
        tenant=said.get("tenant", DEFAULT_TENANT),
        headers={str(name): str(value) for name, value in said.get("headers", {}).items()},
        sign=said.get("sign"),
        expect=None,
        orders=tuple(_orders(said["path"], said["body"])),
    )


def _orders(path: str, body: dict[str, Any] | list[Any]) -> Iterable[tuple[str, str]]:
    """(source, order id) of the orders that a body plainly names, for the stopwatch."""
    rows = body if isinstance(body, list) else body.get("batch", [body])
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            if path == "/v1/orders" and row.get("order_id"):
                yield str(row.get("source") or "api"), str(row["order_id"])
            elif path == _PAID and row.get("id"):
                yield "shopify", str(row["id"])
