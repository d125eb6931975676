"""A server container of Google Tag Manager with a Measurement Protocol client and tags of vendors
that know an event again by its id."""

import json
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from deploy.simulators.ledger import Ledger, Receipt

PREVIEW: Final = "x-gtm-server-preview"
MAX_BYTES: Final = 1_000_000
WINDOW_SECONDS: Final = 48 * 3_600.0
KEPT_PREVIEWS: Final = 200


class SgtmRules:
    """`POST /mp/collect`. What no client claims is 400; what a tag makes of it stays inside."""

    paths: tuple[str, ...] = ("/mp/collect",)
    read_paths: tuple[str, ...] = ()

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._previewed: list[str] = []
        self.accounts: dict[str, str] = {}
        self.refused_ids: set[str] = set()
        self.authority = None

    def account(self, request: Request) -> str:
        """The container's id."""
        return request.query_params.get("id", "")

    def report(self) -> dict[str, Any]:
        """The preview headers that came, the newest last."""
        return {"previewed": self._previewed[-KEPT_PREVIEWS:]}

    def told(self, _: dict[str, Any]) -> None:
        """Nothing is read here.

        Raises:
            ValueError: always.
        """
        raise ValueError("nothing is read from a container")

    def answer(self, request: Request, body: bytes) -> Response:
        """200 for what the client claims."""
        if preview := request.headers.get(PREVIEW):
            self._previewed.append(preview)
        if len(body) > MAX_BYTES:
            return Response(status_code=413)
        payload = _claimed(body)
        if payload is None or self.refused_ids & {_id(event) for event in payload["events"]}:
            self._ledger.note("unclaimed")
            return Response(status_code=400)
        account = self.account(request)
        receipts = [_receipt(account, payload, event) for event in payload["events"]]
        self._ledger.take(receipts, at=time.time(), window_seconds=WINDOW_SECONDS)
        return Response(status_code=200)


RULES: Final = SgtmRules


def _claimed(body: bytes) -> dict[str, Any] | None:
    """The payload, if the Measurement Protocol client would take it."""
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    if not isinstance(payload, dict) or not isinstance(payload.get("client_id"), str):
        return None
    events = payload.get("events")
    if not isinstance(events, list) or not events:
        return None
    good = all(
        isinstance(event, dict)
        and isinstance(event.get("name"), str)
        and isinstance(event.get("params", {}), dict)
        for event in events
    )
    return payload if good else None


def _id(event: dict[str, Any]) -> str:
    return str(event.get("params", {}).get("event_id", ""))


def _receipt(account: str, payload: dict[str, Any], event: dict[str, Any]) -> Receipt:
    params = event.get("params", {})
    own = _id(event)
    shared = {name: value for name, value in payload.items() if name != "events"}
    return Receipt(
        key=(account, event["name"], own or json.dumps(event, sort_keys=True)),
        account=account,
        event_name=event["name"],
        id=own,
        value=params.get("value"),
        currency=params.get("currency"),
        payload={**shared, **event},
    )
