"""`/webhooks/meta`, `/webhooks/whatsapp` and `/webhooks/tiktok`: what these platforms tell.

Meta asks by GET whether the address is ours, and sends what pages and WhatsApp business accounts
tell by POST. Both of its addresses take both: an app has one secret, and may have one address.
The answer waits for Kafka and for nothing else; all work is done behind the topics.
"""

from typing import Any, Final

from processors.gateway import unknown
from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form, Reply, Request
from processors.gateway.hooks import meta as meta_hooks
from processors.gateway.hooks import receiving
from processors.gateway.hooks import tiktok as tiktok_hooks
from processors.gateway.hooks.table import take
from processors.gateway.keys import Key
from processors.gateway.registry import handler


async def _meta_sender(request: Request) -> Key:
    if request.method == "GET":
        return await receiving.handshake(request)
    return await receiving.sender(request, split=meta_hooks.split, prove=meta_hooks.prove)


async def _tiktok_sender(request: Request) -> Key:
    return await receiving.sender(request, split=tiktok_hooks.split, prove=tiktok_hooks.prove)


def _respond(_: Outcome, __: Door, request: Request, ___: int) -> Reply | None:
    return receiving.echo(request) if request.method == "GET" else None


_ANSWERS: Final = {
    "401": "no account's secret has signed it, or not lately",
    "403": "a verify token that no tenant has set",
}
_META: Final = Form(
    read=receiving.items,
    methods=("POST", "GET"),
    who=_meta_sender,
    respond=_respond,
    parameters={
        "hub.mode": "GET: subscribe",
        "hub.verify_token": "GET: the verify token that a tenant has set",
        "hub.challenge": "GET: what is answered",
    },
    answers=_ANSWERS,
)
_TIKTOK: Final = Form(read=receiving.items, who=_tiktok_sender, answers=_ANSWERS)


@handler("/webhooks/meta", signed="meta", form=_META, answer=unknown.answer)
def meta(item: dict[str, Any], door: Door) -> Accepted:
    """Take what Meta tells of pages, their lead ads and WhatsApp business accounts."""
    return take(item, door)


@handler("/webhooks/whatsapp", signed="meta", form=_META, answer=unknown.answer)
def whatsapp(item: dict[str, Any], door: Door) -> Accepted:
    """Take messages to the shop, and what became of its own."""
    return take(item, door)


@handler("/webhooks/tiktok", signed="tiktok", form=_TIKTOK, answer=unknown.answer)
def tiktok(item: dict[str, Any], door: Door) -> Accepted:
    """Take leads, and keep what else TikTok tells."""
    return take(item, door)
