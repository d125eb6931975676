"""Bodies made by hand that have broken parsers elsewhere, put to every door that takes a body.

Bombs of every encoding, JSON that is too deep, too wide, of numbers that are none or have no end,
with keys twice, with surrogates alone, bytes that are no UTF-8, forms and lines by the thousand.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final

import cramjam

from tests.bench.fuzz.corpus import PACKED, Headers, Seed
from tests.bench.fuzz.doors import seeds

_MIB: Final = 1_048_576
_BOMB_MIB: Final = 256
_SHORT: Final = 65_536
_TURNS: Final = 8
_KINDS: Final = (
    "application/json", "text/plain", "text/csv", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=limit", "application/json; charset=utf-16", "",
)  # fmt: skip


def _slow() -> Iterator[bytes]:
    """Texts over which a pattern may go again and again."""
    for piece in (
        "a.", "a-", "a@", "%40", "+1", "%2B1", "?em=a", "&a=", "//", "a:", "\\u0040", " ", "1",
        ";", "~",
        "[]", "(", "\\\\", "http://a@", "Mozilla/5.0 (", "=?", "\u0130", "x" * 64 + "@a.a.a.",
    ):  # fmt: skip
        for front, back in (("", ""), ("x" * 64 + "@", "1"), ("https://", "@"), ("+", "x")):
            long = f"{front}{piece * (900_000 // len(piece))}{back}"
            cut = f"{front}{piece * (15_000 // len(piece))}{back}"
            yield f'{{"visitor_id":"v","event_name":"E","properties":{{"a":"{long}"}}}}'.encode()
            yield (
                f'{{"visitor_id":"v","event_name":"E","url":"{cut}","referrer":"https://a/?{cut}",'
                f'"user_agent":"{cut[:2_000]}","identifiers":{{"email":"{cut[:250]}"}}}}'
            ).encode()


def _bodies() -> list[bytes]:
    numbers = (
        b"NaN", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"9" * 5_000, b"0." + b"1" * 5_000,
        b"-0.0", b"18446744073709551616", b"00", b"0x10", b"1_0", b"+1", b".5",
    )  # fmt: skip
    texts = (
        rb"\ud800", rb"\udfff\ud800", rb"\u0000", rb"\u202e\u2066", b"\xff", b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80", b"\xe2\x82", rb"\x41", b"\x00", b"\x1f", rb"\ud83d\ude00" * 5_000,
        b"a" * _MIB,
    )  # fmt: skip
    names = (
        b"visitor_id",
        b"event_name",
        b"properties",
        b"order_id",
        b"batch",
        b"timestamp",
        b"data",
    )
    found = [b'{"%s":%s}' % (name, number) for name in names for number in numbers]
    found += [b'{"%s":"%s","visitor_id":"v"}' % (name, text) for name in names for text in texts]
    found += [b'{"visitor_id":"v","properties":{"%s":1}}' % text for text in texts]
    for levels in (200, 1_000, 1_023, 1_024, 1_025, 100_000):
        for opened, inner, closed in ((b"[", b"1", b"]"), (b'{"a":', b"1", b"}")):
            deep = opened * levels + inner + closed * levels
            found += [
                deep,
                deep[:-1],
                opened * levels,
                b'{"visitor_id":"v","properties":%s}' % deep,
            ]
            found.append(b'{"batch":[{"visitor_id":"v","consent":%s}]}' % deep)
    twice = b'{"visitor_id":"a","visitor_id":"b","event_name":"E"}'
    found += [
        twice, b"[%s]" % twice, b'{"batch":[],"batch":[%s]}' % twice,
        b'{"visitor_id":"v","properties":{"a":1,"a":2}}',
        b'{"visitor_id":"v","visitor\\u005fid":"w"}',
        b"{" + b",".join(b'"a":%d' % n for n in range(50_000)) + b"}",
        b"{" + b",".join(b'"a%d":{}' % n for n in range(50_000)) + b"}",
        b"[" + b"{}," * 100_000 + b"{}]", b"[" + b"0," * 500_000 + b"0]", b"[]", b'{"batch":[]}',
        b'{"batch":null,"data":null,"events":null}', b"", b" ", b"\x00", b"\xef\xbb\xbf{}", b"null",
        b'{"visitor_id":"v"}'.decode().encode("utf-16"), b'{"a":1}{"a":2}', b"{} junk", b"'a'",
    ]  # fmt: skip
    found += [
        b"a=b&" * 999, b"a=b&" * 100_000, b"&" * 100_000, b"=" * 100_000, b"a=" + b"%00" * 30_000,
        b"%ff%fe=%ed%a0%80&visitor_id=v", b"a[b][c]=1&" * 500, b"[" * 60_000 + b"=1",
        b"en=a\n" * 20_000, b"\n" * 100_000, b"\r\n".join(b"pr%d=id~nm~pr" % n for n in range(900)),
        b"order_id,occurred_at,value,currency\n" + b'"' + b"a" * _MIB, b"order_id\n" * 10,
        b"order_id,order_id,occurred_at,value,currency\n1,2,3,4,5\n", b"," * 100_000,
        b'"' * 100_001,
        b"order_id,occurred_at,value,currency\n" + b"\0,\0,\0,\0\n" * 100, b"\xff\xfe",
        b"\xff\xfea",
        b"--limit\r\n" * 5_000, b"--limit\r\n\r\n" + b"\r\n--limi" * 20_000, b"--limit--",
        b"--limit\r\n" + b"a: b\r\n" * 20_000 + b"\r\n", b"--limit\r\n" + b"x" * 100_000,
        b'--limit\r\nContent-Disposition: form-data; name="\xff"; '
        b"filename*=utf-8''%ff\r\n\r\na\r\n--limit--",
    ]  # fmt: skip
    return [*found, *_slow()]


def _queries() -> list[bytes]:
    said = (
        b"", b"%00", b"%ff%fe", b"%ed%a0%80", b"%", b"%zz", b"1e400", b"NaN", b"9" * 5_000,
        b"%F0%9F%98%80" * 500, b"a" * 15_000, b"%0d%0aset-cookie:a=b", b"javascript:alert(1)",
        b"http://[", b"https://a@b.example:99999/%2e%2e/", b"[" * 1_020 + b"]" * 1_020,
        b"[" * 5_000,
        b"[" * 1_020 + b"]" * 1_020 + b"&more=%00", b'{"a":' * 200 + b"1" + b"}" * 200,
        b"~" * 9_000,
        b"id~nm~~pr~" * 900, b"-1", b"+", b"\xd9\xa1", b"2026-02-30T25:61:61Z", b"G1" + b"9" * 900,
    )  # fmt: skip
    names = (
        b"contents", b"u", b"pr1", b"pr1id", b"epn.value", b"ep.a", b"tid", b"cid", b"qt", b"gcs",
        b"gcd",
        b"occurred_at", b"value", b"order_id", b"properties.a", b"identifiers[email]",
        b"consent[a]",
        b"session_start", b"hub.challenge", b"hub.verify_token", b"writeKey", b"en", b"_s", b"t",
    )  # fmt: skip
    found = [b"%s=%s" % (name, value) for name in names for value in said]
    found += [b"a=b&" * 999, b"a=b&" * 4_000, b"&" * 15_000, b"=" * 15_000, b";" * 15_000]
    return [*found, b"&".join(b"pr%d=idS~nm%d" % (n, n) for n in range(300))]


def _zipped() -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w") as made,
    ):
        for _ in range(_BOMB_MIB):
            made.write(bytes(_MIB))
    return file.getvalue()


def _deflated(window: int) -> bytes:
    """Zeros, never all of them in memory: what the fuzz takes would hide what the gateway does."""
    packer = zlib.compressobj(1, wbits=window)
    return b"".join(packer.compress(bytes(_MIB)) for _ in range(_BOMB_MIB)) + packer.flush()


def _streamed(packer: Any) -> bytes:
    for _ in range(_BOMB_MIB):
        packer.compress(bytes(_MIB))
    return bytes(packer.finish())


@cache
def _bombs() -> list[tuple[str, bytes]]:
    """Encoding and body: small here, a quarter of a gigabyte there."""
    spaces = b" " * (8 * _MIB)
    gzipped = _deflated(31)
    packed = [
        ("gzip", gzipped),
        ("deflate", _deflated(15)),
        ("br", _streamed(cramjam.brotli.Compressor(1))),
        ("zstd", _streamed(cramjam.zstd.Compressor(1))),
        ("gzip", gzip.compress(gzipped)),
        ("gzip", gzip.compress(b"") * 50_000),
        ("gzip", gzip.compress(b"{}") * 64),
        ("zstd", bytes(cramjam.zstd.compress(b"")) * 100_000),
        ("zstd", b"\x50\x2a\x4d\x18\xff\xff\xff\xff" + bytes(64)),
        ("zstd", b"\x28\xb5\x2f\xfd\xe0" + b"\xff" * 8 + bytes(64)),
        ("", _zipped()),
        ("gzip", _zipped()),
    ]
    packed += [(name, pack(spaces + b'{"visitor_id":"v"}')) for name, pack in PACKED.items()]
    for name, pack in PACKED.items():
        whole = pack(b'{"visitor_id":"v"}')
        packed += [(name, whole[:-1]), (name, whole + b"junk"), (name, whole[1:]), (name, b"")]
        packed += [(other, whole) for other in PACKED if other != name]
    return packed


def requests() -> Iterator[Seed]:
    """Every body and bomb at every door that takes one, every query at the others; a signed body
    under its signature. Long bodies and other content types take turns at the doors; bodies come
    first, since they cost most."""
    bodies, bombs = _bodies(), _bombs()
    doors: dict[tuple[str, str], Seed] = {}
    for seed in seeds():
        if seed.method == "POST":
            doors.setdefault((seed.path, seed.headers.get("content-type", "")), seed)
    for number, door in enumerate(doors.values()):
        plain: Headers = {k: v for k, v in door.headers.items() if k != "content-encoding"}
        for place, raw in enumerate(bodies):
            turn = (number + place) % _TURNS
            if len(raw) <= _SHORT or turn == 0:
                yield replace(door, body=raw, headers=plain)
            if turn == 1:
                kind = _KINDS[(number + place) // _TURNS % len(_KINDS)]
                yield replace(door, body=raw, headers={**plain, "content-type": kind})
        for place, (coding, raw) in enumerate(bombs):
            if len(raw) <= _SHORT or (number + place) % _TURNS == 0:
                yield replace(door, body=raw, headers={**plain, "content-encoding": coding})
    for door in {seed.path: seed for seed in seeds() if seed.method == "GET"}.values():
        for query in _queries():
            more = door.query.partition(b"&")[0]  # the key, or what stands in its place
            yield replace(door, query=query + b"&" + door.query)
            yield replace(door, query=more + b"&visitor_id=v&event_name=Lead&" + query)
