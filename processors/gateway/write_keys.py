"""Where the SDKs of Segment and RudderStack put the key: as the user of basic authentication, in
the body (`writeKey`, of the request or of its first message), in `?writeKey=`; or where ours do."""

from base64 import b64decode
from binascii import Error
from typing import Any, Final

from processors.gateway.exchange import Request, by_key
from processors.gateway.keys import Key

_BASIC: Final = b"basic "
_MAX_KEY: Final = 512


async def by_write_key(request: Request) -> Key | None:
    """The holder of the request's write key.

    Raises:
        Problem: 400 when it would have to be in a body that is not JSON.
    """
    given = basic_user(request.headers.get(b"authorization", b""))
    if not given:
        given = request.parameters.get("writeKey", "")
    if not given:
        key = await by_key(request)
        if key is not None or request.method != "POST":
            return key
        given = in_body(request.json)
    return await request.directory.find_key(given) if 0 < len(given) <= _MAX_KEY else None


def basic_user(header: bytes) -> str:
    """The user of basic authentication; empty when there is none."""
    if header[: len(_BASIC)].lower() != _BASIC:
        return ""
    try:
        return b64decode(header[len(_BASIC) :], validate=True).partition(b":")[0].decode("latin-1")
    except Error:
        return ""


def in_body(said: Any) -> str:
    """The write key of a message or of a batch; empty when there is none."""
    batch = said.get("batch") if type(said) is dict else said
    first = batch[0] if type(batch) is list and batch else None
    for holder in (said, first):
        key = holder.get("writeKey") if type(holder) is dict else None
        if type(key) is str and key:
            return key
    return ""
