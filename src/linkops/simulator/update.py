"""Performs the script of a behaviour: what a device does from an offer to its end."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from linkops.alink.firmware import DOWNLOAD_FAILED, VERIFY_FAILED
from linkops.simulator.behaviour import Act, Behaviour, Drop, Fail, Fetch, Hang, Install
from linkops.simulator.blocks import Block, download_blocks
from linkops.simulator.download import DownloadFailed, GivenUp, download
from linkops.simulator.image import Image, Part
from linkops.simulator.limits import Limits
from linkops.simulator.pace import Pace
from linkops.simulator.publisher import Publisher
from linkops.simulator.wire import Offer

_TRIES = 6
_COMPLETE = 100
OVER_MQTT = "mqtt"
"""The ``dProtocol`` of a file that is read by blocks."""


class Body(Protocol):
    """What an update needs of its device."""

    async def settled(self) -> None:
        """Return when the device is connected and its versions are acknowledged."""

    async def progress(self, module: str, step: int, desc: str) -> bool:
        """Send a progress report and return whether the server acknowledged it."""

    async def ask_block(self, offer: Offer, offset: int, size: int) -> Block | None:
        """Return the reply to one block request; None when none came in time."""

    def disturb_blocks(self, *, on: bool) -> None:
        """Let some blocks be lost or broken on their way from now on, or none."""

    def received(self, size_bytes: int) -> None:
        """Note what was downloaded."""

    def restart(self, module: str, version: str) -> None:
        """Go offline and come back with ``version``."""

    def drop(self) -> None:
        """Lose the connection."""


class Update:
    """One update of one device; `perform` returns its outcome."""

    def __init__(
        self,
        body: Body,
        offer: Offer,
        *,
        behaviour: Behaviour,
        pace: Pace,
        limits: Limits,
        tls: ssl.SSLContext | None,
        publisher: Publisher | None = None,
    ) -> None:
        """``publisher``: whose signature every file must carry; None: signatures are not looked at."""
        self._body = body
        self._offer = offer
        self._script = behaviour.script
        self._pace = pace
        self._limits = limits
        self._tls = tls
        self._image = Image(offer, publisher)

    async def perform(self) -> str:
        """Act the script out and return the outcome: ``succeeded``, ``failed:-2``, ``hanging`` or ``wrong-version``."""
        try:
            for act in self._script:
                outcome = await self._act(act)
                if outcome:
                    return outcome
        except DownloadFailed as error:
            return await self._fail(DOWNLOAD_FAILED, str(error))
        return "hanging"

    async def _act(self, act: Act) -> str:
        match act:
            case Fetch():
                await self._fetch(act)
            case Fail(step):
                return await self._fail(step, "as asked of the simulator")
            case Hang():
                return "hanging"
            case Drop():
                self._body.drop()
                await self._body.settled()
            case Install(wrong_version):
                return await self._install(wrong_version=wrong_version)
        return ""

    async def _fetch(self, act: Fetch) -> None:
        if not self._image.size_bytes:
            await self._body.progress(self._offer.module, 0, "")
        for attempt in range(_TRIES):
            try:
                async with self._limits.downloads:
                    await self._fetch_files(act)
                    return
            except GivenUp:
                raise
            except DownloadFailed:
                if attempt == _TRIES - 1:
                    raise
            await asyncio.sleep(self._pace.reconnect_after_s(attempt))

    async def _fetch_files(self, act: Fetch) -> None:
        spoiled = act.spoiled
        while (wanted := self._image.missing_until(act.until_percent)) > 0:
            part = self._image.filling
            await self._fetch_file(part, min(wanted, part.missing), act, spoiled=spoiled)
            spoiled = False

    async def _fetch_file(self, part: Part, missing: int, act: Fetch, *, spoiled: bool) -> None:
        async with aclosing(self._pieces(part, act)) as pieces:
            async for whole_piece in pieces:
                piece = whole_piece[:missing]
                await self._take(_spoil(piece) if spoiled else piece, act.until_percent)
                spoiled = False
                missing -= len(piece)
                if missing <= 0:
                    return
        raise DownloadFailed(f"the file ended {missing} bytes early")

    def _pieces(self, part: Part, act: Fetch) -> AsyncGenerator[bytes]:
        at, bytes_per_s = part.size_bytes, act.bytes_per_s or self._pace.bytes_per_s
        self._body.disturb_blocks(on=act.disturbed)
        if self._offer.d_protocol == OVER_MQTT:
            return download_blocks(self._body, self._offer, at, self._pace.block_bytes, bytes_per_s)
        return download(part.promised.file_url, at, self._tls, bytes_per_s)

    async def _take(self, piece: bytes, until_percent: int) -> None:
        before = self._image.percent // self._pace.progress_percent
        self._image.add(piece)
        self._body.received(len(piece))
        percent = self._image.percent
        if percent // self._pace.progress_percent > before and percent < _COMPLETE and percent < until_percent:
            await self._body.progress(self._offer.module, percent, "")

    async def _install(self, *, wrong_version: bool) -> str:
        fault = self._image.fault()
        if fault:
            return await self._fail(VERIFY_FAILED, fault)
        await self._body.progress(self._offer.module, _COMPLETE, "")
        await asyncio.sleep(self._pace.spread(self._pace.install_s))
        version = f"{self._offer.version}-wrong" if wrong_version else self._offer.version
        self._body.restart(self._offer.module, version)
        await self._body.settled()
        return "wrong-version" if wrong_version else "succeeded"

    async def _fail(self, step: int, why: str) -> str:
        await self._body.settled()
        while not await self._body.progress(self._offer.module, step, why):
            await self._body.settled()
        return f"failed:{step}"


def _spoil(piece: bytes) -> bytes:
    return bytes([piece[0] ^ 1]) + piece[1:]
