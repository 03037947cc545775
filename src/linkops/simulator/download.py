"""Downloads a package file over HTTP/1.1: one connection a file, the body in pieces, from any offset (Range)."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import SplitResult, urlsplit

import h11

_PIECE_BYTES = 64 * 1024
_SILENCE_S = 60.0


class DownloadFailed(Exception):  # noqa: N818 - says what is the case
    """The connection was not made, or ended before the file did; trying again may help."""


class GivenUp(DownloadFailed):
    """Trying again does not help."""


class LinkRefused(GivenUp):
    """The server answered that there is no such file, or not for this link."""


async def download(url: str, offset: int, tls: ssl.SSLContext | None, bytes_per_s: int | None) -> AsyncGenerator[bytes]:
    """Yield the file at ``url`` from byte ``offset`` on, no faster than ``bytes_per_s``.

    Raises:
        LinkRefused: when the server answers with an error.
        DownloadFailed: when there is no connection, or it breaks.
    """
    address = urlsplit(url)
    async with _connection(address, tls) as (reader, writer):
        peer = h11.Connection(h11.CLIENT)
        writer.write(peer.send(_request(address, offset)) or b"")
        writer.write(peer.send(h11.EndOfMessage()) or b"")
        piece_bytes = min(_PIECE_BYTES, max(1, bytes_per_s // 5)) if bytes_per_s else _PIECE_BYTES
        while True:
            event = peer.next_event()
            if event is h11.NEED_DATA:
                async with asyncio.timeout(_SILENCE_S):
                    peer.receive_data(await reader.read(piece_bytes))
            elif isinstance(event, h11.Response):
                _check(event, offset)
            elif isinstance(event, h11.Data):
                yield bytes(event.data)
                if bytes_per_s:
                    await asyncio.sleep(len(event.data) / bytes_per_s)
            elif isinstance(event, h11.EndOfMessage):
                return


@asynccontextmanager
async def _connection(
    address: SplitResult, tls: ssl.SSLContext | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    secure = address.scheme == "https"
    try:
        reader, writer = await asyncio.open_connection(
            address.hostname, address.port or (443 if secure else 80), ssl=tls if secure else None
        )
    except OSError as error:
        raise DownloadFailed(f"no connection: {error}") from error
    try:
        yield reader, writer
    except (OSError, TimeoutError, h11.RemoteProtocolError) as error:
        raise DownloadFailed(f"broken off: {error}") from error
    finally:
        # A device that has its bytes does not wait for a goodbye; neither do ten thousand of them.
        writer.transport.abort()


def _request(address: SplitResult, offset: int) -> h11.Request:
    target = address.path + (f"?{address.query}" if address.query else "")
    headers = [("Host", address.netloc), ("Connection", "close")]
    if offset:
        headers.append(("Range", f"bytes={offset}-"))
    return h11.Request(method="GET", target=target, headers=headers)


def _check(response: h11.Response, offset: int) -> None:
    wanted = 206 if offset else 200
    if response.status_code != wanted:
        raise LinkRefused(f"HTTP {response.status_code}")
