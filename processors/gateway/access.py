"""Who is asking: the key of a request wherever it may stand, the peer, the content type."""

from collections.abc import MutableMapping
from typing import Any, Final

from processors.gateway.directory import Directory
from processors.gateway.keys import Key
from processors.gateway.query import first
from processors.gateway.refusal import Problem

_BEARER: Final = b"bearer "
_MAX_KEY: Final = 512
_CONTENT_TYPES: Final = frozenset({b"", b"application/json", b"text/plain", b"text/json"})


async def authorised(
    headers: MutableMapping[bytes, bytes], query: bytes, directory: Directory
) -> Key | None:
    """The holder of the request's key: bearer token, X-API-Key, or `?key=`."""
    given = _given(headers, query)
    if not given or len(given) > _MAX_KEY:
        return None
    key = await directory.find_key(given)
    if key is not None and b"authorization" in headers:
        bearer = headers[b"authorization"]
        if bearer[:7].lower() == _BEARER:
            directory.snapshot.by_header[bearer] = key
    return key


def _given(headers: MutableMapping[bytes, bytes], query: bytes) -> str:
    bearer = headers.get(b"authorization")
    if bearer is not None and bearer[:7].lower() == _BEARER:
        return bearer[7:].strip().decode("latin-1")
    key = headers.get(b"x-api-key")
    if key is not None:
        return key.strip().decode("latin-1")
    return in_query(query)


def in_query(query: bytes) -> str:
    """The key of `?key=`; empty for none."""
    return first(query, b"key")[: _MAX_KEY + 1]


def require_json(headers: MutableMapping[bytes, bytes]) -> None:
    """415 unless it may be JSON; a beacon has no choice but to call it text."""
    said = headers.get(b"content-type")
    if said is None or said == b"application/json":
        return
    kind = said.partition(b";")[0].strip().lower()
    if kind in _CONTENT_TYPES or (kind.startswith(b"application/") and kind.endswith(b"+json")):
        return
    raise Problem(415, "unsupported_type", "Content-Type must be application/json", close=True)


def peer_of(scope: MutableMapping[str, Any]) -> str | None:
    """The client's address; behind a trusted proxy, the one that the proxy names."""
    client = scope.get("client")
    return client[0] if client else None
