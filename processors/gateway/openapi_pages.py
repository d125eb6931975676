"""What the gateway's description says of what is asked rather than told: connections, pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from processors.gateway.analytics import PATH as ANALYTICS
from processors.gateway.analytics.functions import FUNCTIONS
from processors.gateway.analytics.pages import PAGES
from processors.gateway.analytics.views import VIEWS
from processors.gateway.api import CONNECTIONS, INFLUENCERS, SAVED_VIEWS
from processors.gateway.quality_reports import DESCRIBED
from processors.gateway.terms import PLATFORMS

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_INFLUENCER: Final = {
    "name": _TEXT,
    "discount_codes": _TEXTS,
    "ref_codes": _TEXTS,
    "commission_rate": {"type": ["string", "number"], "description": "share of revenue, 0 to 1"},
}
_SAVED: Final = {"name": _TEXT, "filters": {"type": "object"}, "columns": _TEXTS, "sort": _TEXT}
_FIELDS: Final = {
    "fields": {
        "type": "object",
        "description": "what the platform needs, by the names that GET tells; null forgets one",
        "additionalProperties": {"type": ["string", "null"]},
    },
    "enabled": {"type": "boolean"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation: `names` are parameters of its query, `fields` those of its body."""

    path: str
    method: str
    summary: str
    names: tuple[str, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    status: str = "200"
    more: tuple[tuple[str, str], ...] = ()


_SPOOLED: Final = (("202", "the command waits in the local spool"),)
_GONE: Final = (("404", "there is none of that name"),)
_THERE: Final = (("409", "there is one of that name"),)
_DATED: Final = ("from", "to", "limit", "offset")
_REFUSED: Final = (
    *_GONE,
    ("422", "a filter that is unknown or has no such value, by name"),
    ("504", "it took too long"),
)
_OF_AN_INFLUENCER: Final = f"{INFLUENCERS}/{{influencer_id}}"
_OF_A_SAVED_VIEW: Final = f"{SAVED_VIEWS}/{{view_id}}"
_OF_A_PLATFORM: Final = f"{PLATFORMS}/{{platform}}"

_ASKED: Final = (
    Asked(CONNECTIONS, "get", "The tenant's connections and how they do"),
    Asked(f"{CONNECTIONS}/{{platform}}", "delete", "Forget what was granted, and send no more"),
    Asked(f"{CONNECTIONS}/{{platform}}/authorize", "get", "The platform's page for a sign-in"),
    Asked(
        f"{CONNECTIONS}/{{platform}}/callback", "get",
        "Complete the sign-in that the same login began, within ten minutes", ("code", "state"),
    ),
    Asked(f"{CONNECTIONS}/{{platform}}/accounts", "get", "The accounts that may be chosen"),
    Asked(f"{CONNECTIONS}/{{platform}}/account", "post", "Send to this account_id from now on"),
    Asked(f"{CONNECTIONS}/{{platform}}/enabled", "post", "Send there (enabled: true) or not"),
    Asked(ANALYTICS, "get", "The views of the analysts' pages, and what each is for"),
    Asked(
        f"{ANALYTICS}/{{view}}", "get",
        "Rows of a view, latest first: of the dates from `from` to `to` (the last 30 days), at most"
        " `limit` (100, 1000 at most) after `offset` (100000 at most). Any other parameter is a"
        " column and the value that it must have; `window` is short for `attribution_window`. Where"
        " no model or window is said, `asked` in the answer tells which is meant, and `*` means"
        f" all. Views: {', '.join(sorted(set(VIEWS) - set(FUNCTIONS)))}",
        _DATED, more=_REFUSED,
    ),
    *(
        Asked(
            f"{ANALYTICS}/{page}", "get",
            f"The page {page}: rows of {views[0]} or, as `view`, of {', '.join(views[1:]) or 'it'}",
            ("view", *_DATED), more=_REFUSED,
        )
        for page, views in PAGES.items()
    ),
    *(
        Asked(
            f"{ANALYTICS}/{name}", "get",
            "Between two dates, both included: "
            + "; ".join(f"`{said}` is {option.told}" for said, option in view.options.items()),
            (*view.options, *_DATED), more=_REFUSED,
        )
        for name, view in FUNCTIONS.items()
    ),
    *(Asked(*one) for one in DESCRIBED),
    Asked(INFLUENCERS, "get", "Influencers and their codes"),
    Asked(
        INFLUENCERS, "post", "Make an influencer: a command onto the log, as all changes are",
        fields={"influencer_id": _TEXT, **_INFLUENCER}, required=("name",),
        more=(*_SPOOLED, *_THERE),
    ),
    Asked(_OF_AN_INFLUENCER, "get", "One influencer", more=_GONE),
    Asked(
        _OF_AN_INFLUENCER, "patch", "Change what is told", fields=_INFLUENCER,
        more=(*_SPOOLED, *_GONE),
    ),
    Asked(_OF_AN_INFLUENCER, "delete", "Take an influencer away", more=(*_SPOOLED, *_GONE)),
    Asked(SAVED_VIEWS, "get", "Saved views of the creatives' page"),
    Asked(
        SAVED_VIEWS, "post", "Save a view", fields={"view_id": _TEXT, **_SAVED},
        required=("name", "columns"), status="201", more=_THERE,
    ),
    Asked(_OF_A_SAVED_VIEW, "get", "One saved view", more=_GONE),
    Asked(_OF_A_SAVED_VIEW, "patch", "Change what is told", fields=_SAVED, more=_GONE),
    Asked(_OF_A_SAVED_VIEW, "delete", "Remove it", more=_GONE),
    Asked(f"{PLATFORMS}/", "get", "Connections, how they do, and which fields each platform has"),
    Asked(
        f"{PLATFORMS}/", "post", "Connect a platform by its keys; they are never told again",
        fields={"platform": _TEXT, **_FIELDS}, required=("platform", "fields"), status="201",
        more=_THERE,
    ),
    Asked(_OF_A_PLATFORM, "get", "One connection, and which of its fields are there", more=_GONE),
    Asked(_OF_A_PLATFORM, "patch", "Change what is told", fields=_FIELDS, more=_GONE),
    Asked(_OF_A_PLATFORM, "delete", "Give back what was granted, and forget it all", more=_GONE),
)  # fmt: skip


def asked() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of each; its `parameters` are the names of those in the query."""
    for one in _ASKED:
        operation: dict[str, Any] = {
            "summary": one.summary,
            "parameters": one.names,
            "responses": {
                code: {"description": text} for code, text in ((one.status, "ok"), *one.more)
            },
        }
        if one.fields:
            schema: dict[str, Any] = {"type": "object", "properties": one.fields}
            if one.required:
                schema["required"] = list(one.required)
            content = {"application/json": {"schema": schema}}
            operation["requestBody"] = {"required": True, "content": content}
        yield one.path, one.method, operation
