"""Whose word about the client's address is believed: only that of proxies that the operator named."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

_LAST_WORDS = 20


class Proxies:
    """Puts the client's real address and scheme into the request when a trusted proxy forwards it.

    Attributes of the request: ``scope["client"]`` and ``scope["scheme"]`` are what the proxy said;
    ``scope["forwarded"]`` is whether anybody, trusted or not, says to have forwarded it.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[str]) -> None:
        self._app = app
        self._trusted = [ip_network(network) for network in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] in {"http", "websocket"}:
            self._resolve(scope)
        await self._app(scope, receive, send)

    def _resolve(self, scope: Scope) -> None:
        said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        schemes = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        scope["forwarded"] = bool(said or schemes)
        client = scope.get("client")
        if client is None or not self._is_trusted(client[0]):
            return
        if said:
            scope["client"] = (self._client(",".join(said), client[0]), 0)
        if schemes and schemes[-1].strip() in {b"http", b"https"}:
            secure = schemes[-1].strip() == b"https"
            scope["scheme"] = scope["scheme"].rstrip("s") + ("s" if secure else "")

    def _client(self, said: str, peer: str) -> str:
        """Return the last address that no trusted proxy answers for: what stands before it anybody may have written."""
        address = peer
        for word in reversed(said.split(",")[-_LAST_WORDS:]):
            named = _without_port(word.strip())
            if named is None:
                return address
            address = named
            if not self._is_trusted(address):
                return address
        return address

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


def _without_port(word: str) -> str | None:
    host = word[1:].partition("]")[0] if word.startswith("[") else word
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ip_address(host))
    except ValueError:
        return None
