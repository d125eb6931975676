"""`conversions.v1`: a pointer, "look at this conversion again". Its content is never trusted."""

from schemas.envelope import Record


class ConversionPointer(Record):
    """Names a conversion whose inputs changed; `rev` is the revision that its commit gave it."""

    conversion_id: str
    rev: int
