"""From a name to the addresses that a webhook is connected to."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from linkops.subscriptions.addresses import AddressRefused, Network, is_allowed

_THREADS = 4
"""Of our own: a name server that does not answer must not take those that others wait for."""


class Resolver:
    """Resolves names and refuses those that lead where no webhook may be."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(_THREADS, "linkops-resolve")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host``, in the order to try them; however it is written, all of them are judged.

        Raises:
            AddressRefused: one of them is where no webhook may be.
            OSError: there are none.
        """
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        except UnicodeError:
            raise OSError("this cannot be the name of a host") from None
        if not all(is_allowed(address, self._allowed) for address in found):
            raise AddressRefused(host)
        return found


def _look_up(host: str, port: int) -> list[str]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in infos))
