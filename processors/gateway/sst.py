"""The headers by which a server-side tagging collector tells what it did with a hit.

`X-SST-*` on the answers of `/g/collect` and `/collect`: how many hits were taken and refused, the
vendors that they will be routed to (the tags of a container, in our case the tenant's connected
destinations), and whether they are relayed to a container of the tenant's own.
"""

from typing import Final

from processors.gateway.door import Door, Outcome

RELAY: Final = "sgtm"

Headers = tuple[tuple[bytes, bytes], ...]


def headers(outcome: Outcome, door: Door) -> Headers:
    """The headers of one answer."""
    vendors = [platform for platform in door.platforms if platform != RELAY]
    relayed = bool(outcome.accepted) and RELAY in door.platforms
    return (
        (b"x-sst-accepted", b"%d" % len(outcome.accepted)),
        (b"x-sst-rejected", b"%d" % len(outcome.rejected)),
        (b"x-sst-vendors", ",".join(vendors).encode() if outcome.accepted else b""),
        (b"x-sst-relay", b"on" if relayed else b"off"),
    )
