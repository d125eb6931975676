"""What a key may do: its kind, its rate, and the rules that it is bound to beyond those.

A login's token is a key, too: of one of its tenants, and only where `terms.API` says.
"""

from dataclasses import dataclass
from typing import Literal

from processors.domain.origins import Origins
from processors.gateway.bucket import Bucket

Role = Literal["viewer", "analyst", "admin"]


@dataclass(frozen=True, slots=True)
class Login:
    """Who holds a login's token."""

    email: str
    role: Role
    tenants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a key is bound to: an end (epoch milliseconds), the pages that may use it, events that
    have no effect, a secret that signs every request, a login."""

    until: int | None = None
    origins: Origins | None = None
    denied: frozenset[str] = frozenset()
    dry_run: bool = False
    secret: bytes | None = None
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may do, and for whom; `own` processes hold it."""

    tenant: str
    server: bool
    bucket: Bucket | None = None
    rules: Rules | None = None
    own: bool = False
