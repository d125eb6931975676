"""From a webhook's bytes to what it tells and whose it is.

These vendors name the account in the body alone, so the body is read before its signature can be
proven; nothing of it is used until then. One app may serve several tenants: each thing told
belongs to the tenant of its own account, whose secret must have signed the whole body.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from processors.domain.accounts import webhook_account
from processors.gateway.canonical import without_nul
from processors.gateway.directory import Directory
from processors.gateway.door import Door
from processors.gateway.exchange import Reply, Request
from processors.gateway.hooks.table import Told
from processors.gateway.keys import Key
from processors.gateway.refusal import Problem, Refused
from processors.gateway.settings import GatewaySettings
from processors.gateway.signatures import Claim, is_signed

Split = Callable[[dict[str, Any]], list[Told]]
Prove = Callable[[Request, int], Claim | None]

MOST_ACCOUNTS: Final = 50
_LONGEST_CHALLENGE: Final = 256
_TEXT: Final = ((b"content-type", b"text/plain"),)


async def sender(request: Request, *, split: Split, prove: Prove) -> Key:
    """Whose webhook it is; what it tells is found in the request from then on.

    Raises:
        Problem: 401 for a body that no known account's secret has signed, or not lately; 400 for
            one that is not JSON.
    """
    directory = request.directory
    claim = prove(request, directory.now())
    if claim is None:
        raise _stranger(directory, "the signature is missing, or too old")
    told = split(_object(request.body))
    tenants = await _tenants(told, claim, request.body, directory)
    owned = [
        replace(one, tenant=tenants.get((one.source, webhook_account(one.account)))) for one in told
    ]
    first = next((one.tenant for one in owned if one.tenant), None)
    if first is None:
        raise _stranger(directory, "the account is not known, or the signature is wrong")
    request.found.extend({"told": one} for one in owned)
    return Key(first, True)


def items(request: Request, _: Door, settings: GatewaySettings) -> list[Any]:
    """What was told, as the items of the request.

    Raises:
        Problem: 413 for more than a batch may hold.
    """
    if len(request.found) > settings.max_batch_items:
        raise Problem(413, "too_many", f"it tells of more than {settings.max_batch_items} things")
    return request.found


async def handshake(request: Request) -> Key:
    """The tenant whose verify token the vendor repeats, before it sends anything.

    Raises:
        Problem: 403 for another token, 400 for a challenge that is none, 503 before the start is
            done.
    """
    asked = request.parameters
    digest = hashlib.sha256(asked.get("hub.verify_token", "").encode()).hexdigest()
    directory = request.directory
    if digest not in directory.snapshot.verify_tokens:
        await directory.ask_again()
    tenant = directory.snapshot.verify_tokens.get(digest)
    if tenant is None and not directory.loaded:
        raise _stranger(directory, "")
    if tenant is None or asked.get("hub.mode") != "subscribe":
        raise Problem(403, "forbidden", "hub.verify_token is not one that a tenant has set")
    challenge = asked.get("hub.challenge", "")
    if not 0 < len(challenge) <= _LONGEST_CHALLENGE or not challenge.isalnum():
        raise Problem(400, "bad_challenge", "hub.challenge must be letters and digits")
    return Key(tenant, False)


def echo(request: Request) -> Reply:
    """The challenge, as the vendor wants it back."""
    return Reply(200, request.parameters["hub.challenge"].encode(), _TEXT)


async def _tenants(
    told: Sequence[Told], claim: Claim, body: bytes, directory: Directory
) -> dict[tuple[str, str], str]:
    """The tenants of the accounts that the body names and whose secret has signed it."""
    found: dict[tuple[str, str], str] = {}
    proven: dict[tuple[bytes, ...], bool] = {}
    named = dict.fromkeys((one.source, webhook_account(one.account)) for one in told)
    for name in list(named)[:MOST_ACCOUNTS]:
        source = await directory.find_source(*name)
        if source is None:
            continue
        secrets = tuple(source.secrets(directory.now()))
        if secrets not in proven:
            proven[secrets] = is_signed(body, claim=claim, secrets=secrets)
        if proven[secrets]:
            found[name] = source.tenant
    return found


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = f"not JSON: {error.msg} at {error.lineno}:{error.colno}"
        raise Problem(400, "bad_json", detail) from None
    if type(said) is not dict:
        raise Problem(400, "bad_shape", "the body must be an object")
    try:
        return without_nul(said)
    except Refused as refused:
        raise Problem(400, "bad_json", f"the body {refused.error}") from None


def _stranger(directory: Directory, detail: str) -> Problem:
    if not directory.loaded:
        return Problem(503, "starting", "keys are not loaded yet", retry_after_seconds=1)
    return Problem(401, "unauthorized", detail)
