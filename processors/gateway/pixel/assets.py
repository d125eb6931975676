"""The files of the pixel in memory, compressed once, each under the names that it is served by."""

import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

Headers = list[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HERE: Final = Path(__file__).parent
_SCRIPT: Final = b"text/javascript; charset=utf-8"
_FOR_AN_HOUR: Final = b"public, max-age=3600, stale-while-revalidate=86400"
_FOR_GOOD: Final = b"public, max-age=31536000, immutable"
_HASH_LENGTH: Final = 12
_PINNED: Final = re.compile(r"/(?P<stem>attributary(?:-tags)?)-[0-9a-f]{12}\.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file under one name."""

    content: bytes
    zipped: bytes
    headers: Headers
    etag: bytes


async def serve(scope: Scope, send: Send, always: Sequence[tuple[bytes, bytes]]) -> bool:
    """Answer a GET or HEAD for one of the files, with `always` among its headers; whether it was
    for one."""
    asset = _ASSETS.get(scope["path"])
    if asset is None:
        return await _redirected(scope["path"], send, always)
    status, content, headers = _reply(asset, dict(scope["headers"]))
    headers = [*headers, *always]
    if status == 200:
        headers = [*headers, (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else content
    await send({"type": "http.response.body", "body": body})
    return True


async def _redirected(path: str, send: Send, always: Sequence[tuple[bytes, bytes]]) -> bool:
    """Lead from the name of a build that is not here to the one that is."""
    named = _PINNED.fullmatch(path)
    if named is None:
        return False
    headers = [
        (b"location", f"/{named['stem']}.js".encode()),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"content-length", b"0"),
        *always,
    ]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
    return True


def _reply(asset: Asset, asked: Mapping[bytes, bytes]) -> tuple[int, bytes, Headers]:
    """Status, content and headers: 304 for who has it already, gzip for who takes it."""
    tags = [tag.strip().removeprefix(b"W/") for tag in asked.get(b"if-none-match", b"").split(b",")]
    if asset.etag in tags or b"*" in tags:
        return 304, b"", asset.headers
    if not _takes_gzip(asked.get(b"accept-encoding", b"")):
        return 200, asset.content, asset.headers
    return 200, asset.zipped, [*asset.headers, (b"content-encoding", b"gzip")]


def _takes_gzip(accepted: bytes) -> bool:
    for offer in accepted.lower().split(b","):
        coding, _, weight = offer.partition(b";")
        if coding.strip() == b"gzip":
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


def _asset(content: bytes, kind: bytes, caching: bytes) -> Asset:
    # A weak tag: the same for both encodings, as the content is.
    etag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
    headers = [
        (b"content-type", kind),
        (b"cache-control", caching),
        (b"etag", b"W/" + etag),
        (b"vary", b"accept-encoding"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"timing-allow-origin", b"*"),
    ]
    return Asset(content, gzip.compress(content, 9, mtime=0), headers, etag)


def _load() -> dict[str, Asset]:
    found = {}
    for file in (_HERE / "built" / "earlier").glob("*.js"):
        found[f"/{file.name}"] = _asset(file.read_bytes(), _SCRIPT, _FOR_GOOD)
    told: dict[str, dict[str, object]] = {}
    for file in sorted((_HERE / "built").glob("*.js")):
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
        path, lasting = f"/{file.name}", f"/{file.stem}-{digest}.js"
        found[path] = _asset(content, _SCRIPT, _FOR_AN_HOUR)
        found[lasting] = _asset(content, _SCRIPT, _FOR_GOOD)
        integrity = b64encode(hashlib.sha384(content).digest()).decode()
        told[file.name] = {
            "path": lasting,
            "integrity": f"sha384-{integrity}",
            "bytes": len(content),
            "bytes_gzip": len(found[path].zipped),
        }
    types = (_HERE / "attributary.d.ts").read_bytes()
    found["/attributary.d.ts"] = _asset(types, b"text/plain; charset=utf-8", _FOR_AN_HOUR)
    found["/attributary.json"] = _asset(orjson.dumps(told), b"application/json", b"no-cache")
    return found


_ASSETS: Final = _load()
