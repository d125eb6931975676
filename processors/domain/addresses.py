"""How much of a network address is kept (enough for a region, too little for a household), and
which addresses are the internet's."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_IPV4_BITS: Final = 24
_IPV6_BITS: Final = 48


@lru_cache(maxsize=8192)
def truncated(address: str) -> str | None:
    """The address with its host part zeroed: an IPv4 /24, an IPv6 /48. None for what is none.

    An IPv4 address that is written as an IPv6 one is cut as the IPv4 address that it is.
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or IPv6Address(int(found))  # without its zone
    bits = _IPV6_BITS if found.version == 6 else _IPV4_BITS
    return str(ip_network(f"{found}/{bits}", strict=False).network_address)


_NAT64: Final = ip_network("64:ff9b::/96")
_UNICAST: Final = ip_network("2000::/3")
_NOT_OURS_TO_CALL: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # a cloud's own services, at an address like anybody's
            "192.0.0.0/24",  # protocols (RFC 6890), and another cloud's metadata
            "192.88.99.0/24",  # relays into IPv6 (RFC 7526)
            "2001::/23",  # Teredo, and what else is no host's (RFC 2928)
            "2002::/16",  # 6to4: any IPv4 address within (RFC 7526)
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether it is an address of the public internet, and not of this machine, its neighbours or
    a cloud's metadata.

    An IPv6 address that carries an IPv4 one (mapped, or NAT64 as RFC 6052 has it) is judged by
    that; of the others only global unicast (RFC 4291, 2.5.4) is public. What is written in any
    other way than `ipaddress` reads it is not.
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        within = found.ipv4_mapped
        if found in _NAT64:
            within = IPv4Address(int(found) & 0xFFFFFFFF)
        if within is None and found not in _UNICAST:
            return False
        found = within or found
    if found.is_multicast or found.is_reserved or not found.is_global:
        return False
    return not any(found in network for network in _NOT_OURS_TO_CALL)
