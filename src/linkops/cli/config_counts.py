"""A push in numbers."""

from linkops.cli.output import Row

_UNDER_WAY = frozenset({"PENDING", "SENT", "OFFLINE"})


def counts(push: Row) -> str:
    """Return the devices by status, without those of which there are none."""
    return "  ".join(f"{status} {count:,}" for status, count in push["counts"].items() if count)


def done(push: Row) -> int:
    """Return how many devices have a result."""
    return sum(count for status, count in push["counts"].items() if status not in _UNDER_WAY)
