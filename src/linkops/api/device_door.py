"""What devices reach over HTTP, and nothing else: downloads, registration, bootstrap, and MQTT over WebSocket.

Every listener that devices may use shares one door, since what it limits, it limits for all of them together.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from linkops.api.files import PREFIX as FILES
from linkops.api.mqtt_socket import is_for_mqtt


class DeviceDoor:
    """The app behind the listener that is for devices alone; anything that is not theirs does not exist there."""

    def __init__(self, files: ASGIApp, sockets: ASGIApp, paths: Mapping[str, ASGIApp]) -> None:
        """``paths``: who answers where besides."""
        self._files = files
        self._sockets = sockets
        self._paths = paths

    def app_of(self, scope: Scope) -> ASGIApp | None:
        """Return who answers this request of a device; None when it is not one."""
        if scope["type"] == "websocket":
            return self._sockets if is_for_mqtt(scope) else None
        return self._files if scope["path"].startswith(FILES) else self._paths.get(scope["path"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (self.app_of(scope) or _not_here)(scope, receive, send)


async def _not_here(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 404, in header names that old device SDKs can read."""
    kind = "websocket.http" if scope["type"] == "websocket" else "http"
    await send({"type": f"{kind}.response.start", "status": 404, "headers": [(b"Content-Length", b"0")]})
    await send({"type": f"{kind}.response.body", "body": b""})
