"""`/g/collect`, `/collect`: hits of Google's tags, by GET and by POST.

A page that sends its GA4 hits here (`server_container_url` or `transport_url` of its tag) needs
no other pixel. The tenant is whose `ga4_measurement_id` the hit's `tid` is; a key (`?key=`) decides
where there is one. Every hit is an event, with its own name or the standard one that it means; the
hit that starts a session (`_ss`) with a page view is a touchpoint, too. The answer is 204, as
Google's; a batch with a hit that was refused is answered in JSON.
"""

from typing import Any, Final

from processors.gateway import body, ga4_hits, sst, ua_hits
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import ANY_TEXT, Form, Reply, Request, by_key, parameters
from processors.gateway.keys import Key
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.routes.events import pixel_event
from processors.gateway.settings import GatewaySettings

_LONGEST_ID: Final = 64
_PARAMETERS: Final = {
    "v": "2, or 1 for Universal Analytics",
    "tid": "measurement id; decides the tenant",
    "cid": "client id of the _ga cookie",
    "sid": "session id",
    "uid": "the shop's id of the customer",
    "en": "event name",
    "dl": "page",
    "dr": "referrer",
    "dt": "page title",
    "_p": "page load",
    "_s": "count of the hit on its page",
    "_ss": "1 on the first hit of a session",
    "_fv": "1 on the first visit",
    "_et": "engagement time in milliseconds",
    "cu": "currency",
    "epn.value": "value; any epn.* is a number",
    "ep.transaction_id": "order id; any ep.* is a text",
    "ep.event_id": "dedupe key",
    "up.*": "a property of the user",
    "pr1": "a product: idSKU~nmHat~pr19.99~qt2; up to pr200",
    "gcs": "consent: G1 and a digit each for ad_storage and analytics_storage",
    "gcd": "consent: a letter for each of four flags",
    "t": "type of a hit of Universal Analytics: pageview, event, transaction",
}


async def _who(request: Request) -> Key | None:
    """Whose key it is, else whose measurement id."""
    key = await by_key(request)
    if key is not None:
        return key
    tid = request.parameters.get("tid") or parameters(request.body.partition(b"\n")[0]).get("tid")
    if not tid or len(tid) > _LONGEST_ID:
        return None
    tenant = await request.directory.find_measurement(tid)
    return None if tenant is None else Key(tenant, server=False)


def _read(request: Request, door: Door, settings: GatewaySettings) -> list[Any]:
    query = {name: value for name, value in request.parameters.items() if name != "key"}
    found = ga4_hits.hits(query, request.body)
    if len(found) > settings.max_batch_items:
        raise body.too_many(settings)
    door.shop = request.directory.snapshot.shops.get(door.tenant, door.shop)
    return list(found)


def _respond(outcome: Outcome, door: Door, _: Request, status: int) -> Reply | None:
    if outcome.rejected or status != 200:
        return None
    return Reply(204, headers=sst.headers(outcome, door))


def collect(hit: dict[str, Any], door: Door) -> Accepted:
    """Take hits of gtag.js, one in the query or one on each line of the body.

    Hits of Universal Analytics (`v=1`) are taken, too. Without a key the tenant is whose
    `ga4_measurement_id` the `tid` is.
    """
    if ua_hits.is_universal(hit):
        names = ua_hits.NAMES
        neutral = ua_hits.neutral(hit, shop=door.shop, received_at=door.received_at)
    else:
        names = ga4_hits.NAMES
        neutral = ga4_hits.neutral(hit, shop=door.shop)
    try:
        return pixel_event(hit, neutral, door, source="ga4")
    except Refused as refused:
        raise refused.renamed(names) from None


for _path in ("/g/collect", "/collect", "/j/collect"):
    handler(
        _path,
        form=Form(
            read=_read,
            methods=("GET", "POST"),
            who=_who,
            respond=_respond,
            kinds=ANY_TEXT,
            flat=True,
            consent=ga4_hits.consent,
            parameters=_PARAMETERS,
            answers={
                "200": "some are in Kafka, and some were refused",
                "204": "everything is in Kafka",
            },
        ),
    )(collect)
