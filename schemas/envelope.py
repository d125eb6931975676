"""What every record shares: a tenant first, event time in the payload, unknown fields ignored.

Times are integers, epoch milliseconds, UTC. Money is integers in the currency's minor unit.
Unknown fields are ignored so that a consumer survives a producer that is one release ahead.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Millis = Annotated[int, Field(ge=0, le=253_402_300_799_999, description="epoch milliseconds, UTC")]
Minor = Annotated[int, Field(ge=0, le=10**15, description="money in the currency's minor unit")]
TenantId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")]
Id = Annotated[str, Field(max_length=512, description="fits an index with room to spare")]
Json = dict[str, object]
Flag = Literal["granted", "denied"]


class Frozen(BaseModel):
    """A part of a record."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Record(Frozen):
    """A record of a topic: `tenant_id` leads its key, too."""

    tenant_id: TenantId


class Consent(Frozen):
    """Google's consent-mode flags, and whether somebody may be written to by WhatsApp; an absent
    flag leaves the decision to the tenant's setting."""

    ad_storage: Flag | None = None
    ad_user_data: Flag | None = None
    ad_personalization: Flag | None = None
    analytics_storage: Flag | None = None
    whatsapp: Flag | None = Field(None, description="marketing messages there: stop and start")


class Identifiers(Frozen):
    """Ids seen together on one event. The first five and the visitor join people; the rest
    belong to a visitor and never join two (design.md, section 5)."""

    customer_id: Id | None = None
    email_sha256: Sha256 | None = None
    phone_sha256: Sha256 | None = None
    external_id: Id | None = None
    device_id: Id | None = None
    ga4_client_id: Id | None = None
    ga4_session_id: Id | None = None
    fbp: Id | None = None
    fbc: Id | None = None
    ttp: Id | None = Field(None, description="TikTok's cookie _ttp")
    scid: Id | None = Field(None, description="Snapchat's cookie _scid")
    epik: Id | None = Field(None, description="Pinterest's cookie _epik; a click id of a landing")


class Marketing(Frozen):
    """Where a visit came from, as sent or as the URL says (what was sent wins)."""

    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    fbclid: str | None = None
    gclid: str | None = None
    gbraid: str | None = None
    wbraid: str | None = None
    ttclid: str | None = None
    msclkid: str | None = None
    sccid: str | None = None
    epik: str | None = None
    li_fat_id: str | None = None
    ctwa_clid: str | None = Field(None, description="of a message that an ad led to")
    ref: str | None = None
    creator: str | None = None


class Browser(Frozen):
    """What the browser says of itself; the address is kept as the tenant's IP policy allows."""

    url: str | None = None
    referrer: str | None = None
    user_agent: str | None = None
    ip: str | None = None


BotReasons = Annotated[
    tuple[Id, ...],
    Field(description="signs by which the gateway took the hit for a robot's; empty for a person"),
]
Fingerprint = Annotated[
    str | None,
    Field(
        max_length=64,
        description="hash of user agent and coarse hints; tells coverage and joins nobody",
    ),
]


class Content(Frozen):
    """A product line of an event or an order."""

    product_id: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: int = 1
    price: Minor | None = None


class UserData(Frozen):
    """Hash forms of a person's details, one per vendor dialect (platforms/*.md), and the clear
    values sealed under a key that only a connector opens. Never clear text."""

    hashed: dict[str, Sha256] = Field(default_factory=dict)
    sealed: str | None = Field(None, description="AES-SIV, base64; JSON of the clear values")

    def __hash__(self) -> int:
        """Pydantic copies a default deeply, for each record anew, unless it has a hash."""
        return hash((frozenset(self.hashed.items()), self.sealed))
