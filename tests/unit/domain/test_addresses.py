"""What is left of an address names a region and no household."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.addresses import truncated


@given(st.ip_addresses())
def test_whoever_shares_the_network_is_left_with_the_same_address(
    address: IPv4Address | IPv6Address,
) -> None:
    bits = 24
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        bits = 48
    cut = truncated(str(address))
    assert cut is not None
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    network = ip_network(f"{plain or address}/{bits}", strict=False)
    assert ip_address(cut) == network.network_address
    assert {truncated(str(network[0])), truncated(str(network[-1]))} == {cut}
    assert truncated(cut) == cut


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.9", "203.0.113.0"),
        (" 203.0.113.255 ", "203.0.113.0"),
        ("2001:db8:1:2:3::9", "2001:db8:1::"),
        ("::ffff:203.0.113.9", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("203.0.113", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_an_address_is_cut_and_what_is_none_is_nothing(address: str, cut: str | None) -> None:
    assert truncated(address) == cut
