"""Which tokens an authorization server gave out, to whom, and which of them still last.

A refresh token that it never gave out belongs to the first client that uses it, and an access token
that it never gave out is `foreign`: tenants have tokens from before, or made by hand.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["good", "expired", "revoked", "foreign"]


@dataclass(slots=True)
class Permission:
    """What somebody has let a client do; `first` is the refresh token that it began with and
    `refresh` the one that counts now, both empty where there is none."""

    client: str
    first: str
    refresh: str
    is_revoked: bool = False


class Issued:
    """The tokens of one server; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refresh: dict[str, Permission] = {}
        self._access: dict[str, tuple[Permission, float]] = {}
        self._void: set[str] = set()
        self._expired: set[str] = set()
        self._revoked: set[str] = set()
        self._made = 0

    @property
    def sold(self) -> int:
        """How many access tokens were given out."""
        return len(self._access)

    def new(self, kind: str) -> str:
        """A secret that nobody has had."""
        self._made += 1
        return f"{kind}-secret-{self._made}"

    def permit(self, client: str, *, refreshes: bool) -> Permission:
        """Begin a permission, with a refresh token or without."""
        token = self.new("refresh") if refreshes else ""
        made = Permission(client, token, token)
        if token:
            self._refresh[token] = made
        return made

    def used(self, refresh: str, client: str) -> Permission | None:
        """What the client may buy with it; None when it is no good or another's."""
        if not refresh or refresh in self._void | self._revoked:
            return None
        found = self._refresh.setdefault(refresh, Permission(client, refresh, refresh))
        return None if found.is_revoked or found.client != client else found

    def exchanged(self, access: str) -> Permission | None:
        """What a good access token of ours stands for."""
        return self._access[access][0] if self.state(access) == "good" else None

    def rotate(self, held: Permission) -> None:
        """Void the refresh token and give another."""
        self._void.add(held.refresh)
        del self._refresh[held.refresh]
        held.refresh = self.new("refresh")
        self._refresh[held.refresh] = held

    def sell(self, held: Permission, *, seconds: int) -> str:
        """An access token that lasts so long."""
        token = self.new("access")
        self._access[token] = held, self._clock() + seconds
        return token

    def state(self, token: str) -> State:
        """Of an access token."""
        held, ends = self._access.get(token, (None, 0.0))
        if token in self._revoked or (held is not None and held.is_revoked):
            return "revoked"
        if token in self._expired or (held is not None and self._clock() >= ends):
            return "expired"
        return "foreign" if held is None else "good"

    def credential(self, token: str) -> str:
        """What the account's owner knows of it: the refresh token that its permission began with,
        or itself."""
        held, _ = self._access.get(token, (None, 0.0))
        return token if held is None or not held.first else held.first

    def is_sold(self, token: str) -> bool:
        """Whether it was given out here."""
        return token in self._access

    def expire(self, tokens: Iterable[str] | None) -> None:
        """End access tokens before their time; None is all of ours."""
        self._expired |= set(self._access if tokens is None else tokens)

    def revoke(self, tokens: Iterable[str] | None) -> None:
        """Void access tokens, each alone, and refresh tokens with all that they bought; None is all
        of ours."""
        if tokens is None:
            for held in (*self._refresh.values(), *(held for held, _ in self._access.values())):
                held.is_revoked = True
            return
        for token in tokens:
            self._revoked.add(token)
            if token in self._refresh:
                self._refresh[token].is_revoked = True

    def forget(self, token: str) -> None:
        """End the permission that an access or a refresh token is of."""
        held = self._refresh.get(token) or self._access.get(token, (None, 0.0))[0]
        if held is not None:
            held.is_revoked = True

    def report(self) -> dict[str, object]:
        """What is good now, and how many secrets were made."""
        refresh = (token for token, held in self._refresh.items() if not held.is_revoked)
        access = (token for token in self._access if self.state(token) == "good")
        return {"refresh": sorted(refresh), "access": sorted(access), "made": self._made}
