"""Performs the script of a behaviour: what a device does from an offer to its end."""

import asyncio
import ssl
from contextlib import aclosing
from typing import Protocol

from linkops.alink.firmware import DOWNLOAD_FAILED, VERIFY_FAILED
from linkops.simulator.behaviour import Act, Behaviour, Drop, Fail, Fetch, Hang, Install
from linkops.simulator.download import DownloadFailed, LinkRefused, download
from linkops.simulator.image import Image
from linkops.simulator.limits import Limits
from linkops.simulator.pace import Pace
from linkops.simulator.wire import Offer

_TRIES = 6
_COMPLETE = 100


class Body(Protocol):
    """What an update needs of its device."""

    async def settled(self) -> None:
        """Return when the device is connected and its versions are acknowledged."""

    async def progress(self, module: str, step: int, desc: str) -> bool:
        """Send a progress report and return whether the server acknowledged it."""

    def received(self, size_bytes: int) -> None:
        """Note what was downloaded."""

    def restart(self, module: str, version: str) -> None:
        """Go offline and come back with ``version``."""

    def drop(self) -> None:
        """Lose the connection."""


class Update:
    """One update of one device; `perform` returns its outcome."""

    def __init__(
        self, body: Body, offer: Offer, *, behaviour: Behaviour, pace: Pace, limits: Limits, tls: ssl.SSLContext | None
    ) -> None:
        self._body = body
        self._offer = offer
        self._script = behaviour.script
        self._pace = pace
        self._limits = limits
        self._tls = tls
        self._image = Image(offer)

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
                    await self._fetch_once(act)
                    return
            except LinkRefused:
                raise
            except DownloadFailed:
                if attempt == _TRIES - 1:
                    raise
            await asyncio.sleep(self._pace.reconnect_after_s(attempt))

    async def _fetch_once(self, act: Fetch) -> None:
        missing = self._image.missing_until(act.until_percent)
        if missing <= 0:
            return
        spoiled = act.spoiled
        pieces = download(self._offer.url, self._image.size_bytes, self._tls, act.bytes_per_s or self._pace.bytes_per_s)
        async with aclosing(pieces):
            async for whole_piece in pieces:
                piece = whole_piece[:missing]
                await self._take(_spoil(piece) if spoiled else piece, act.until_percent)
                spoiled = False
                missing -= len(piece)
                if missing <= 0:
                    return
        raise DownloadFailed(f"the file ended {missing} bytes early")

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
