"""May a gateway have these sub-devices? A message is taken whole or not at all: the first wrong entry refuses it."""

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from linkops.alink.messages import Named
from linkops.alink.topology import Addition, TopologyFault
from linkops.devices.credentials import digest_of
from linkops.devices.model import AuthType, DeviceKey, NodeType
from linkops.devices.names import is_device_name, is_product_key
from linkops.devices.topology.model import Candidate

_NO_SECRET = "0" * 32


class Refused(NamedTuple):
    """Why a message changed nothing; ``entry`` is the first of its params that is wrong, None: it is about all."""

    fault: TopologyFault
    entry: int | None = None


class Asking(NamedTuple):
    """A gateway that asks: how many sub-devices it has, and how many it may have."""

    device_id: int
    key: DeviceKey
    held: int
    most: int


def refusal_to_add(
    asking: Asking,
    additions: Sequence[Addition],
    candidates: Mapping[Named, Candidate],
    open_secret: Callable[[str], str],
) -> Refused | None:
    """Return why these may not all be added, None if they may; those that the gateway has already may be.

    Args:
        asking: the gateway.
        additions: what it wants, with proofs.
        candidates: those of them that exist.
        open_secret: opens what `Candidate` has sealed.
    """
    for entry, addition in enumerate(additions):
        fault = _fault_of(asking, addition, candidates.get(addition.named), open_secret)
        if fault is not None:
            return Refused(fault, entry)
    new = sum(candidates[each.named].gateway_id != asking.device_id for each in additions)
    return Refused(TopologyFault.TOO_MANY) if new and asking.held + new > asking.most else None


def _fault_of(
    asking: Asking, addition: Addition, candidate: Candidate | None, open_secret: Callable[[str], str]
) -> TopologyFault | None:
    if DeviceKey(*addition.named) == asking.key:
        return TopologyFault.ITSELF
    digest = digest_of(addition.sign_method or "hmacmd5")
    if digest is None:
        return TopologyFault.BAD_PARAMETERS
    if candidate is None:
        return TopologyFault.UNKNOWN_DEVICE
    secret = open_secret(candidate.secret_sealed) if candidate.auth_type is AuthType.SECRET else None
    if not proves(addition, secret, digest):
        return TopologyFault.WRONG_SIGNATURE
    # Only who knows the secret hears more.
    if candidate.node_type is not NodeType.SUBDEVICE:
        return TopologyFault.BAD_PARAMETERS
    return None if candidate.enabled else TopologyFault.DISABLED


def proves(addition: Addition, secret: str | None, digest: str) -> bool:
    """Return whether the sub-device's secret signed this; with no secret it takes as long and is False.

    Signed are client id, names and timestamp, in the order of their names, those that are absent left out.
    """
    client_id = "" if addition.client_id is None else f"clientId{addition.client_id}"
    timestamp = "" if addition.timestamp is None else f"timestamp{addition.timestamp}"
    product_key, device_name = addition.named
    text = f"{client_id}deviceName{device_name}productKey{product_key}{timestamp}"
    expected = hmac.digest((secret or _NO_SECRET).encode(), text.encode(), digest).hex()
    return hmac.compare_digest(expected.encode(), addition.sign.lower().encode()) and secret is not None


def refusal_to_remove(gateway_id: int, named: Sequence[Named], candidates: Mapping[Named, Candidate]) -> Refused | None:
    """Return why the gateway may not part with these, None if all of them are its own."""
    for entry, each in enumerate(named):
        candidate = candidates.get(each)
        if candidate is None:
            return Refused(TopologyFault.UNKNOWN_DEVICE, entry)
        if candidate.gateway_id != gateway_id:
            return Refused(TopologyFault.NO_RELATION, entry)
    return None


def refusal_of_found(named: Sequence[Named], product_keys: Collection[str]) -> Refused | None:
    """Return why these cannot be devices of the products, which are those of sub-devices; None if they can."""
    for entry, (product_key, device_name) in enumerate(named):
        if product_key not in product_keys:
            return Refused(TopologyFault.UNKNOWN_PRODUCT, entry)
        if not is_device_name(device_name):
            return Refused(TopologyFault.BAD_DEVICE_NAME, entry)
    return None


def possible_keys(named: Sequence[Named]) -> list[Named]:
    """Return those that can be names at all: others are not even looked up."""
    return [each for each in named if is_product_key(each.product_key) and is_device_name(each.device_name)]
