"""Downloads as device SDKs do them: raw bytes on a socket."""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client import CollectorRegistry

from linkops.api.downloads import package_files
from linkops.api.files import Files
from linkops.api.listening import HttpListener, listen
from linkops.api.metrics import Metrics
from linkops.blobs import Blobs, open_blobs
from linkops.errors import Forbidden, NotFound
from linkops.ota.model import Download

CONTENT = random.Random(7).randbytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Answer(NamedTuple):
    """An HTTP answer, its headers in the case in which they came."""

    status: int
    headers: dict[str, str]
    body: bytes


class Site(NamedTuple):
    """Where files are served, and from which folder."""

    port: int
    blobs: Blobs
    blob_key: str

    async def ask(self, path: str = "/files/good", method: str = "GET", **headers: str) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        raw = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        head, _, body = raw.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        return Answer(int(status.split()[1]), dict(field.split(": ", 1) for field in fields), body)


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 100_000):
        yield content[at : at + 100_000]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Serves `CONTENT` at /files/good, nothing at /files/empty, and refuses others as links are refused."""
    blobs = open_blobs(None, tmp_path / "files")
    stored = await blobs.put(chunks(CONTENT), 10**7)
    empty = await blobs.put(chunks(b""), 10)
    downloads = {
        "good": Download(1, stored.key, "f.bin", len(CONTENT), stored.md5, stored.sha256),
        "empty": Download(1, empty.key, "e.bin", 0, empty.md5, empty.sha256),
        "lost": Download(1, "aa/nowhere", "f.bin", 5, "", ""),
    }

    async def open_download(token: str) -> Download:
        if token == "old":
            raise Forbidden("link.expired")
        if token == "gone":
            raise NotFound("package.not_found")
        if token not in downloads:
            raise Forbidden("link.invalid")
        return downloads[token]

    listener = HttpListener(
        Files(package_files(open_download, blobs), blobs, Metrics(CollectorRegistry())), listen("127.0.0.1", 0)
    )
    _, port = await listener.start()
    yield Site(port, blobs, stored.key)
    await listener.stop()


async def test_a_whole_file_comes_with_the_headers_that_old_sdks_read(site: Site) -> None:
    answer = await site.ask(Accept_Encoding="gzip, deflate")
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["ETag"] == f'"{SHA256}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert not {"transfer-encoding", "content-encoding"} & {name.lower() for name in answer.headers}


async def test_a_get_may_announce_an_empty_body(site: Site) -> None:
    assert (await site.ask(Content_Length="0")).body == CONTENT


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-", 0, 2_999_999),
        ("bytes=0-0", 0, 0),
        ("bytes=1048576-", 1_048_576, 2_999_999),
        ("bytes=100-150000", 100, 150_000),
        ("bytes=2999999-9999999", 2_999_999, 2_999_999),
        ("bytes=-1", 2_999_999, 2_999_999),
        ("bytes=-9999999", 0, 2_999_999),
        ("Bytes = 5-9", 5, 9),
    ],
)
async def test_a_range(site: Site, wanted: str, first: int, last: int) -> None:
    answer = await site.ask(Range=wanted)
    assert answer.status == 206
    assert answer.body == CONTENT[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.headers["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("wanted", ["bytes=3000000-", "bytes=9999999-99999999", "bytes=-0"])
async def test_a_range_outside_the_file(site: Site, wanted: str) -> None:
    answer = await site.ask(Range=wanted)
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    assert b"<Code>InvalidRange</Code>" in answer.body


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,5-6",
        "bytes=" + "0-," * 10_000,
        "items=0-5",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=-",
        "0-5",
        "bytes=" + "9" * 30 + "-",
    ],
)
async def test_what_is_not_one_range_means_the_whole_file(site: Site, wanted: str) -> None:
    answer = await site.ask(Range=wanted)
    assert (answer.status, len(answer.body)) == (200, len(CONTENT))


async def test_a_download_is_resumed_only_of_the_same_file(site: Site) -> None:
    same = await site.ask(Range="bytes=5-", If_Range=f'"{SHA256}"')
    other = await site.ask(Range="bytes=5-", If_Range='"another"')
    assert (same.status, other.status) == (206, 200)
    assert (await site.ask(If_None_Match=f'"{SHA256}"')).status == 304


async def test_resuming_at_every_mebibyte_gives_the_file(site: Site) -> None:
    parts = [await site.ask(Range=f"bytes={at}-{at + 2**20 - 1}") for at in range(0, len(CONTENT), 2**20)]
    assert b"".join(part.body for part in parts) == CONTENT


async def test_head_tells_all_but_the_bytes(site: Site) -> None:
    answer = await site.ask(method="HEAD")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, str(len(CONTENT)), b"")


async def test_an_empty_file(site: Site) -> None:
    answer = await site.ask("/files/empty")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "0", b"")
    assert (await site.ask("/files/empty", Range="bytes=0-")).status == 416


@pytest.mark.parametrize(
    ("token", "status", "code", "message"),
    [
        ("old", 403, b"AccessDenied", b"Request has expired."),
        ("wrong", 403, b"SignatureDoesNotMatch", b""),
        ("..%2f..%2fetc%2fpasswd", 403, b"SignatureDoesNotMatch", b""),
        ("", 403, b"SignatureDoesNotMatch", b""),
        ("gone", 404, b"NoSuchKey", b""),
        ("lost", 404, b"NoSuchKey", b""),
    ],
)
async def test_a_refused_link_is_answered_as_object_stores_do(
    site: Site, token: str, status: int, code: bytes, message: bytes
) -> None:
    answer = await site.ask(f"/files/{token}")
    assert answer.status == status
    assert b"<Code>" + code + b"</Code><Message>" + message in answer.body
    assert answer.headers["Content-Type"] == "application/xml"


async def test_only_reading_is_allowed(site: Site) -> None:
    answer = await site.ask(method="PUT")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_slow_reader_gets_the_whole_file(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=127)
    writer.write(b"GET /files/good HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    received = bytearray()
    while piece := await reader.read(127):
        received += piece
    assert received.endswith(CONTENT)
    writer.close()


async def test_a_file_that_is_deleted_meanwhile_is_not_completed_with_something_else(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1_000)
    writer.write(b"GET /files/good HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await reader.read(100)
    await site.blobs.delete(site.blob_key)
    received = b""
    with contextlib.suppress(ConnectionError):
        received = await asyncio.wait_for(reader.read(), 30)
    assert received == b"" or CONTENT.endswith(received) or CONTENT.startswith(received.partition(b"\r\n\r\n")[2])
    writer.close()
