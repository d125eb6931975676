"""How much of a network address is kept: enough for a region, too little for a household."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
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
