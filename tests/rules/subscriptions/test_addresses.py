"""Where a webhook may be: every way to write an address that leads inside is refused, however it is written."""

import asyncio
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkops.subscriptions.addresses import AddressRefused, is_allowed, parse_networks
from linkops.subscriptions.delivery.resolving import Resolver

EVERYTHING = parse_networks(["0.0.0.0/0", "::/0"])
NEVER = ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/4", "fe80::/10", "ff00::/8", "::/127"]
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "240.0.0.0/5", "fc00::/7", "2001:db8::/32"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1"]


def addresses_in(network: str) -> st.SearchStrategy[str]:
    """Return a strategy for the addresses of a network, as text."""
    parsed = ip_network(network)
    numbers = st.integers(int(parsed.network_address), int(parsed.broadcast_address))
    kind = IPv4Address if parsed.version == 4 else IPv6Address
    return numbers.map(lambda number: str(kind(number)))


never = st.one_of(*map(addresses_in, NEVER))
private = st.one_of(*map(addresses_in, PRIVATE))


def disguises(address: str) -> list[str]:
    """Return IPv6 addresses that lead to an IPv4 address, or could where somebody translates."""
    number = int(ip_address(address))
    bases = ("::ffff:0:0", "64:ff9b::", "::")
    return [str(IPv6Address(int(IPv6Address(base)) + number)) for base in bases]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, [])


@given(address=private)
def test_private_addresses_are_allowed_only_where_they_are_listed(address: str) -> None:
    assert not is_allowed(address, [])
    assert is_allowed(address, EVERYTHING)


@given(address=never)
def test_this_machine_and_its_neighbours_are_never_allowed(address: str) -> None:
    assert not is_allowed(address, [])
    assert not is_allowed(address, EVERYTHING)


@given(address=st.one_of(addresses_in("127.0.0.0/8"), addresses_in("169.254.0.0/16")))
def test_a_disguise_changes_nothing(address: str) -> None:
    assert not any(is_allowed(disguise, EVERYTHING) for disguise in disguises(address))


@given(address=addresses_in("10.0.0.0/8"))
def test_a_disguised_private_address_is_judged_as_what_it_leads_to(address: str) -> None:
    listed = parse_networks(["10.0.0.0/8"])
    assert all(is_allowed(disguise, listed) for disguise in disguises(address))
    assert not any(is_allowed(disguise, []) for disguise in disguises(address))


@given(address=st.ip_addresses())
def test_what_is_allowed_is_global(address: IPv4Address | IPv6Address) -> None:
    leads_inside = any((address.is_loopback, address.is_link_local, address.is_multicast, address.is_private))
    assert not (leads_inside and is_allowed(str(address), []))


@given(number=st.integers(0, 2**128 - 1))
def test_tunnels_that_carry_other_addresses_are_not_public(number: int) -> None:
    for network in map(IPv6Network, ("2002::/16", "2001::/32", "64:ff9b:1::/48")):
        inside = IPv6Address(int(network.network_address) | (number & int(network.hostmask)))
        assert not is_allowed(str(inside), [])


@given(text=st.text(max_size=50))
def test_what_is_no_address_is_not_allowed(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        assert not is_allowed(text, EVERYTHING)


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "localhost",
    "::1",
    "::ffff:127.0.0.1",
    "fe80::1%lo",
    "169.254.169.254",
    "0xa9fea9fe",
    "10.1.2.3",
    "0x0a010203",
    "192.168.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_however_a_host_is_written_the_resolver_refuses_it(host: str) -> None:
    with pytest.raises(AddressRefused):
        await Resolver([])(host, 80)


async def test_a_listed_network_is_led_into() -> None:
    assert await Resolver(parse_networks(["10.0.0.0/8"]))("0x0a010203", 80) == ["10.1.2.3"]


@pytest.mark.parametrize("host", ["", "a" * 64 + ".example", "..", "nobody.invalid"])
async def test_what_is_no_host_has_no_address(host: str) -> None:
    async with asyncio.timeout(120):
        with pytest.raises((OSError, AddressRefused)):
            await Resolver([])(host, 80)
