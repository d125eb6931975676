"""Which events platforms must have been told of, and which they may have been told of.

Consent, links and settings change while the log is read, so between the two sets lies what
depends on when it was looked at: `must` has what nothing in the log speaks against, `may` all
that anything in the log speaks for. What was received before a platform was connected is told to
it only if something else makes it looked at again, so the platform must hear of what was received
since, any snapshot of an order or record of an event being enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.oracle import ids
from tests.oracle.chats import PLATFORM as CHAT
from tests.oracle.chats import Chats
from tests.oracle.commands import Commands
from tests.oracle.fold import Conversion, conversions
from tests.oracle.graph import Graph
from tests.oracle.log import Log, events
from tests.oracle.nodes import nodes
from tests.oracle.words import Json

Delivered = set[tuple[str, str, str]]
"""(tenant, platform, event id)."""

_NEEDS = {
    "ga4": ("analytics_storage",),
    "klaviyo": ("ad_user_data",),
    "whatsapp": ("ad_user_data", "whatsapp"),
}
_ADS = ("ad_storage", "ad_user_data")


def deliveries(
    tenant: str, log: Log, *, rules: Commands, graph: Graph, platforms: Mapping[str, int]
) -> tuple[Delivered, Delivered]:
    """The (must, may) sets of one tenant; `platforms` says since when each is connected, in epoch
    milliseconds."""
    consent, chats = _Consent(rules, graph), Chats(log, graph)
    robots_leave = "exclude" in rules.ever["bot_policy"]
    must: Delivered = set()
    may: Delivered = set()
    now = rules.settings["pixel_orders"] == "true"
    ever = "true" in rules.ever["pixel_orders"]
    for platform, since in platforms.items():
        for c in conversions(tenant, log, with_pixel=now):
            if platform == CHAT and not chats.must_hear_of_order(c):
                continue
            meant = c.destinations <= {None, platform} and c.last_received >= since
            if c.deliverable and meant and consent.undisputed(platform, c.consents, c.nodes):
                must.add(_purchase(tenant, c, platform))
        for c in conversions(tenant, log, with_pixel=now or ever):
            if platform == CHAT and not chats.may_hear_of_order(c):
                continue
            meant = bool(c.destinations & {None, platform})
            if c.deliverable and meant and consent.possible(platform, c.consents, c.nodes):
                may.add(_purchase(tenant, c, platform))
        for contents in _pixel_contents(log):
            if platform == CHAT and not chats.may_hear_of(contents):
                continue
            named = [_event(tenant, content, platform) for content in contents]
            said = [content["consent"] or {} for content in contents]
            seen = {node for content in contents for node in nodes(content)}
            some = {(tenant, platform, name) for name in named if name}
            if consent.possible(platform, said, seen):
                may |= some
            certain = any(content["received_at"] >= since for content in contents) and (
                platform != CHAT or chats.must_hear_of(contents)
            )
            robot = robots_leave and any(content["bot_reasons"] for content in contents)
            if (
                certain
                and len(set(named)) == 1
                and not robot
                and consent.undisputed(platform, said, seen)
            ):
                must |= some
    return must, may


def _purchase(tenant: str, conversion: Conversion, platform: str) -> tuple[str, str, str]:
    event_id = ids.purchase(tenant, conversion.source, conversion.order_id, platform)
    return tenant, platform, event_id


def _pixel_contents(log: Log) -> Iterable[list[Json]]:
    """All contents of each event id."""
    by_id: dict[str, list[Json]] = defaultdict(list)
    for event in events(log):
        by_id[event["event_id"]].append(event)
    return by_id.values()


def _event(tenant: str, event: Json, platform: str) -> str | None:
    """Identify calls, answers and what vendors told us are no events for a platform, and an order's
    purchase comes from the order."""
    if event["source"] in ("identify", "survey", "webhook") or (
        event["event_name"] == "Purchase" and event["order_id"]
    ):
        return None
    return ids.event(tenant, platform, event)


class _Consent:
    """Everything the log says of consent, of whoever the sender may ever have been."""

    def __init__(self, rules: Commands, graph: Graph) -> None:
        self._absent = rules.ever["consent_when_absent"]
        self._anyone = graph.anyone
        self._decisions: dict[str, list[Json]] = defaultdict(list)
        for body in rules.decisions:
            for node in body["ids"]:
                self._decisions[graph.anyone.get(node, node)].append(body["consent"])
        self._suppressed = {graph.anyone.get(node, node) for node in rules.ever_suppressed}

    def _decided(self, seen: Iterable[str]) -> list[Json]:
        people = {self._anyone.get(node, node) for node in seen}
        return [consent for person in people for consent in self._decisions[person]]

    def undisputed(self, platform: str, said: Iterable[Json], seen: Iterable[str]) -> bool:
        """Nobody ever denied a flag that the platform needs or was suppressed, and silence never
        meant denial."""
        nodes_seen = set(seen)
        if self._suppressed & {self._anyone.get(node, node) for node in nodes_seen}:
            return False
        own, decided = list(said), self._decided(nodes_seen)
        for flag in _NEEDS.get(platform, _ADS):
            values = {consent.get(flag) for consent in own}
            if "denied" in values | {consent.get(flag) for consent in decided}:
                return False
            if None in values and self._absent != {"granted"}:
                return False
        return True

    def possible(self, platform: str, said: Iterable[Json], seen: Iterable[str]) -> bool:
        """Of each flag that the platform needs, someone once granted it, or kept silent."""
        own, decided = list(said), self._decided(seen)
        return all(
            any(consent.get(flag) != "denied" for consent in own)
            or any(consent.get(flag) == "granted" for consent in decided)
            for flag in _NEEDS.get(platform, _ADS)
        )
