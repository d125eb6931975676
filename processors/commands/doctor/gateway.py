"""The gateways: whether they take events, where these go, and what lies in the spool."""

import asyncio
from typing import Any, Final

import httpx

from processors.commands.doctor.finding import Finding, Patient

PART: Final = "gateway"
SECONDS: Final = 3.0


async def look(patient: Patient) -> list[Finding]:
    """Each gateway's own word."""
    if not patient.gateways:
        do = "source .attributary/env, or set GATEWAY_URL"
        return [Finding("note", PART, "GATEWAY_URL names no gateway", do)]
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        answers = await asyncio.gather(*(_ask(client, url) for url in patient.gateways))
    return [finding for found in answers for finding in found]


async def _ask(client: httpx.AsyncClient, url: str) -> list[Finding]:
    try:
        answer = await client.get(f"{url.rstrip('/')}/readyz")
        state = answer.json()
    except httpx.HTTPError as error:
        text = f"the gateway at {url} does not answer ({type(error).__name__})"
        return [Finding("critical", PART, text, "attributary restart gateway")]
    except ValueError:
        text = f"what answers at {url} is no gateway"
        return [Finding("critical", PART, text, "correct GATEWAY_URL")]
    return _judged(url, answer.status_code, state)


def _judged(url: str, status: int, state: dict[str, Any]) -> list[Finding]:
    found = []
    reasons = ", ".join(map(str, state.get("reasons", []))) or "no reason told"
    if status == 200:
        found.append(Finding("ok", PART, f"the gateway at {url} says 200"))
    else:
        text = f"the gateway at {url} says {status}: {reasons}"
        found.append(Finding("critical", PART, text, "mend what it names; then its log"))
    records, size = state.get("spool_records", 0), state.get("spool_bytes", 0)
    if records or state.get("spooling"):
        text = f"{records:,} records wait in its spool ({size / (1 << 20):,.1f} MB)"
        do = "start Kafka; the spool empties itself: attributary drain"
        found.append(Finding("warning", PART, text, do))
    if state.get("spool_damaged"):
        text = f"{state['spool_damaged']} damaged pieces in its spool were set aside"
        found.append(Finding("critical", PART, text, "look into ATTRIBUTARY_GATEWAY_SPOOL_DIR"))
    return found
