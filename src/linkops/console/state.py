"""What all pages of the console share. The UI toolkit is one per process, and so is this."""

from dataclasses import dataclass

from linkops.clock import Clock
from linkops.services import Services
from linkops.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """Services, settings and the clock."""

    services: Services
    settings: Settings
    clock: Clock


_shared: list[Shared] = []


def install(shared: Shared | None) -> None:
    """Let pages use these from now on; None: the console is closed."""
    _shared[:] = [] if shared is None else [shared]


def console() -> Shared:
    """Return what pages share.

    Raises:
        RuntimeError: the console is not open.
    """
    if not _shared:
        raise RuntimeError("the console is not open")
    return _shared[0]
