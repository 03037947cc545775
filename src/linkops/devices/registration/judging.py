"""May this device come to a secret? Signatures first: only who knows the product's secret hears more of a device."""

import hmac
from collections.abc import Mapping

from linkops.alink.registration import RegistrationFault
from linkops.devices.model import AuthType, NodeType
from linkops.devices.registration.model import MAX_TOKENS, Candidate, Proof, Registration, Way

_NOT_SIGNED = frozenset({"sign", "signMethod"})


def signed_text(parameters: Mapping[str, str]) -> str:
    """Return what is signed: all but ``sign`` and ``signMethod``, each as name and value, in the order of the names.

    >>> signed_text({"random": "r1", "deviceName": "pump-1", "sign": "…", "productKey": "pk"})
    'deviceNamepump-1productKeypkrandomr1'
    """
    return "".join(f"{name}{parameters[name]}" for name in sorted(parameters.keys() - _NOT_SIGNED))


def proves(proof: Proof, product_secret: str) -> bool:
    """Return whether the product's secret signed this."""
    expected = hmac.digest(product_secret.encode(), proof.text.encode(), proof.digest).hex().encode()
    return hmac.compare_digest(expected, proof.sign.lower())


def fault_of(wanted: Registration, found: Candidate | None, product_secret: str) -> RegistrationFault | None:
    """Return why a device may not register, None if it may (docs/protocol/device-protocol.md#registration).

    Args:
        wanted: what it asks for.
        found: what is known of it; None: not even the product.
        product_secret: of that product, '' if there is none.
    """
    if found is None:
        return RegistrationFault.NO_PRODUCT if wanted.proof else RegistrationFault.NO_SUB_PRODUCT
    if wanted.proof is not None and not proves(wanted.proof, product_secret):
        return RegistrationFault.WRONG_SIGNATURE
    if not found.registration or found.auth_type is not AuthType.SECRET:
        return RegistrationFault.OFF
    if wanted.way is Way.UNLISTED and found.listed_only:
        return RegistrationFault.OFF
    if wanted.way is Way.GATEWAY and found.node_type is not NodeType.SUBDEVICE:
        return RegistrationFault.BAD_PARAMETERS
    return _fault_of_device(wanted, found)


def _fault_of_device(wanted: Registration, found: Candidate) -> RegistrationFault | None:
    if found.device_id is None:
        return None if wanted.way is Way.UNLISTED else RegistrationFault.NO_DEVICE
    if not found.enabled:
        return RegistrationFault.DISABLED
    if wanted.gateway_id is not None and found.gateway_id not in {None, wanted.gateway_id}:
        return RegistrationFault.BOUND_ELSEWHERE
    return None if _is_free(wanted, found) else RegistrationFault.ACTIVE


def _is_free(wanted: Registration, found: Candidate) -> bool:
    """Whether nobody is locked out by this; devices that log in by tokens may be a few under one name."""
    if found.activated_at is None or found.starts_over:
        return True
    return wanted.way is Way.UNLISTED and 0 < found.tokens_used < MAX_TOKENS
