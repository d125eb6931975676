"""Source records as rows of the fact tables, in the order of the columns of their queries."""

from typing import Final, NamedTuple

import orjson

from processors.domain.channel_rules import RuleSet
from processors.domain.channels import resolve
from processors.domain.default_channels import DEFAULTS
from processors.domain.devices import device_type
from processors.domain.events import is_touch
from processors.domain.ids import conversion_id, touchpoint_id
from processors.domain.urls import MARKETING, host, marketing
from schemas.envelope import Frozen
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.topics import anchor_of
from schemas.touchpoint import Touchpoint

Key = tuple[str, str]
Rank = tuple[int, str, str, int]
PURCHASE: Final = "Purchase"
_NO_BATCH: Final = {"batch": None}
ATTACHED: Final = (
    "phone_sha256",
    "external_id",
    "device_id",
    "ga4_client_id",
    "ga4_session_id",
    "fbp",
    "fbc",
    "ttp",
    "scid",
    "epik",
)


class TouchRow(NamedTuple):
    """A row of attribution_touchpoints; times in epoch milliseconds."""

    tenant_id: str
    touchpoint_id: str
    event_id: str
    anchor: str
    visitor_id: str | None
    session_id: str | None
    occurred_at: int
    received_at: int
    late: bool
    touchpoint_type: str
    channel: str
    platform: str
    campaign: str
    rules_version: str
    sent_channel: str | None
    sent_platform: str | None
    campaign_id: str | None
    ad_id: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    fbclid: str | None
    gclid: str | None
    gbraid: str | None
    wbraid: str | None
    ttclid: str | None
    msclkid: str | None
    sccid: str | None
    epik: str | None
    li_fat_id: str | None
    ref: str | None
    creator: str | None
    url: str | None
    referrer: str | None
    device_type: str | None
    customer_id: str | None
    email_hash: str | None
    ids: str | None
    consent: str | None
    properties: str | None
    content_hash: str
    ctwa_clid: str | None
    device_fingerprint: str | None
    bot_reasons: str | None

    @property
    def key(self) -> Key:
        """Primary key."""
        return self.tenant_id, self.touchpoint_id

    @property
    def rank(self) -> Rank:
        """Of two contents for one key the smaller stands, of two receipts of one the earlier."""
        return self.occurred_at, self.anchor, self.content_hash, self.received_at


class EventRow(NamedTuple):
    """A row of pixel_events."""

    tenant_id: str
    event_id: str
    source: str
    event_type: str
    occurred_at: int
    received_at: int
    anchor: str
    visitor_id: str | None
    session_id: str | None
    customer_id: str | None
    order_source: str | None
    order_id: str | None
    checkout_id: str | None
    raw_data: str
    content_hash: str
    device_fingerprint: str | None
    bot_reasons: str | None

    @property
    def key(self) -> Key:
        """Primary key."""
        return self.tenant_id, self.event_id

    @property
    def rank(self) -> Rank:
        """Of two contents for one key the smaller stands, of two receipts of one the earlier."""
        return self.occurred_at, self.anchor, self.content_hash, self.received_at


class VersionRow(NamedTuple):
    """A row of order_versions."""

    tenant_id: str
    conversion_id: str
    content_hash: str
    version_at: int
    snapshot: str
    received_at: int

    @property
    def key(self) -> tuple[str, str, str]:
        """Primary key."""
        return self.tenant_id, self.conversion_id, self.content_hash

    @property
    def rank(self) -> tuple[int, int]:
        """Of two receipts of one content the smaller stands."""
        return self.version_at, self.received_at


class SurveyRow(NamedTuple):
    """A row of survey_responses; `answered_at` in epoch milliseconds."""

    tenant_id: str
    provider: str
    response_id: str
    conversion_id: str
    source: str
    order_id: str
    question: str | None
    answer: str
    channel: str | None
    platform: str | None
    answered_at: int
    content_hash: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Primary key."""
        return self.tenant_id, self.provider, self.response_id

    @property
    def rank(self) -> tuple[int, str]:
        """Of two contents for one key the greater stands: answers are edited."""
        return self.answered_at, self.content_hash


def touch_row(record: Touchpoint | PixelEvent, rules: RuleSet = DEFAULTS) -> TouchRow:
    """The touch with what its URL, agent and the channel rules say of it."""
    browser, ids = record.browser, record.identifiers
    found = {**_from_url(browser.url), **_sent(record)}
    sent = record if isinstance(record, Touchpoint) else None
    sent_channel = sent.channel if sent else None
    sent_platform = sent.platform if sent else None
    campaign_id = sent.campaign_id if sent else None
    channel, platform = resolve(
        {
            **found,
            "channel": sent_channel,
            "platform": sent_platform,
            "url": browser.url,
            "referrer": browser.referrer,
        },
        own_host=host(browser.url) if browser.url else None,
        rules=rules,
    )
    get = found.get
    return TouchRow(
        tenant_id=record.tenant_id,
        touchpoint_id=touchpoint_id(record.tenant_id, record.event_id),
        event_id=record.event_id,
        anchor=anchor_of(record),
        visitor_id=record.visitor_id,
        session_id=record.session_id,
        occurred_at=record.occurred_at,
        received_at=record.received_at,
        late=record.late,
        touchpoint_type=sent.type if sent else "click",
        channel=channel,
        platform=platform,
        campaign=get("utm_campaign") or campaign_id or "",
        rules_version=rules.version,
        sent_channel=sent_channel,
        sent_platform=sent_platform,
        campaign_id=campaign_id,
        ad_id=sent.ad_id if sent else None,
        **{name: get(name) for name in MARKETING},
        url=browser.url,
        referrer=browser.referrer,
        device_type=device_type(browser.user_agent) if browser.user_agent else None,
        customer_id=ids.customer_id,
        email_hash=ids.email_sha256,
        ids=_rest(record),
        consent=_json(record.consent) if record.consent else None,
        properties=orjson.dumps(record.properties).decode() if record.properties else None,
        content_hash=record.content_hash,
        device_fingerprint=record.device_fingerprint,
        bot_reasons=" ".join(record.bot_reasons) or None,
    )


def touch_of_event(record: PixelEvent, rules: RuleSet = DEFAULTS) -> TouchRow | None:
    """The touch that a page view also is, if it brings news of marketing or starts a session."""
    if record.source == "identify":
        return None
    browser = record.browser
    facts: dict[str, object] = {
        "event_name": record.event_name,
        "session_start": record.session_start,
        "url": browser.url,
        "referrer": browser.referrer,
        **_sent(record),
    }
    own = host(browser.url) if browser.url else None
    return touch_row(record, rules) if is_touch(facts, own_host=own) else None


def event_row(record: PixelEvent) -> EventRow:
    """The event, whole, with the columns that queries ask for."""
    return EventRow(
        tenant_id=record.tenant_id,
        event_id=record.event_id,
        source=record.source,
        event_type=record.event_name,
        occurred_at=record.occurred_at,
        received_at=record.received_at,
        anchor=anchor_of(record),
        visitor_id=record.visitor_id,
        session_id=record.session_id,
        customer_id=record.identifiers.customer_id,
        order_source=record.order_source,
        order_id=record.order_id,
        checkout_id=record.checkout_id,
        raw_data=_json(record),
        content_hash=record.content_hash,
        device_fingerprint=record.device_fingerprint,
        bot_reasons=" ".join(record.bot_reasons) or None,
    )


def conversion_of(record: Order) -> str:
    """The conversion that an order is."""
    return conversion_id(record.tenant_id, record.source, record.order_id)


def version_row(record: Order, conversion: str) -> VersionRow:
    """The snapshot as a version: dated by the shop if it says, else by its receipt. Which upload
    brought it is no part of it: the same content may come in several."""
    return VersionRow(
        tenant_id=record.tenant_id,
        conversion_id=conversion,
        content_hash=record.content_hash,
        version_at=record.received_at if record.updated_at is None else record.updated_at,
        snapshot=_json(record if record.batch is None else record.model_copy(update=_NO_BATCH)),
        received_at=record.received_at,
    )


def pixel_order(record: PixelEvent) -> Order | None:
    """The order version of lowest precedence that a purchase event with an order id is."""
    if record.event_name != PURCHASE or record.order_id is None or record.value is None:
        return None
    if record.currency is None:
        return None
    source = record.order_source or "api"
    return Order(
        tenant_id=record.tenant_id,
        source=source,
        order_id=record.order_id,
        event_id=record.event_id,
        content_hash=f"pixel-{record.content_hash}",
        received_at=record.received_at,
        updated_at=record.occurred_at,
        ordered_at=record.occurred_at,
        status="paid",
        currency=record.currency,
        gross=record.value,
        visitor_id=record.visitor_id,
        session_id=record.session_id,
        identifiers=record.identifiers,
        marketing=record.marketing,
        browser=record.browser,
        user_data=record.user_data,
        line_items=record.contents,
        checkout_id=record.checkout_id,
        consent=record.consent,
        precedence="pixel",
    )


def survey_row(record: PixelEvent) -> SurveyRow | None:
    """The answer, and the conversion that its order is or will be."""
    said, order_id = record.survey, record.order_id
    if said is None or order_id is None:
        return None
    source = record.order_source or "shopify"
    return SurveyRow(
        tenant_id=record.tenant_id,
        provider=said.provider,
        response_id=said.response_id,
        conversion_id=conversion_id(record.tenant_id, source, order_id),
        source=source,
        order_id=order_id,
        question=said.question,
        answer=said.answer,
        channel=said.channel,
        platform=said.platform,
        answered_at=record.occurred_at,
        content_hash=record.content_hash,
    )


def _from_url(url: str | None) -> dict[str, str]:
    return marketing(url) if url else {}


def _sent(record: Touchpoint | PixelEvent) -> dict[str, str]:
    sent = record.marketing
    if not sent.model_fields_set:
        return {}
    return {name: value for name, value in sent if value}


def _rest(record: Touchpoint | PixelEvent) -> str | None:
    ids = record.identifiers
    if not ids.model_fields_set:
        return None
    found = {name: value for name in ATTACHED if (value := getattr(ids, name))}
    return orjson.dumps(found).decode() if found else None


def _json(record: Frozen) -> str:
    return record.model_dump_json(exclude_none=True)
