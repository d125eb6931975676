"""`conversions.v1`: a pointer, "look at this conversion again". Its content is never trusted."""

from pydantic import Field

from schemas.envelope import Id, Record


class ConversionPointer(Record):
    """Names a conversion whose inputs changed; `rev` is the revision that its commit gave it."""

    conversion_id: Id
    rev: int = Field(ge=0, lt=2**63)
