"""Small and large damage to bytes, JSON, queries and headers, from a seeded source."""

import random
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus

import orjson

TOKENS: Final = (
    b"null", b"true", b"NaN", b"Infinity", b"-0", b"1e999", b"1e-999", b"99999999999999999999",
    b"-9223372036854775809", b'"\\ud800"', b'"\\u0000"', b'"\\udc00\\ud800"', b"\xff\xfe",
    b"\xef\xbb\xbf", b"{}", b"[]", b'""', b"[" * 300, b'{"a":' * 300, b'"a":1,"a":2,', b",", b":",
    b"\\", b'"', b"\0", b"\r\n", b"--", b"@", b"%40", b"+14155550100", b"a@example.com", b"1_0",
    b"gid://shopify/Order/", b"2026-02-30T25:61:61Z", b"0001-01-01", b"9999-12-31T23:59:59+14:00",
    "١".encode(), b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"A" * 5_000,
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 1e300, -1e300, 2**63, 2**64 - 1, "", " ", "null", "undefined",
    "0", "a" * 300, "a" * 20_000, [], {}, [[]], {"a": {}}, [None], "NaN", "1e5", "1,000.00", "-1",
    "€5", "2026-09-01", "2026-09-01T00:00:00+99:99", 1_789_999_000, 1_789_999_000_000, "😀",
    "\u202e", "a@example.com", "+14155550100", "v\x01", "v\x00", "USD", "XXX", "granted", "paid",
    ["x"] * 1_001, {str(n): n for n in range(1_100)}, {"k" * 600: 1},
    "https://x/?a=%zz&b=%00&email=a@b.co",
)  # fmt: skip
NAMES: Final = (
    b"key", b"writeKey", b"tid", b"v", b"en", b"pr1", b"pr200", b"pr1id", b"ep.a", b"epn.a",
    b"up.a",
    b"cid", b"_p", b"_s", b"_ss", b"gcs", b"gcd", b"qt", b"t", b"u", b"contents", b"value",
    b"occurred_at", b"consent[ad_storage]", b"identifiers.email", b"properties.a", b"dry_run", b"",
)  # fmt: skip
HEADERS: Final = (
    "content-type", "content-encoding", "content-length", "authorization", "x-api-key", "origin",
    "x-forwarded-for", "user-agent", "x-shopify-topic", "x-shopify-shop-domain", "expect",
    "x-wc-webhook-topic", "x-wc-webhook-source", "x-wc-webhook-signature", "x-attributary-replay",
    "cookie", "cookie", "cookie", "referer", "host", "accept-language", "dnt", "sec-gpc",
    "anonymousid", "x-anonymous", "x-dry-run", "x-hub-signature-256", "tiktok-signature",
    "webhook-timestamp", "webhook-signature", "x-attributary-signature", "x-attributary-account",
    "x-attributary-tenant", "x-shopify-hmac-sha256", "access-control-request-method", "sentat",
)  # fmt: skip
HEADER_VALUES: Final = (
    "", " ", "gzip", "br", "zstd", "deflate", "gzip, br", "identity", "x" * 4_000, "Bearer ",
    "Bearer x", "bearer \udcff", "-1", "0", "5", "99999999999999999999", "1e3", "\udcff\udcfe",
    "text/csv; charset=utf-7", "text/csv; charset=nonsense", "multipart/form-data", "a/b;;;=",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 80, "ats_x",
    "application/json; charset=\udce9", "text/\udce9", "Bearer ats_x", "Basic ", "Basic !!!", "=",
    "Basic /////w==", "Basic Og==", "_attributary_id=%ff%00%ud800; _ga=",
    "_attributary_id=" + "%" * 300,
    '_attributary_id="; a="b', "a=b; " * 700, ";" * 3_000,
    "_attributary_id=\udcff; _fbp=fb.1.x.y.z.z",
    "_attributary_id=a@example.com; _ga=GA1.1", "http://[", "https://\udcff.example",
    "http://a:99999/",
    "https://a.shop.example:x", "[::1]:80", "shop.example:1:2:3", "null", "t=1,s=00", "t=,v1=",
    "t=\udcff",
    "sha256=", "sha256=\udcff", "t=" + "9" * 400 + ",s=0,v1=0", "v1,\udcff v1a,", "2026-02-30",
    "1, 1",
    "xn--zzzzzzz--.example", "a." * 900, "\u0661", "demo", "*",
)  # fmt: skip

_LONGEST: Final = 6_291_456
"""Of what is multiplied: just more than a body may have; the rest would cost the fuzz alone."""
_PLAIN: Final = orjson.OPT_NON_STR_KEYS


def body(rng: random.Random, raw: bytes) -> bytes:
    """The body, damaged; at times not at all."""
    for _ in range(rng.choice((0, 1, 1, 1, 2, 4, 8))):
        raw = rng.choice(_DAMAGES)(rng, raw)
    return raw


def headers(rng: random.Random, said: dict[str, str]) -> dict[str, str]:
    """The headers, at times with one changed."""
    if rng.random() < 0.12:
        return {**said, rng.choice(HEADERS): rng.choice(HEADER_VALUES)}
    return said


def query(rng: random.Random, raw: bytes) -> bytes:
    """The query, damaged by fields and by bytes; at times not at all."""
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        raw = rng.choice((_flip, _end, _insert, _repeat, _field, _field, _field, _field))(rng, raw)
    return raw


def _field(rng: random.Random, raw: bytes) -> bytes:
    """Another value, or another name, of one field, or the field twice."""
    fields = raw.split(b"&")
    at = rng.randrange(len(fields))
    name, _, value = fields[at].partition(b"=")
    said = rng.choice((rng.choice(TOKENS), _said(rng)))
    made = rng.choice((b"%" + said[:2], said, quote_plus(said).encode(), quote_plus(said).encode()))
    match rng.randrange(6):
        case 0:
            fields[at] = made + b"=" + value
        case 1:
            fields.append(name + b"=" + made)
        case 2:
            fields.append(rng.choice(NAMES) + b"=" + made)
        case 3:
            fields[at] = name + rng.choice((b"[a]", b"[", b".b", b"[][]", b"")) + b"=" + made
        case _:
            fields[at] = name + b"=" + made
    return b"&".join(fields)


def _said(rng: random.Random) -> bytes:
    value = rng.choice(VALUES)
    text = value if type(value) is str else orjson.dumps(value, option=_PLAIN).decode()
    return text[:2_000].encode()


def _flip(rng: random.Random, raw: bytes) -> bytes:
    if not raw:
        return b"\x00"
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]


def _cut(rng: random.Random, raw: bytes) -> bytes:
    a, b = sorted((rng.randrange(len(raw) + 1), rng.randrange(len(raw) + 1)))
    return raw[:a] + raw[min(b, a + 40) :]


def _end(rng: random.Random, raw: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _insert(rng: random.Random, raw: bytes) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(TOKENS) + raw[at:]


def _repeat(rng: random.Random, raw: bytes) -> bytes:
    a, b = sorted((rng.randrange(len(raw) + 1), rng.randrange(len(raw) + 1)))
    return raw[:b] + raw[a : min(b, a + 200)] * rng.choice((1, 2, 30)) + raw[b:]


def _value(rng: random.Random, raw: bytes) -> bytes:
    """Another value, or another key, somewhere in the JSON."""
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _insert(rng, raw)
    holders: list[tuple[Any, Any]] = []
    _walk(said, holders)
    if not holders:
        return orjson.dumps(rng.choice(VALUES), option=_PLAIN)
    holder, key = rng.choice(holders)
    if isinstance(holder, dict) and rng.random() < 0.2:
        holder[rng.choice(holders)[1] if rng.random() < 0.5 else "new"] = holder.pop(key)
    else:
        holder[key] = rng.choice(VALUES)
    times = rng.choice((2, 50, 1_001)) if rng.random() < 0.01 else 1
    if times > 1 and times * len(raw) <= _LONGEST:
        said = [said] * times
    try:
        return orjson.dumps(said, option=_PLAIN)
    except TypeError:  # nested too deeply to be written; as bytes it is there already
        return raw


def _walk(value: Any, holders: list[tuple[Any, Any]], depth: int = 0) -> None:
    if depth > 50:
        return
    pairs = (
        value.items() if isinstance(value, dict) else enumerate(value)
        if isinstance(value, list) else ()
    )  # fmt: skip
    for key, inner in pairs:
        holders.append((value, key if not isinstance(value, dict) else str(key)))
        _walk(inner, holders, depth + 1)


_DAMAGES: Final[tuple[Callable[[random.Random, bytes], bytes], ...]] = (
    _flip, _flip, _cut, _end, _insert, _insert, _repeat, _value, _value, _value, _value,
)  # fmt: skip
