"""Four checks of a deployment, as an auditor asks for them: `python -m deploy.examples.verify`.

1. browser: the pixel's script is served as its integrity says, and what to look for on a page.
2. server: an event of a conversion API is taken, with its quality.
3. match quality: the tenant's score and its drivers are told.
4. duplicates: one event sent twice is one row in `deliveries` for each platform, sent once.

Needs GATEWAY_URL and ATTRIBUTARY_API_KEY; the fourth asks DATABASE_URL too, and without it says
what to look for. `--tenant` (demo) is the key's. Exit code 1 when a check fails.
"""

import argparse
import asyncio
import hashlib
import os
import sys
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final

import httpx

from processors.engine.postgres import Database

CONSOLE: Final = """on a page, in the console:
    Array.isArray(window.dataLayer)
    [typeof fbq, typeof gtag, typeof ttq, typeof snaptr]    // 'function' each, ttq 'object' or so
  and of a recorded visit: attributary pixel check FILE.har --tenant T"""
_SECONDS: Final = 60.0
_ROWS: Final = """SELECT platform, count(*) AS n, max(attempts) AS attempts, min(state) AS state
FROM deliveries WHERE tenant_id = $1 AND event_id = $2 AND kind = 'event' GROUP BY platform"""
_CONNECTED: Final = (
    "SELECT EXISTS (SELECT FROM platform_connections WHERE tenant_id = $1 AND enabled)"
)
_NOBODY: Final = """no platform is connected to tell:
    attributary tenant set T meta_pixel_id=... meta_access_token=..."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Check:
    """How one went."""

    ok: bool
    name: str
    text: str


def checks(
    http: httpx.Client, *, tenant: str, name: str, delivered: Callable[[str], Rows | None] | None
) -> Iterator[Check]:
    """All four, in order; `name` is what the events' ids begin with, `delivered` asks the database
    for the rows of an event."""
    yield _browser(http)
    yield _server(http, name)
    yield _quality(http, tenant)
    yield _duplicates(http, name, delivered)


def _browser(http: httpx.Client) -> Check:
    script, told = http.get("/attributary.js"), http.get("/attributary.json")
    if script.status_code != 200 or told.status_code != 200:
        return Check(False, "browser", f"the pixel is answered {script.status_code}")
    digest = "sha384-" + b64encode(hashlib.sha384(script.content).digest()).decode()
    if digest not in told.text:
        return Check(False, "browser", "the script is not what /attributary.json says")
    return Check(True, "browser", f"{len(script.content):,} bytes, {digest[:20]}...; {CONSOLE}")


def _server(http: httpx.Client, name: str) -> Check:
    answer = _post(http, f"{name}-server")
    told = answer.json() if answer.status_code == 200 else {}
    ok = told.get("success") is True
    return Check(ok, "server", f"answered {answer.status_code}: {answer.text[:300]}")


def _quality(http: httpx.Client, tenant: str) -> Check:
    answer = http.get(f"/api/v1/tenants/{tenant}/emq/score")
    told = answer.json() if answer.status_code == 200 else {}
    ok = "score" in told and "drivers" in told
    if ok and told["score"] is None:
        return Check(ok, "match quality", "nothing measured yet: attributary job --help")
    return Check(ok, "match quality", f"answered {answer.status_code}: {answer.text[:300]}")


def _duplicates(
    http: httpx.Client, name: str, delivered: Callable[[str], Rows | None] | None
) -> Check:
    event = f"{name}-twice"
    answers = [_post(http, event).status_code for _ in range(2)]
    if answers != [200, 200]:
        return Check(False, "duplicates", f"answered {answers}")
    if delivered is None:
        return Check(True, "duplicates", "taken twice; dedupe logs: Duplicate event detected")
    rows = delivered(event)
    if rows is None:
        return Check(False, "duplicates", _NOBODY)
    text = ", ".join(f"{row['platform']} {row['n']} ({row['state']})" for row in rows)
    ok = bool(rows) and all(row["n"] == 1 and row["attempts"] <= 1 for row in rows)
    return Check(
        ok, "duplicates", f"sent twice, delivered once: {text}" if ok else text or "no row"
    )


def _post(http: httpx.Client, event_id: str) -> httpx.Response:
    body = {
        "event_name": "AddToCart",
        "event_id": event_id,
        "user_data": {"email": f"{event_id}@shop.example", "phone": "+14155551234"},
        "parameters": {"value": 99.99, "currency": "USD"},
    }
    return http.post("/api/v1/capi/events/stream", json=body)


def _asked(url: str, tenant: str) -> Callable[[str], Rows | None]:
    """The rows of an event, when it is told; None if there is nobody to tell."""

    async def ask(event: str) -> Rows | None:
        db = await Database.connect(url, application_name="attributary-verify", max_size=1)
        try:
            async with db.connection() as conn:
                if not await conn.fetchval(_CONNECTED, tenant):
                    return None
                return [dict(row) for row in await conn.fetch(_ROWS, tenant, event)]
        finally:
            await db.close()

    def until(event: str) -> Rows | None:
        deadline = monotonic() + _SECONDS
        while True:
            rows = asyncio.run(ask(event))
            if rows is None:
                return None
            waits = not rows or any(row["state"] in ("queued", "sending") for row in rows)
            if not waits or monotonic() > deadline:
                return rows
            sleep(0.5)

    return until


def main() -> int:
    """Run all; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.examples.verify", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--tenant", default="demo", help="whose key ATTRIBUTARY_API_KEY is")
    tenant = parser.parse_args().tenant
    try:
        url, key = os.environ["GATEWAY_URL"], os.environ["ATTRIBUTARY_API_KEY"]
    except KeyError as missing:
        raise SystemExit(f"set {missing}: `make up`, then `source .attributary/env`") from None
    dsn = os.environ.get("DATABASE_URL")
    failed = 0
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=_SECONDS, trust_env=False) as http:
        asked = _asked(dsn, tenant) if dsn else None
        name = f"verify-{uuid.uuid4().hex[:8]}"
        for check in checks(http, tenant=tenant, name=name, delivered=asked):
            print(f"{'ok   ' if check.ok else 'WRONG'} {check.name}: {check.text}")
            failed += not check.ok
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
