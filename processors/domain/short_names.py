"""Short names: ids that people can read and type, made of what they call a thing."""

import re
from typing import Final

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def short_name(name: str) -> str:
    """The name in lower-case letters, digits and dashes; empty when it has none of them."""
    return _OTHER.sub("-", name.lower()).strip("-")
