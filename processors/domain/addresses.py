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


def is_public(address: str) -> bool:
    """Whether it is an address of the public internet, and not of this machine, its neighbours or
    a cloud's metadata; an address that carries an IPv4 one within (mapped, 6to4, Teredo, NAT64) is
    judged by that, too."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        within = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            within.append(IPv4Address(int(found) & 0xFFFFFFFF))
        carried = [one for one in within if one is not None]
        if carried:
            return all(one.is_global and not one.is_multicast for one in carried)
    return found.is_global and not found.is_multicast
