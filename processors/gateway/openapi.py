"""The gateway's description of itself, made from the table of handlers."""

import re
from functools import cache
from typing import Any, Final

from processors.domain.consent import DECISIONS, FLAGS
from processors.domain.urls import MARKETING
from processors.gateway import encoding, openapi_pages, segment_messages
from processors.gateway.lines import DISPUTES
from processors.gateway.logins import LOGIN, ME
from processors.gateway.registry import HANDLERS, Entry
from processors.gateway.routes import segment
from processors.gateway.routes.beacon import KINDS
from processors.gateway.routes.orders import STATUSES
from processors.gateway.uploads.listing import PATH
from processors.gateway.write_keys import by_write_key

_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_TEXT: Final = {"type": "string"}
_ID: Final = {"type": ["string", "integer"], "maxLength": 256}
_TIME: Final = {"type": ["string", "integer"], "description": "RFC 3339 or epoch milliseconds"}
_COUNT: Final = {"type": "integer"}
_MONEY: Final = {"type": ["string", "number"], "description": "decimal, at least 0"}
_IDENTIFIERS: Final = (
    "customer_id", "email", "phone", "email_sha256", "phone_sha256", "ga4_client_id",
    "ga4_session_id", "fbp", "fbc", "ttp", "scid", "epik",
    "external_id", "device_id",
)  # fmt: skip
_WHO: Final[dict[str, Any]] = {
    "event_id": _ID,
    "visitor_id": _ID,
    "session_id": _ID,
    "identifiers": {
        "type": "object",
        "properties": dict.fromkeys(_IDENTIFIERS, _ID),
    },
    "consent": {
        "type": "object",
        "properties": {flag: {"enum": ["granted", "denied"]} for flag in DECISIONS},
    },
}
_WHERE: Final[dict[str, Any]] = {
    **dict.fromkeys((*MARKETING, "url", "referrer", "user_agent", "ip"), _TEXT),
}
_MAKER: Final = {
    "webdriver": {"type": "boolean", "description": "true where a program drives the browser"}
}
_WHEN: Final = {"occurred_at": _TIME, "sent_at": _TIME}
_LINES: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "product_id": _ID,
            "sku": _ID,
            "title": _TEXT,
            "quantity": {"type": "integer", "minimum": 0},
            "price": _MONEY,
        },
    },
}
_OFFLINE: Final[dict[str, Any]] = {
    **{name: _WHO[name] for name in ("visitor_id", "session_id", "identifiers", "consent")},
    **dict.fromkeys(MARKETING, _TEXT),
    **dict.fromkeys(_IDENTIFIERS, _ID),
    **{flag: {"enum": ["granted", "denied"]} for flag in FLAGS},
    **dict.fromkeys(("first_name", "last_name", "city", "state", "zip", "country"), _TEXT),
    "order_id": _ID,
    "occurred_at": _TIME,
    "value": _MONEY,
    "currency": _TEXT,
    "event_name": {"type": "string", "default": "Purchase"},
    "status": {"enum": list(STATUSES), "default": "paid"},
    "refunded_amount": _MONEY,
    "updated_at": _TIME,
}
_BODIES: Final[dict[str, tuple[dict[str, Any], tuple[str, ...]]]] = {
    "/v1/touchpoints": (
        {
            **_WHO, **_WHEN, **_WHERE, **_MAKER,
            "type": {"enum": ["click", "view"], "default": "click"},
            **dict.fromkeys(("channel", "platform", "campaign_id", "ad_id"), _TEXT),
            "properties": {"type": "object"},
        },
        (),
    ),
    "/v1/orders": (
        {
            **_WHO, **_WHERE,
            "order_id": _ID,
            "ordered_at": _TIME,
            "updated_at": _TIME,
            "paid_at": _TIME,
            "revenue": _MONEY,
            "currency": _TEXT,
            "source": {"type": "string", "default": "api"},
            "status": {"enum": list(STATUSES), "default": "paid"},
            "refunded_amount": _MONEY,
            "refunds": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["refund_id", "amount"],
                    "properties": {"refund_id": _ID, "amount": _MONEY, "refunded_at": _TIME},
                },
            },
            "disputes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["dispute_id", "status"],
                    "properties": {
                        "dispute_id": _ID, "status": {"enum": list(DISPUTES)}, "decided_at": _TIME,
                    },
                },
            },
            "customer_id": _ID,
            "checkout_id": _ID,
            "discount_codes": {"type": "array", "items": _TEXT},
            "line_items": _LINES,
        },
        ("order_id", "ordered_at", "revenue", "currency"),
    ),
    "/v1/events": (
        {
            **_WHO, **_WHEN, **_WHERE, **_MAKER,
            "event_name": _TEXT,
            "session_start": {"type": "boolean"},
            "value": _MONEY,
            "currency": _TEXT,
            "contents": _LINES,
            "order_id": _ID,
            "checkout_id": _ID,
            "properties": {"type": "object"},
        },
        ("event_name",),
    ),
    "/v1/identify": ({**_WHO, **_WHEN}, ("identifiers",)),
    "/v1/consent": ({**_WHO, **_WHEN}, ("consent",)),
    "/api/v1/audit/offline-conversions/upload": (_OFFLINE, ("occurred_at", "value")),
    "/v1/spend": (
        {
            "source": _ID, "account_id": _ID, "date": {"type": "string", "format": "date"},
            **dict.fromkeys(("campaign_id", "ad_group_id", "ad_id", "creative_id"), _ID),
            **dict.fromkeys(
                ("channel", "platform", "campaign", "campaign_type", "ad_group", "ad", "currency"),
                _TEXT,
            ),
            **dict.fromkeys(
                ("impressions", "clicks", "reach", "view_conversions", "click_conversions",
                 "video_views"),
                _COUNT,
            ),
            **dict.fromkeys(
                ("amount", "frequency", "view_value", "click_value", "conversions",
                 "conversion_value"),
                _MONEY,
            ),
            "reported_at": _TIME,
        },
        ("date", "platform", "currency", "amount"),
    ),
    "/webhooks/survey": (
        {
            "response_id": _ID,
            "order_id": _ID,
            "source": {"type": "string", "default": "shopify"},
            **dict.fromkeys(("provider", "question", "answer", "channel", "platform"), _TEXT),
            "answered_at": _TIME,
        },
        ("response_id", "order_id", "answer"),
    ),
}  # fmt: skip
_BODIES["/webhooks/ecommerce"] = _BODIES["/v1/orders"]
_BODIES["/v1/beacon"] = (
    {
        **_BODIES["/v1/touchpoints"][0],
        **_BODIES["/v1/events"][0],
        "type": {"enum": [*KINDS, "click", "view"]},
    },
    (),
)
_OBJECT: Final = {"type": "object"}
_MESSAGE: Final[dict[str, Any]] = {
    "type": {"enum": list(segment_messages.KINDS)},
    "event": _TEXT,
    **dict.fromkeys(("anonymousId", "userId", "previousId", "groupId", "messageId"), _ID),
    **dict.fromkeys(("timestamp", "originalTimestamp", "sentAt"), _TIME),
    **dict.fromkeys(("properties", "traits", "context"), _OBJECT),
    "writeKey": _TEXT,
}
"""A message of Segment's form; for what is in it see segment.com/docs/connections/spec."""
_BODIES.update({e.path: (_MESSAGE, ()) for e in HANDLERS.values() if e.form is segment.FORM})
_BODIES["/v1/identify"] = ({**_BODIES["/v1/identify"][0], **_MESSAGE}, ())
_SIGNED_BY_META: Final = {
    "X-Hub-Signature-256": "POST: sha256=, and the hex HMAC-SHA256 of the raw body"
}
_HEADERS: Final = {
    "/webhooks/ecommerce": {
        "X-Attributary-Account": "account of the sender; for BigCommerce the store hash",
        "X-Attributary-Signature": "for the neutral form: hex HMAC-SHA256 of the raw body, or"
        " t=SECONDS,v1=HEX of SECONDS.BODY, good for five minutes",
        "X-WC-Webhook-Source": "WooCommerce: the store's URL",
        "X-WC-Webhook-Topic": "WooCommerce: order.created and the like",
        "X-WC-Webhook-Signature": "WooCommerce: base64 HMAC-SHA256 of the raw body",
        "webhook-id": "BigCommerce: part of what is signed",
        "webhook-timestamp": "BigCommerce: part of what is signed",
        "webhook-signature": "BigCommerce: v1, and the base64 HMAC-SHA256 of id.timestamp.body",
    },
    "/webhooks/meta": _SIGNED_BY_META,
    "/webhooks/whatsapp": _SIGNED_BY_META,
    "/webhooks/tiktok": {
        "TikTok-Signature": "t=SECONDS,s=, and the hex HMAC-SHA256 of t, a full stop and the body",
    },
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"header": []}, {"query": []}]
_ANSWERS: Final = {
    "200": "everything accepted is in Kafka; receipts say where",
    "202": "accepted; some of it waits in the local spool",
    "400": "not JSON of a known shape",
    "401": "no key, one that ended, or a wrong signature",
    "403": "not for this kind of key, this page's origin, or this login",
    "408": "the body stalled",
    "413": "too large",
    "415": "neither JSON nor a known encoding",
    "422": "every item was refused, each by field",
    "429": "the key's rate limit is reached; see Retry-After",
    "503": "cannot take it now; see Retry-After",
}
_UPLOAD_TYPES: Final = ("text/csv", "application/x-ndjson")
_UPLOAD_OPTIONS: Final = ("batch_id", "batch_name", "platform", "upload_type", "currency")
_LISTED: Final = ("days", "limit")
_FILES: Final[dict[str, Any]] = {
    **{kind: {"schema": _TEXT} for kind in _UPLOAD_TYPES},
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                **dict.fromkeys(_UPLOAD_OPTIONS, _TEXT),
                "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            },
            "required": ["file"],
        }
    },
}
_DRY_RUN: Final[dict[str, Any]] = {
    "name": "X-Dry-Run",
    "in": "header",
    "description": "1: check and answer everything, take nothing; as dry_run=1 in the query",
    "schema": _TEXT,
}
_LOGIN: Final[dict[str, Any]] = {
    "summary": "A token for an email and a password, good for everything below /api/v1/",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"email": _TEXT, "password": _TEXT},
                    "required": ["email", "password"],
                }
            }
        },
    },
    "responses": {
        "200": {"description": "access_token, expires_at, role, tenants"},
        "401": {"description": "the email or the password is wrong"},
        "429": {"description": "too many wrong passwords; see Retry-After"},
    },
}
_PAGES: Final = {
    "/healthz": "Alive",
    "/readyz": "Can take events",
    "/sink-health": "Where what is accepted goes: Kafka, the spool, or (503) nowhere",
    "/metrics": "Prometheus metrics",
    "/openapi.json": "This document",
    ME: "Whose login a token is",
    "/attributary.js": "The browser pixel; its types are in /attributary.d.ts",
    "/attributary.json": "Paths of the pixel's files that never change, with their integrity",
    PATH: "Uploads of offline conversions of the key's tenant, of the last `days` (30), at most"
    " `limit` (100), latest first",
}


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, Any] = {
        entry.template: {method.lower(): _operation(entry, method) for method in entry.methods}
        for entry in HANDLERS.values()
    }
    for path, summary in _PAGES.items():
        paths[path] = {"get": {"summary": summary, "responses": {"200": {"description": "ok"}}}}
    paths[PATH]["get"] |= {"parameters": _in_query(_LISTED), "security": _SECURITY}
    paths[ME]["get"] |= {"security": [{"bearer": []}]}
    paths[LOGIN] = {"post": _LOGIN}
    for path, method, asked in openapi_pages.asked():
        asked["parameters"] = [*_in_path(path), *_in_query(asked["parameters"])]
        paths.setdefault(path, {})[method] = {**asked, "security": _SECURITY}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Attributary gateway",
            "version": "1",
            "description": "Takes touchpoints, events and orders; 200 means that Kafka has them."
            f" Bodies may be encoded as {encoding.NAMES}.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "query": {"type": "apiKey", "in": "query", "name": "key"},
            }
        },
    }


def _operation(entry: Entry, method: str) -> dict[str, Any]:
    form = entry.form
    answers = {**_ANSWERS, **form.answers} if form else _ANSWERS
    operation: dict[str, Any] = {
        "summary": entry.summary,
        "responses": {code: {"description": text} for code, text in answers.items()},
        "security": [] if entry.signed else _SECURITY,
    }
    if form and form.who is by_write_key:
        operation["security"] = [{"basic": []}, *_SECURITY]
    if method == "POST":
        operation["requestBody"] = _body(entry)
    parameters: list[dict[str, Any]] = [
        _DRY_RUN,
        *(
            {"name": name, "in": "header", "description": text, "schema": _TEXT}
            for name, text in _HEADERS.get(entry.path, {}).items()
        ),
    ]
    if entry.description:
        operation["description"] = entry.description
    if entry.upload:
        operation["requestBody"]["content"] |= _FILES
        parameters += _in_query(_UPLOAD_OPTIONS)
    if form:
        parameters += [
            {"name": name, "in": "query", "description": text, "schema": _TEXT}
            for name, text in form.parameters.items()
        ]
    parameters += _in_path(entry.template)
    operation["parameters"] = parameters
    return operation


def _body(entry: Entry) -> dict[str, Any]:
    fields, required = _BODIES.get(entry.path, ({}, ()))
    item: dict[str, Any] = {"type": "object", "properties": fields}
    if required:
        item["required"] = list(required)
    shapes = [item]
    if not entry.single:
        many = {"type": "array", "items": item, "minItems": 1}
        shapes += [many, {"type": "object", "properties": {"batch": many}, "required": ["batch"]}]
    kinds = entry.form.kinds if entry.form else ("application/json",)
    schema = {"anyOf": shapes} if fields or not entry.form else _TEXT
    content = {kind: {"schema": schema} for kind in kinds}
    return {"required": "GET" not in entry.methods, "content": content}


def _in_query(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": _TEXT} for name in names]


def _in_path(template: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in _IN_PATH.findall(template)
    ]
