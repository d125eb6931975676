"""What WhatsApp tells of a business account (Cloud API): messages, and what became of ours.

Of a message only that it came, from whom and of which kind is taken: its text is between two
people, and only read for a word that ends the shop's messages or allows them again, which is a
decision of `commands.v1` (`opting.py`). The phone number is hashed and sealed; whoever hides theirs
has an id of the business instead. A message that an ad or a post led to is also a click on it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.domain.consent import WHATSAPP
from processors.domain.payload import at, rows
from processors.gateway.door import Accepted, Door
from processors.gateway.hooks import opting
from processors.gateway.hooks.table import Told, register_handler
from processors.gateway.hooks.words import filled, moment, opaque, text
from processors.gateway.routes.consent import consent
from processors.gateway.routes.events import pixel_event
from processors.gateway.routes.touchpoints import touchpoint

OBJECT: Final = "whatsapp_business_account"
SOURCE: Final = "whatsapp"


def told(account: str, field: str, value: Mapping[str, Any]) -> Iterator[Told]:
    """The things that one change tells, each with what it needs of its surroundings."""
    messages, statuses = rows(value, "messages"), rows(value, "statuses")
    if field == "user_preferences":
        for said in [row for row in rows(value, field) if row] or [dict(value)]:
            yield Told(SOURCE, field, account, said)
            if opting.preferred(said) is not None:
                yield Told(SOURCE, "user_preferences.consent", account, said)
        return
    if field != "messages" or not (messages or statuses):
        yield Told(SOURCE, field, account, value)
        return
    contacts = rows(value, "contacts")
    number = text(at(value, "metadata"), "phone_number_id")
    for message in messages:
        said = {"message": message, "who": _contact(message, contacts), "number": number}
        yield Told(SOURCE, "message", account, said)
        if at(message, "referral"):
            yield Told(SOURCE, "message.referral", account, said)
        if opting.said(message) is not None:
            yield Told(SOURCE, "message.consent", account, said)
    for status in statuses:
        yield Told(SOURCE, "status", account, {"status": status, "number": number})


@register_handler(SOURCE, "message")
def message(told: Told, door: Door) -> Accepted | None:
    """That somebody wrote to the shop."""
    said = at(told.said, "message")
    name, who = text(said, "id"), _sender(told)
    if name is None or not who:
        return None
    item = filled(
        event_id=opaque(SOURCE, name),
        event_name="WhatsAppMessage",
        occurred_at=moment(said, "timestamp"),
        identifiers=who,
        properties=filled(
            kind=text(said, "type"),
            number_id=told.said.get("number"),
            from_ad=bool(at(said, "referral")),
        ),
    )
    return pixel_event(told.said, item, door, source="webhook")


@register_handler(SOURCE, "message.referral")
def referral(told: Told, door: Door) -> Accepted | None:
    """The click on the ad or the post that led to the message."""
    said = at(told.said, "message")
    came = at(said, "referral")
    name, who = text(said, "id"), _sender(told)
    if name is None or not who:
        return None
    is_ad = came.get("source_type") == "ad"
    item = filled(
        event_id=opaque(SOURCE, name),
        occurred_at=moment(said, "timestamp"),
        identifiers=who,
        channel="messaging",
        platform=SOURCE,
        ctwa_clid=text(came, "ctwa_clid"),
        ad_id=_short(text(came, "source_id")) if is_ad else None,
        properties=filled(
            source_type=text(came, "source_type"),
            source_id=text(came, "source_id"),
            source_url=text(came, "source_url"),
            headline=text(came, "headline"),
            media_type=text(came, "media_type"),
        ),
    )
    return touchpoint(item, door)


@register_handler(SOURCE, "status")
def status(told: Told, door: Door) -> Accepted | None:
    """What became of a message of the shop's: sent, delivered, read or failed."""
    said = at(told.said, "status")
    name, state = text(said, "id"), text(said, "status")
    who = _ids(text(said, "recipient_id"), text(said, "recipient_user_id", "user_id"))
    if name is None or state is None or not who:
        return None
    about = opaque(SOURCE, name)
    item = filled(
        # A status comes once for each state; the message's own id would make them one.
        event_id=opaque(about, f"{state}:{text(said, 'timestamp')}"),
        event_name="WhatsAppStatus",
        occurred_at=moment(said, "timestamp"),
        identifiers=who,
        properties=filled(
            status=state,
            message=about,
            number_id=told.said.get("number"),
            category=text(at(said, "pricing"), "category"),
            billable=at(said, "pricing").get("billable"),
            reference=text(said, "biz_opaque_callback_data"),
            errors=[text(row, "code") for row in rows(said, "errors")] or None,
        ),
    )
    return pixel_event(told.said, item, door, source="webhook")


@register_handler(SOURCE, "user_preferences")
def preference(told: Told, door: Door) -> Accepted | None:
    """That somebody wants no more marketing messages, or wants them again."""
    said, who = told.said, _preferrer(told)
    value = text(said, "value")
    if value is None or not who:
        return None
    item = filled(
        event_name="WhatsAppPreference",
        occurred_at=moment(said, "timestamp"),
        identifiers=who,
        properties=filled(value=value, category=text(said, "category")),
    )
    return pixel_event(said, item, door, source="webhook")


@register_handler(SOURCE, "user_preferences.consent")
def preferred(told: Told, door: Door) -> Accepted | None:
    """The decision that somebody took in the settings of the chat."""
    flag, who = opting.preferred(told.said), _preferrer(told)
    if flag is None or not who:
        return None
    return consent(_decision(flag, who, moment(told.said, "timestamp")), door)


@register_handler(SOURCE, "message.consent")
def opted(told: Told, door: Door) -> Accepted | None:
    """The decision that somebody wrote, or took by a button below a message."""
    said = at(told.said, "message")
    flag, name, who = opting.said(said), text(said, "id"), _sender(told)
    if flag is None or name is None or not who:
        return None
    item = _decision(flag, who, moment(said, "timestamp"))
    return consent({"event_id": opaque("whatsapp.consent", name), **item}, door)


def _decision(flag: str, who: Mapping[str, str], occurred_at: int | None) -> dict[str, Any]:
    return filled(identifiers=who, consent={WHATSAPP: flag}, occurred_at=occurred_at)


def _preferrer(told: Told) -> dict[str, str]:
    return _ids(text(told.said, "wa_id"), text(told.said, "user_id"))


def _contact(message: Mapping[str, Any], contacts: list[dict[str, Any]]) -> dict[str, Any]:
    """The contact of the message's sender, by number or by user id; the only one when nothing
    tells whose it is. One that is somebody else's would join two people."""
    for ours, theirs in (("from", "wa_id"), ("from_user_id", "user_id")):
        said = message.get(ours)
        for contact in contacts:
            if said is not None and contact.get(theirs) == said:
                return contact
    if len(contacts) != 1:
        return {}
    (only,) = contacts
    differs = any(
        message.get(ours) is not None and only.get(theirs) is not None
        for ours, theirs in (("from", "wa_id"), ("from_user_id", "user_id"))
    )
    return {} if differs else only


def _sender(told: Told) -> dict[str, str]:
    message, contact = at(told.said, "message"), at(told.said, "who")
    phone = text(message, "from") or text(contact, "wa_id")
    return _ids(phone, text(message, "from_user_id") or text(contact, "user_id"))


def _ids(phone: str | None, user: str | None) -> dict[str, str]:
    found = {}
    if phone is not None and phone.lstrip("+").isdigit():
        found["phone"] = f"+{phone.lstrip('+')}"
    if user is not None:
        found["external_id"] = f"{SOURCE}:{user[:200]}"
    return found


def _short(value: str | None) -> str | None:
    return value[:128] if value else None
