"""What a browser's request says beside its body, and what the requests of one process share.

A `Visit` is made for browser keys only: a request with a server key pays nothing for it. What it
means for an item is in `stamps`.
"""

import hashlib
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from processors.domain import robots
from processors.domain.consent import FLAGS
from processors.engine.metrics import Metrics
from processors.gateway import cookies
from processors.gateway.access import peer_of
from processors.gateway.anonymity import visitor_of_the_day
from processors.gateway.pace import Pace
from processors.gateway.policy import Policy
from processors.gateway.query import first
from processors.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from processors.gateway.arrival import Seen
    from processors.gateway.door import Door

GPC_DENIES: Final = ("ad_user_data", "ad_personalization")
"""What Global Privacy Control forbids: that data of the person is sold, or shared for ads."""

_TRUE: Final = frozenset({"1", "true", "*"})
_LONGEST_AGENT: Final = 2048


@dataclass(slots=True)
class Visit:
    """One request of a browser: the flags that it denies, its signs of a robot, its hints at the
    device, who stands for a visitor that wishes to be nobody, and the id cookie."""

    denied: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    hints: tuple[str, str] = ("", "")
    nobody: str | None = None
    cookie: cookies.Cookie | None = None


class Guard:
    """What visits share in one process: how often somebody comes, the secret of anonymous ids, and
    a count of the robots."""

    def __init__(self, settings: GatewaySettings, metrics: Metrics) -> None:
        secret = settings.seal_key.get_secret_value().encode()
        self._secret = hashlib.sha256(b"attributary anonymous visitors\n" + secret).digest()
        self._metrics = metrics
        self._robots: Counter[str] = Counter()
        self.pace = Pace(settings.pace_per_minute)

    def meet(
        self, door: "Door", scope: MutableMapping[str, Any], headers: dict[bytes, bytes]
    ) -> None:
        """Note at the door what the request of a browser says."""
        policy = door.policy
        ip = peer_of(scope)
        agent = headers.get(b"user-agent", b"").decode("latin-1")[:_LONGEST_AGENT]
        visit = door.visit = Visit(
            denied=_denied(headers, policy),
            signs=robots.of_headers(headers),
            hints=(
                headers.get(b"sec-ch-ua-platform", b"").decode("latin-1"),
                headers.get(b"sec-ch-ua-mobile", b"").decode("latin-1"),
            ),
        )
        if policy.anonymous or _asks_to_be_nobody(scope, headers):
            visit.signs += robots.of_agent(agent)
            visit.nobody = visitor_of_the_day(
                self._secret, tenant=door.tenant, received_at=door.received_at, ip=ip, agent=agent
            )
        else:
            door.ip, door.user_agent = ip, agent
            visit.cookie = cookies.cookie_of(headers, policy)

    def meet_again(self, door: "Door", seen: "Seen") -> None:
        """The same for a request that an operator puts back: it is what it was, but for a visitor
        whom the tenant has since then wished to be nobody."""
        nobody = seen.nobody
        if nobody is None and door.policy.anonymous:
            nobody = visitor_of_the_day(
                self._secret, tenant=door.tenant, received_at=door.received_at, ip=seen.ip,
                agent=seen.user_agent,
            )  # fmt: skip
        visit = door.visit = Visit(seen.denied, seen.signs, seen.hints, nobody)
        if nobody is None:
            door.ip, door.user_agent = seen.ip, seen.user_agent
            if seen.visitor is not None:
                visit.cookie = cookies.remembered(seen.visitor)

    def note(self, reasons: tuple[str, ...]) -> None:
        """Another record of a robot."""
        self._robots.update(reasons)

    def flush(self) -> None:
        """Into the metrics."""
        for reason, n in self._robots.items():
            self._metrics.count("attributary_bots_total", n, reason=reason)
        self._robots.clear()


def set_by(door: "Door") -> list[tuple[bytes, bytes]]:
    """The headers of an answer to the visit; an operator is no visitor."""
    visit = door.visit
    if visit is None or visit.cookie is None or door.replay:
        return []
    return visit.cookie.headers()


def _denied(headers: dict[bytes, bytes], policy: Policy) -> tuple[str, ...]:
    if policy.dnt and headers.get(b"dnt") == b"1":
        return FLAGS
    return GPC_DENIES if policy.gpc and headers.get(b"sec-gpc") == b"1" else ()


def _asks_to_be_nobody(scope: MutableMapping[str, Any], headers: dict[bytes, bytes]) -> bool:
    said = headers.get(b"x-anonymous")
    if said is not None:
        return said.strip().decode("latin-1").lower() in _TRUE
    return first(scope["query_string"], b"anonymous").lower() in _TRUE
