"""What vendors' own clients make of our requests: a reader gives back what its client understood.

They know the fields, types and words of their API: what is unknown to one is dropped or refused, so
that a request is right when it comes back as it was. Google: protobufs, Apache-2.0. Meta: setters,
hash forms and enums of `facebook-business`, Meta's own licence, and the types it declares. Klaviyo:
pydantic, MIT. Pinterest: generated types and `anyOf`, MIT (the part of `pinterest-api-sdk` that has
them, which pins urllib3 below 2 itself).

Of the others, TikTok's (`tiktok-business-api-sdk-official`) has the older `pixel/track` alone and
checks no type, and LinkedIn's (`linkedin-api-client`) sends any object.
Microsoft's (`bingads`) speaks SOAP and is not used here.
"""

import json
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

Body = dict[str, Any]

Reader = Callable[[str, Body], Body]
"""Takes the path and the body of a request; raises for what its client refuses."""

_META_NAMES = {
    "em": "emails", "ph": "phones", "ln": "last_names", "fn": "first_names", "ct": "cities",
    "st": "states", "zp": "zip_codes", "country": "country_codes", "external_id": "external_ids",
}  # fmt: skip
_META_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (int, float), "bool": (bool,), "ctwa_clid": (str,),
}  # fmt: skip
"""By the client's words; of a click id it gives the name for the type."""


def google(path: str, body: Body) -> Body:
    """By the message of the path's method."""
    if path.endswith("events:ingest"):
        module, name = "google.ads.datamanager_v1", "IngestEventsRequest"
    else:
        adjusts = path.endswith("uploadConversionAdjustments")
        part = "conversion_adjustment_upload_service" if adjusts else "conversion_upload_service"
        name = "UploadConversionAdjustmentsRequest" if adjusts else "UploadClickConversionsRequest"
        module = f"google.ads.googleads.{path.split('/')[1]}.services.types.{part}"
    message = getattr(import_module(module), name)
    text = message.to_json(
        message.from_json(json.dumps(body)),
        use_integers_for_enums=False,
        always_print_fields_with_no_presence=False,
    )
    found: Body = json.loads(text)
    return found


def klaviyo(path: str, body: Body) -> Body:
    """One event, or a job of several."""
    if path.endswith("/events"):
        module, name = "event_create_query_v2", "EventCreateQueryV2"
    else:
        module, name = "events_bulk_create_job", "EventsBulkCreateJob"
    model = getattr(import_module(f"openapi_client.models.{module}"), name)
    read = model.model_validate(body).model_dump(mode="json", by_alias=True, exclude_unset=True)
    found: Body = read
    return found


def pinterest(_: str, body: Body) -> Body:
    """Events of the Conversions API."""
    read = _pinterest("", {"data": [_pinterest_event(one) for one in body["data"]]})
    return {"data": [_plain(one) for one in read.data]}


def _pinterest_event(event: Body) -> Any:
    fields = dict(event)
    fields["user_data"] = _pinterest("user_data", fields["user_data"])
    if custom := fields.get("custom_data"):
        contents = [_pinterest("custom_data_contents", one) for one in custom.get("contents", [])]
        more = {"contents": contents} if "contents" in custom else {}
        fields["custom_data"] = _pinterest("custom_data", {**custom, **more})
    return _pinterest("data", fields)


def _pinterest(part: str, fields: Body) -> Any:
    """An object of the client, which checks types but takes every other field beside its own."""
    module = "_".join(["conversion_events", *([part] if part else [])])
    kind = getattr(
        import_module(f"openapi_generated.pinterest_client.model.{module}"),
        "".join(word.title() for word in module.split("_")),
    )
    if unknown := fields.keys() - kind.attribute_map.keys():
        raise TypeError(f"unknown: {unknown}")
    return kind(**fields)


def meta(_: str, body: Body) -> Body:
    """Events of the Conversions API, normalised as the client sends them."""
    side = import_module("facebook_business.adobjects.serverside.event_request").EventRequest
    return {"data": [_meta_event(one) for one in body["data"]], **_rest(side, body)}


def whatsapp(path: str, body: Body) -> Body:
    """The same, beside the id of the business account, which Meta's pages on business messaging
    want and its client does not know yet."""
    own = "whatsapp_business_account_id"
    ids = [str(one["user_data"].pop(own)) for one in body["data"]]
    read = meta(path, body)
    for one, account in zip(read["data"], ids, strict=True):
        one["user_data"][own] = account
    return read


def _rest(side: Any, body: Body) -> Body:
    rest = {name: value for name, value in body.items() if name != "data"}
    assert rest.keys() <= side.param_types.keys()
    return rest


def _meta_event(event: Body) -> Body:
    serverside = "facebook_business.adobjects.serverside"
    fields = dict(event)
    people = {_META_NAMES.get(name, name): one for name, one in fields["user_data"].items()}
    fields["user_data"] = _meta(f"{serverside}.user_data", "UserData", people)
    if custom := fields.get("custom_data"):
        own = dict(custom)
        if "contents" in own:
            own["contents"] = [
                _meta(f"{serverside}.content", "Content", {"product_id": one.pop("id"), **one})
                for one in (dict(each) for each in own["contents"])
            ]
        fields["custom_data"] = _meta(f"{serverside}.custom_data", "CustomData", own)
    for name, word in (
        ("action_source", "ActionSource"),
        ("messaging_channel", "MessagingChannel"),
    ):
        if name in fields:
            fields[name] = getattr(import_module(f"{serverside}.{name}"), word)(fields[name])
    found: Body = _meta(f"{serverside}.event", "Event", fields).normalize()
    for name, values in found["user_data"].items():
        if isinstance(values, list):
            # The client keeps them as a set.
            values.sort(key=event["user_data"][name].index)
    if currency := found.get("custom_data", {}).get("currency"):
        found["custom_data"]["currency"] = currency.upper()
    return found


def _meta(module: str, name: str, fields: Body) -> Any:
    """An object of the client, whose types it declares but checks only in part; a quantity is
    declared as text, though Meta's pages have it as a number."""
    kind = getattr(import_module(module), name)
    for field, value in fields.items():
        declared = "int" if field == "quantity" else kind.param_types.get(field, "")
        listed = declared.startswith("list[")
        if listed and not isinstance(value, list):
            raise TypeError(f"{field} must be a list")
        wanted = _META_TYPES.get(declared.removeprefix("list[").removesuffix("]"), (object,))
        for one in value if listed else [value]:
            if not isinstance(one, wanted):
                raise TypeError(f"{field} must be {declared}")
    return kind(**fields)


def _plain(model: Any) -> Any:
    if hasattr(model, "to_dict"):
        return {name: _plain(one) for name, one in model.to_dict().items()}
    return [_plain(one) for one in model] if isinstance(model, list) else model


READERS: dict[str, Reader] = {
    "google_ads": google,
    "klaviyo": klaviyo,
    "meta": meta,
    "pinterest": pinterest,
    "whatsapp": whatsapp,
}


def same(told: Any) -> Any:
    """The same with every time in one form, and numbers as they count."""
    match told:
        case dict():
            return {name: same(one) for name, one in told.items()}
        case list():
            return [same(one) for one in told]
        case str() if "T" in told and told[:4].isdigit():
            return datetime.fromisoformat(told).isoformat()
    return told
