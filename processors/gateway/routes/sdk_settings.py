"""What the browser SDKs of Segment and RudderStack fetch before they send anything.

analytics.js asks its CDN for `/v1/projects/{writeKey}/settings` and sends to the `apiHost` that it
is told; RudderStack's SDK asks its config URL for `/sourceConfig/` and sends to the data plane URL
that the page gives it. Both are told of no destination: everything goes through the gateway. (What
RudderStack's SDK sends with are plugins, which are fetched from its maker by every build but
`@rudderstack/analytics-js/bundled`.)
"""

from typing import Any, Final

from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form, Reply, Request, plain
from processors.gateway.keys import Key
from processors.gateway.refusal import Refused
from processors.gateway.registry import handler
from processors.gateway.settings import GatewaySettings
from processors.gateway.write_keys import basic_user, by_write_key

_END: Final = "/settings"
_PATIENCE: Final = {name: {"maxRetryCount": 100} for name in ("backoffConfig", "rateLimitConfig")}
"""How often analytics.js tries before it drops a message: as often as it lets itself be told. By
itself it gives up after ten times, which is a quarter of an hour without a gateway."""


def _none(_: Request, __: Door, ___: GatewaySettings) -> list[Any]:
    return []


def _project_key(request: Request) -> str:
    return request.rest.removesuffix(_END) if request.rest.endswith(_END) else ""


async def _who_project(request: Request) -> Key | None:
    key = _project_key(request)
    return await request.directory.find_key(key) if key else None


def _segment(_: Outcome, __: Door, request: Request, ___: int) -> Reply:
    host = request.headers.get(b"host", b"").decode("latin-1")
    source = {
        "apiKey": _project_key(request),
        "apiHost": f"{host}/v1",
        "protocol": request.scheme,
        "httpConfig": _PATIENCE,
    }
    return plain(
        200,
        {
            "integrations": {"Segment.io": source},
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "analyticsNextEnabled": True,
            "edgeFunction": {},
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        },
    )


def _rudder(_: Outcome, door: Door, request: Request, __: int) -> Reply:
    key = basic_user(request.headers.get(b"authorization", b""))
    return plain(
        200,
        {
            "source": {
                "id": door.tenant,
                "name": door.tenant,
                "writeKey": key or request.parameters.get("writeKey", ""),
                "enabled": True,
                "destinations": [],
                "connections": [],
                "config": {
                    "statsCollection": {
                        "errors": {"enabled": False},
                        "metrics": {"enabled": False},
                    }
                },
            }
        },
    )


@handler(
    "/v1/projects/",
    form=Form(
        _none, methods=("GET",), who=_who_project, respond=_segment, rest=f"{{writeKey}}{_END}"
    ),
)
def project(_: dict[str, Any], __: Door) -> Accepted:
    """Tell analytics.js, which asks for `{writeKey}/settings`, to send here."""
    raise Refused("", "takes no items")


@handler(
    "/sourceConfig",
    form=Form(
        _none,
        methods=("GET",),
        who=by_write_key,
        respond=_rudder,
        parameters={"writeKey": "or basic authentication with it as the user"},
    ),
)
def source(_: dict[str, Any], __: Door) -> Accepted:
    """Tell RudderStack's SDK about its source: there, enabled, without a destination."""
    raise Refused("", "takes no items")
