"""What an upload says of itself: in the query, in form fields, or beside its rows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from processors.gateway import fields
from processors.gateway.refusal import Problem, Refused

NAMES: Final = ("batch_id", "batch_name", "platform", "upload_type", "currency")
DEFAULT_TYPE: Final = "conversions"


@dataclass(frozen=True, slots=True)
class Options:
    """The batch that an upload is."""

    batch_id: str
    batch_name: str
    platform: str | None
    upload_type: str
    currency: str | None


def options(said: Mapping[str, Any], digest: str) -> Options:
    """The batch; without an id it is named by the file's hash and by what it is called.

    Raises:
        Problem: 422, naming the option that cannot be used.
    """
    found: dict[str, str] = {}
    for name in NAMES:
        value = said.get(name)
        if value is not None and value != "":
            try:
                clean = fields.ident(value, name, fields.MAX_NAME)
                if clean is not None:
                    if "\0" in clean:
                        raise Refused(name, "has a NUL character")
                    found[name] = fields.currency(clean, name) if name == "currency" else clean
            except Refused as refused:
                raise Problem(422, "bad_option", f"{refused.field} {refused.error}") from None
    platform = found.get("platform")
    upload_type = found.get("upload_type", DEFAULT_TYPE)
    batch_id = found.get("batch_id") or _named(found, digest)
    return Options(
        batch_id=batch_id,
        batch_name=found.get("batch_name", batch_id),
        platform=platform.lower() if platform else None,
        upload_type=upload_type,
        currency=found.get("currency"),
    )


def _named(found: Mapping[str, str], digest: str) -> str:
    parts = [digest, *(f"{name}={found[name]}" for name in NAMES if name in found)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
