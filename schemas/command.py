"""`commands.v1`: what changes results and is not an event. Part of THE LOG."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Consent, Currency, Frozen, Id, Millis, Record, Sha256

Code = Annotated[str, Field(min_length=1, max_length=128)]


MOST_CHARACTERS = 32_768
"""Of a setting: most are a word, the channel rules are a document."""

MODEL_CHARACTERS = 131_072
"""Of a model's document: numbers of some hundred channels."""


class SetSetting(Frozen):
    """`tenant set ID key=value`; the value of a key with the greatest (issued_at, command_id)."""

    kind: Literal["setting"] = "setting"
    key: Id
    value: str = Field(max_length=MOST_CHARACTERS)


class SetRate(Frozen):
    """One unit of `currency` is worth `rate` units of `reporting` on `date` and until the next."""

    kind: Literal["rate"] = "rate"
    currency: Currency
    reporting: Currency
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    rate: str = Field(pattern=r"^\d+(\.\d+)?$", description="decimal")


class Unlink(Frozen):
    """Takes the edge between two ids out of the graph (`linked` true puts it back)."""

    kind: Literal["unlink"] = "unlink"
    a: Id = Field(description="kind:value")
    b: Id = Field(description="kind:value")
    linked: bool = False


class SetConsent(Frozen):
    """A person's decision, under every id the call named."""

    kind: Literal["consent"] = "consent"
    ids: tuple[Id, ...] = Field(description="kind:value of each joining id")
    consent: Consent


class Suppress(Frozen):
    """Takes people out of delivery and credit, under every id the call named, whenever their events
    were; `suppressed` false ends it for these ids. Somebody is suppressed as long as any of their
    ids is."""

    kind: Literal["suppress"] = "suppress"
    ids: tuple[Id, ...] = Field(min_length=1, description="kind:value of each joining id")
    suppressed: bool = True
    reason: str = Field("", max_length=512)


class Recalculate(Frozen):
    """Asks for a fresh look at conversions: those named, else those whose `converted_at` lies in
    [since, until). It changes no served row unless a cache was wrong."""

    kind: Literal["recalculate"] = "recalculate"
    conversions: tuple[Id, ...] = ()
    since: Millis | None = None
    until: Millis | None = None


class SetInfluencer(Frozen):
    """An influencer and the codes that lead to an order; `removed` takes the influencer away."""

    kind: Literal["influencer"] = "influencer"
    influencer_id: Id
    name: Id
    discount_codes: tuple[Code, ...] = Field((), max_length=100)
    ref_codes: tuple[Code, ...] = Field((), max_length=100)
    commission_rate: str = Field(
        "0", pattern=r"^(0(\.\d{1,9})?|1(\.0{1,9})?)$", description="decimal, 0 to 1"
    )
    removed: bool = False


class SetOfflineBatch(Frozen):
    """How an upload of offline conversions stands; its rows are records of orders.v1. All reports
    of a batch are kept: a finished one stands before one that is under way, then the latest."""

    kind: Literal["offline_batch"] = "offline_batch"
    batch_id: Id
    batch_name: Id
    platform: Id | None = None
    upload_type: Id
    status: Literal["processing", "completed", "failed"]
    total_records: int = Field(0, ge=0, le=10**9, description="rows of the file")
    failed_records: int = Field(0, ge=0, le=10**9, description="rows that were refused")
    created_at: Millis
    completed_at: Millis | None = None


class PromoteModel(Frozen):
    """A trained model for the conversions since `applies_from`: of the promotions that reach a
    conversion the one with the greatest (issued_at, command_id) stands. An empty document takes
    them back to the untrained fallback."""

    kind: Literal["model"] = "model"
    model: Literal["data_driven"] = "data_driven"
    document: str = Field(max_length=MODEL_CHARACTERS, description="JSON of a trained model")
    applies_from: Millis = 0


class Erase(Frozen):
    """Takes out of every table what was received of a person until `erased_at`, whenever it comes
    in: what carries one of these ids is dropped, an order that ever carried one keeps its money and
    loses everything else. It names ids by their hashes alone, so that it tells nobody who that was;
    of two for one id the later `erased_at` stands."""

    kind: Literal["erase"] = "erase"
    erased_at: Millis
    subjects: tuple[Sha256, ...] = Field(
        min_length=1, max_length=10_000, description="SHA-256 of `tenant|kind:value` of each id"
    )


Body = Annotated[
    SetSetting
    | SetRate
    | Unlink
    | SetConsent
    | Suppress
    | Recalculate
    | SetInfluencer
    | SetOfflineBatch
    | PromoteModel
    | Erase,
    Field(discriminator="kind"),
]


class Command(Record):
    """A command; of two for one subject the greater (issued_at, command_id) wins."""

    command_id: Id
    issued_at: Millis
    received_at: Millis
    body: Body
