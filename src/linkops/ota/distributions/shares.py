"""The arithmetic of charts: parts of a whole, rates of success, and what is too small for a bar of its own."""

from collections.abc import Sequence

from linkops.ota.distributions.model import Others, Share

TOP = 5
"""How many versions have a bar of their own."""


def fraction(part: int, whole: int) -> float:
    """Return a part of a whole, from 0 to 1; of nothing, every part is 0.

    >>> fraction(1, 4)
    0.25
    """
    return part / whole if whole else 0.0


def rate(part: int, other: int) -> float | None:
    """Return the fraction of ``part`` in both together; None while there is neither.

    >>> rate(3, 1)
    0.75
    """
    return part / (part + other) if part + other else None


def percent(value: float | None) -> str:
    """Return a fraction as people read it, with two decimals; '' for none.

    >>> percent(1 / 11)
    '9.09%'
    """
    return "" if value is None else f"{value:.2%}"


def others(top: Sequence[Share], devices: int, versions: int) -> Others | None:
    """Return what all versions but the ``top`` ones come to; None if there are no more.

    Args:
        top: those with the most devices.
        devices: of all versions.
        versions: how many there are.
    """
    if versions <= len(top):
        return None
    left = devices - sum(each.devices for each in top)
    return Others(versions - len(top), left, fraction(left, devices))
