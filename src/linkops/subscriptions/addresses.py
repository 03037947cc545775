"""Which addresses a webhook may be at: public ones, and private ones in networks that the operator lists.

The judge sees addresses after the name was resolved, so that it does not matter how somebody wrote them.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

# Never, whatever is listed: this machine, and what only neighbours on a cable (and metadata services) answer on.
_NEVER: tuple[Network, ...] = tuple(
    map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"))
) + tuple(map(ip_network, ("::/127", "fe80::/10", "ff00::/8")))
# What the IANA registries of special addresses (RFC 6890) say is not globally reachable.
_SPECIAL_V4 = [
    IPv4Network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    )
]
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = [IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_LOW_32_BITS = 2**32 - 1


class AddressRefused(Exception):  # noqa: N818 - says what is the case
    """A name leads where no webhook may be."""


def parse_networks(written: Iterable[str]) -> list[Network]:
    """Return the networks that a setting lists.

    Raises:
        ValueError: when one is none.
    """
    return [ip_network(network) for network in written]


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether a webhook may be at ``address`` (IPv4 or IPv6, as a resolver writes it)."""
    try:
        parsed = _plain(ip_address(address))
    except ValueError:
        return False
    if any(parsed in network for network in _NEVER):
        return False
    return _is_global(parsed) or any(parsed in network for network in allowed)


def _plain(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address carries, otherwise the address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & _LOW_32_BITS)
    # A zone (fe80::1%eth0) says nothing about the network.
    return IPv6Address(int(address))


def _is_global(address: _Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)
