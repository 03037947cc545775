"""The process that makes one list of revoked certificates: ``python -m …authorities.crl_child``.

Reads its `Order` from standard input and writes PEM to standard output. A long list takes a second of computing that
cannot be shared with other threads, so that devices would wait for it.
"""

import sys

import msgspec

from linkops.devices.certificates.signing import RevokedEntry, load_authority, revocation_list


class Order(msgspec.Struct, frozen=True):
    """What to sign, and with what; certificate and private key in PEM."""

    certificate: str
    private_key: str
    entries: list[RevokedEntry]
    number: int
    now: int


def main() -> None:
    """Carry out the order."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    signer = load_authority(order.certificate, order.private_key)
    sys.stdout.write(revocation_list(signer, order.entries, order.number, order.now))


if __name__ == "__main__":
    main()
