"""How a door differs from a POST of JSON under a key: a `Form`, and what it sees and answers.

A door for what browsers and other vendors' SDKs send says which methods and content types it
takes, how items are found in query and body, whose request it is, and what is answered. All else
holds as everywhere: an answer waits until every item is in Kafka or in the spool.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from processors.gateway import body
from processors.gateway.access import authorised
from processors.gateway.call import Call
from processors.gateway.directory import Directory
from processors.gateway.door import Door, Outcome
from processors.gateway.keys import Key
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

JSON: Final = (b"content-type", b"application/json")
ANY_TEXT: Final = ("application/json", "text/plain", "application/x-www-form-urlencoded")
_MOST_FIELDS: Final = 1_000
_LONGEST_QUERY: Final = 65_536


@dataclass(frozen=True)
class Request:
    """One request, read to its end; a GET has no body. `rest` is what follows a prefix's path."""

    method: str
    scheme: str
    path: str
    rest: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    directory: Directory
    found: list[Any] = field(default_factory=list)
    """What `who` or `read` found in the body, for those that are asked after them."""

    @classmethod
    def of(cls, call: Call, directory: Directory) -> "Request":
        """What has been read of a call."""
        scope = call.scope
        return cls(
            scope["method"], scope.get("scheme", "http"), scope["path"], call.rest,
            scope["query_string"], call.headers, call.body, directory,
        )  # fmt: skip

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query, decoded; of a name that comes twice the first counts."""
        return parameters(self.query)

    @cached_property
    def json(self) -> Any:
        """The body.

        Raises:
            Problem: 400 when it is not JSON.
        """
        return body.parsed(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; its length is added to the headers."""

    status: int
    content: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


Read = Callable[[Request, Door, GatewaySettings], list[Any]]
Who = Callable[[Request], Awaitable[Key | None]]
Respond = Callable[[Outcome, Door, Request, int], Reply | None]


async def by_key(request: Request) -> Key | None:
    """The holder of a key in a header or in `?key=`."""
    return await authorised(dict(request.headers), request.query, request.directory)


def own_consent(item: Mapping[str, Any]) -> Any:
    """What an item of the neutral form says of consent."""
    return item.get("consent")


@dataclass(frozen=True, slots=True)
class Form:
    """What is special about a door.

    `read` finds the items; it may raise `Problem`, and tell the door more. `who` finds the key:
    the usual one before the body is read, any other after, since some keys stand in there.
    `respond` answers what was taken, with status 200, or 202 when some of it waits in the spool;
    None means the plain JSON. It is not asked when every item was refused: that is 422 and JSON,
    whoever asks, nor when an operator puts back what was refused, of which a door that is not
    `keeping` keeps nothing. Items of a `flat` door are fields of a query. `consent` is
    what an item says of it. `kinds`, `parameters`,
    `answers` and `rest`, the template of what follows a prefix, are told in OpenAPI.
    """

    read: Read
    methods: tuple[str, ...] = ("POST",)
    who: Who = by_key
    respond: Respond | None = None
    kinds: tuple[str, ...] = ("application/json",)
    parameters: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""
    keeping: bool = True
    flat: bool = False
    consent: Callable[[Mapping[str, Any]], Any] = own_consent


def parameters(encoded: bytes) -> dict[str, str]:
    """The fields of a query or a form, decoded; of a name that comes twice the first counts.

    Raises:
        Problem: 400 for one that nobody sends.
    """
    if len(encoded) > _LONGEST_QUERY:
        raise Problem(400, "bad_query", f"the query is longer than {_LONGEST_QUERY} bytes")
    try:
        pairs = parse_qsl(
            encoded.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Problem(400, "bad_query", f"there are more than {_MOST_FIELDS} fields") from None
    return dict(reversed(pairs))


def plain(status: int, answer: Any) -> Reply:
    """JSON."""
    return Reply(status, orjson.dumps(answer), (JSON,))
