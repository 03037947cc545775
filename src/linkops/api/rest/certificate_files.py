"""Certificates for many devices at once, as one file that is written while they are issued."""

import csv
import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from enum import StrEnum
from itertools import count
from typing import Any, Protocol

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from linkops.api.auth import Operator
from linkops.api.rest.certificates import ValidDays
from linkops.api.rest.devices import Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.certificates.issuing.many import MAX_MANY, Wanted
from linkops.devices.certificates.model import Issued, KeyKind
from linkops.texts.spreadsheets import CSV, lines

router = APIRouter(prefix="/api/v1", tags=["certificates"])
ZIP = "application/zip"
_COLUMNS = ("device_name", "serial", "not_after_at", "certificate", "private_key")
_INDEX = ("device_name", "serial", "not_after_at", "certificate_file", "private_key_file")
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The certificates and their private keys.",
        "content": {kind: {"schema": {"type": "string"}} for kind in (ZIP, CSV)},
    }
}


class Form(StrEnum):
    """What the file is."""

    ZIP = "zip"
    CSV = "csv"


class CertificatesToIssue(BaseModel):
    """Which devices get certificates, with keys that are made here."""

    device_names: list[Word] | None = Field(
        None, max_length=MAX_MANY, description="Null: devices without a valid certificate, the first registered first."
    )
    most: int = Field(1_000, ge=1, le=MAX_MANY, description="Of those, where no names are given.")
    key: KeyKind = KeyKind.EC
    valid_days: ValidDays = None
    form: Form = Form.ZIP


@router.post("/products/{product_key}/certificates/issue", response_class=Response, responses=_ANSWERS)
async def issue_certificates(
    product_key: ProductKey, new: CertificatesToIssue, actor: Operator, services: Called
) -> Response:
    """Issue certificates for many devices and download them with their private keys, which are kept nowhere.

    A ZIP holds files with numbers as names, `ca.pem`, and at its end `index.csv`, which says whose they are. A CSV has
    a line a device. An answer that breaks off has issued what it holds: send the names that are missing again.
    """
    wanted = Wanted(new.device_names, new.most, new.key, new.valid_days)
    parts = services.x509.many.issue(actor, product_key, wanted)
    first: list[Issued] = await anext(parts, [])  # what refuses the whole call does so before the answer begins
    file: _File = _Zip() if new.form is Form.ZIP else _Csv()
    headers = {"Content-Disposition": f'attachment; filename="certificates.{new.form.value}"'}
    return StreamingResponse(_pieces(file, first, parts), media_type=file.media_type, headers=headers)


async def _pieces(
    file: "_File", first: list[Issued], parts: AsyncGenerator[list[Issued], None]
) -> AsyncIterator[bytes]:
    async with aclosing(parts):  # a client that went away must not hold a turn
        yield file.begin() + file.add(first)
        async for part in parts:
            yield file.add(part)
        yield file.end()


class _File(Protocol):
    media_type: str

    def begin(self) -> bytes: ...

    def add(self, issued: Iterable[Issued]) -> bytes: ...

    def end(self) -> bytes: ...


class _Csv:
    media_type = f"{CSV}; charset=utf-8"

    def begin(self) -> bytes:
        return lines([_COLUMNS])

    def add(self, issued: Iterable[Issued]) -> bytes:
        # Names are not made neutral as elsewhere: programs read this file, and put the names into devices.
        return _written([each.key.device_name, *_said(each), each.certificate, each.private_key] for each in issued)

    def end(self) -> bytes:
        return b""


class _Zip:
    """Written to a buffer that is emptied after each part; names of devices are never names of files."""

    media_type = ZIP

    def __init__(self) -> None:
        self._out = _Sink()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._index: list[list[object]] = [list(_INDEX)]
        self._numbers = count(1)

    def begin(self) -> bytes:
        return b""

    def add(self, issued: Iterable[Issued]) -> bytes:
        for each in issued:
            number = next(self._numbers)
            if number == 1:
                self._zip.writestr("ca.pem", each.authority)
            certificate, key = f"{number:06}.crt.pem", f"{number:06}.key.pem"
            self._zip.writestr(certificate, each.certificate)
            self._zip.writestr(key, each.private_key or "")
            self._index.append([each.key.device_name, *_said(each), certificate, key])
        return self._out.taken()

    def end(self) -> bytes:
        self._zip.writestr("index.csv", _written(self._index))
        self._zip.close()
        return self._out.taken()


class _Sink(io.RawIOBase):
    """A file that cannot be rewound, of which the ZIP then says sizes behind each member."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = bytes(data)
        self._written += written
        return len(written)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


def _said(issued: Issued) -> tuple[object, object]:
    return issued.serial, issued.not_after_at


def _written(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
