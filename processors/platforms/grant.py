"""What a vendor's authorization needs, as data: one declaration in each platform's settings.

One engine (`processors.platforms.connecting`) goes through them all, so a new vendor is a `Grant`
beside its `CONNECTION` and a row in `processors.platforms.grants`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import Field, SecretStr

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID

EXPIRES: Final = "access_token_expires_at"
"""Part of the credentials: when an access token that is not refreshed ends, epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Where what a token may use is listed: `path` below the API's URL, in which `{of}` is an id of
    the listing before it, and `{client_id}` and `{client_secret}` are the app's.

    `rows` leads to the list, `row` from one of its rows to the object that has `id` and `name`; a
    row that is a text is a resource's name, whose last part is the id. `part` is what the id is
    called among the credentials, or nothing for one that only leads on."""

    path: str
    rows: str
    row: str = ""
    id: str = "id"
    name: str = "name"
    part: str = ACCOUNT_ID


@dataclass(frozen=True, slots=True)
class Probe:
    """A cheap authenticated read; `{account_id}` is the account's. `any_token`: a token that the
    tenant gave by hand may read it, too, not only one of an authorization."""

    path: str
    any_token: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorization-code flow (RFC 6749, section 4.1), as the vendor has it.

    `pkce`: the vendor checks a code verifier (RFC 7636, S256). `basic`: the client says who it is
    in the Authorization header. `json`: the code is exchanged in JSON, whose answer is under
    `data`. `renews_scope`: a refresh says the scopes, too. `long_lived`: a short token is exchanged
    for a long one by `fb_exchange_token`.
    `revoke_url` takes the token that RFC 7009 describes."""

    authorize_url: str
    exchange_url: str
    api_url: str
    scopes: tuple[str, ...]
    separator: str = " "
    pkce: bool = False
    basic: bool = False
    json: bool = False
    renews_scope: bool = False
    long_lived: bool = False
    client: tuple[str, str] = ("client_id", "client_secret")
    """What the app's id and its secret are called."""
    code: str = "code"
    asked: Mapping[str, str] = field(default_factory=dict)
    """More that the address of the vendor's page says."""
    exchanged: Mapping[str, str] = field(default_factory=dict)
    """More that the exchange of the code says."""
    header: str = "authorization"
    """Of the token; `Bearer` stands before it in this one alone."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More that each question says."""
    listings: tuple[Listing, ...] = ()
    probe: Probe | None = None
    revoke_url: str = ""

    @property
    def scope(self) -> str:
        """All scopes, as the vendor reads them."""
        return self.separator.join(self.scopes)


class App(Settings):
    """Our application at a vendor: `ATTRIBUTARY_META_CLIENT_ID` and so on. A URL that is not set is
    that of the vendor's `Grant`."""

    authorize_url: str = ""
    token_url: str = ""
    api_url: str = Field("", description="where accounts are listed and connections are probed")
    revoke_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    timeout_seconds: float = Field(10.0, gt=0)

    @classmethod
    def of(cls, platform: str, **overrides: Any) -> "App":
        """The settings whose variables begin with `ATTRIBUTARY_{PLATFORM}_`."""
        # Not `load`: its messages would name variables without the platform.
        return cls(_env_prefix=f"ATTRIBUTARY_{platform.upper()}_", **overrides)
